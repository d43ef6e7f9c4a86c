package dev.interlock.spring;

import dev.interlock.CircuitOpenException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.util.ReflectionUtils;

/** The methods that answer in place of a guarded one: found once, the one with the nearest exception first. */
final class Fallbacks {
    static final Fallbacks NONE = new Fallbacks(List.of());

    private final List<Fallback> nearestFirst;

    private Fallbacks(List<Fallback> nearestFirst) {
        this.nearestFirst = nearestFirst;
    }

    /**
     * One of them.
     *
     * @param bean gives the bean that has it, null for the guarded one
     * @param withArguments whether it takes the arguments of the guarded method
     * @param exception what it takes after them; null if nothing
     */
    private record Fallback(
            Method method,
            @Nullable Supplier<Object> bean,
            boolean withArguments,
            @Nullable Class<?> exception) {

        /** Without an exception, or with a refusal, it answers refusals by the guard alone. */
        boolean answers(Throwable thrown, boolean refused) {
            return exception == null || exception == CircuitOpenException.class
                    ? refused
                    : exception.isInstance(thrown);
        }

        /** How far the exception is from Throwable; a method for refusals is the nearest to these. */
        int depth() {
            int depth = 0;
            Class<?> from = exception == null ? CircuitOpenException.class : exception;
            for (Class<?> type = from; type != null; type = type.getSuperclass()) {
                depth++;
            }
            return depth;
        }

        @Nullable
        Object answer(@Nullable Object target, @Nullable Object[] arguments, Throwable thrown) throws Throwable {
            List<@Nullable Object> given = new ArrayList<>();
            if (withArguments) {
                for (Object each : arguments) {
                    given.add(each);
                }
            }
            if (exception != null) {
                given.add(thrown);
            }
            try {
                return method.invoke(bean != null ? bean.get() : target, given.toArray());
            } catch (InvocationTargetException failed) {
                throw failed.getTargetException();
            }
        }
    }

    /**
     * The methods of a name that fit.
     *
     * @param bean gives the bean that has them, null for the guarded one
     * @throws IllegalArgumentException saying what fits, and what comes near
     */
    static Fallbacks find(
            Method guarded, Class<?> target, String name, Class<?> owner, @Nullable Supplier<Object> bean) {
        List<Fallback> found = new ArrayList<>();
        List<Method> near = new ArrayList<>();
        ReflectionUtils.doWithMethods(
                owner,
                each -> {
                    Fallback fallback = fallback(guarded, target, each, owner, bean);
                    if (fallback == null) {
                        near.add(each);
                    } else if (found.stream()
                            .noneMatch(other ->
                                    Arrays.equals(other.method().getParameterTypes(), each.getParameterTypes()))) {
                        found.add(fallback);
                    }
                },
                each -> each.getName().equals(name) && !each.isBridge() && !each.equals(guarded));
        if (found.isEmpty()) {
            throw new IllegalArgumentException("fallbackMethod '" + name + "' must be " + wanted(guarded, target, name)
                    + " in " + owner.getSimpleName()
                    + (near.isEmpty()
                            ? ", where no method has this name"
                            : ", where there is only "
                                    + near.stream().map(Fallbacks::text).collect(Collectors.joining(" and "))));
        }
        found.sort(Comparator.comparingInt(Fallback::depth).reversed());
        return new Fallbacks(List.copyOf(found));
    }

    private static @Nullable Fallback fallback(
            Method guarded, Class<?> target, Method method, Class<?> owner, @Nullable Supplier<Object> bean) {
        ResolvableType wanted = ResolvableType.forMethodReturnType(guarded, target);
        ResolvableType returned = ResolvableType.forMethodReturnType(method, owner);
        Class<?> raw = guarded.getReturnType();
        boolean fits = raw == void.class
                ? method.getReturnType() == void.class
                : wanted.isAssignableFrom(returned)
                        || wanted.hasUnresolvableGenerics() && raw.isAssignableFrom(method.getReturnType());
        if (!fits || Modifier.isAbstract(method.getModifiers())) {
            return null;
        }
        Class<?>[] given = method.getParameterTypes();
        int arguments = guarded.getParameterCount();
        boolean thrown = given.length > 0 && Throwable.class.isAssignableFrom(given[given.length - 1]);
        Class<?> exception = null;
        boolean with;
        if (given.length == arguments && takes(guarded, target, method, owner)) {
            with = true;
        } else if (thrown && given.length == arguments + 1 && takes(guarded, target, method, owner)) {
            with = true;
            exception = given[arguments];
        } else if (thrown && given.length == 1) {
            with = false;
            exception = given[0];
        } else if (given.length == 0) {
            with = false;
        } else {
            return null;
        }
        ReflectionUtils.makeAccessible(method);
        return new Fallback(method, bean, with, exception);
    }

    /** Whether it takes the arguments of the guarded method. */
    private static boolean takes(Method guarded, Class<?> target, Method method, Class<?> owner) {
        for (int i = 0; i < guarded.getParameterCount(); i++) {
            Class<?> given =
                    ResolvableType.forMethodParameter(guarded, i, target).resolve(guarded.getParameterTypes()[i]);
            Class<?> taken = ResolvableType.forMethodParameter(method, i, owner).resolve(method.getParameterTypes()[i]);
            if (!taken.isAssignableFrom(given)) {
                return false;
            }
        }
        return true;
    }

    private static String wanted(Method guarded, Class<?> target, String name) {
        List<String> parameters = new ArrayList<>();
        for (int i = 0; i < guarded.getParameterCount(); i++) {
            parameters.add(ResolvableType.forMethodParameter(guarded, i, target)
                    .resolve(guarded.getParameterTypes()[i])
                    .getSimpleName());
        }
        parameters.add("CircuitOpenException");
        return "'" + guarded.getReturnType().getSimpleName() + " " + name + "(" + String.join(", ", parameters)
                + ")', with or without the exception or the parameters before it,";
    }

    private static String text(Method method) {
        return "'" + method.getReturnType().getSimpleName() + " " + method.getName() + "("
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(", "))
                + ")'";
    }

    boolean isEmpty() {
        return nearestFirst.isEmpty();
    }

    /** The methods, for hints of a native image. */
    List<Method> methods() {
        return nearestFirst.stream().map(Fallback::method).toList();
    }

    /** Whether one of them answers. */
    boolean answers(Throwable thrown, boolean refused) {
        return nearestFirst.stream().anyMatch(each -> each.answers(thrown, refused));
    }

    /**
     * The answer in place of a call.
     *
     * @param refused whether the guard itself refused it
     * @throws Throwable what was thrown, if none answers that; else what the fallback threw
     */
    @Nullable
    Object answer(@Nullable Object target, @Nullable Object[] arguments, Throwable thrown, boolean refused)
            throws Throwable {
        for (Fallback each : nearestFirst) {
            if (each.answers(thrown, refused)) {
                return each.answer(target, arguments, thrown);
            }
        }
        throw thrown;
    }
}
