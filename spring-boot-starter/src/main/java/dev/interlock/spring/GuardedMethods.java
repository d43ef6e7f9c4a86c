package dev.interlock.spring;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureClassifier;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Which methods of which classes are guarded, and how: each is looked at once. Safe for use by any thread. */
final class GuardedMethods {
    private final ConfigurableBeanFactory beans;
    private final Supplier<CircuitBreakerManager> circuits;

    /** By class and then by method: a call finds its own without making a key. */
    private final Map<Class<?>, Map<Method, GuardedMethod>> known = new ConcurrentHashMap<>();

    GuardedMethods(ConfigurableBeanFactory beans, Supplier<CircuitBreakerManager> circuits) {
        this.beans = beans;
        this.circuits = circuits;
    }

    /** The annotation of a method, or of its class if it is public; null if there is none. */
    static @Nullable Guarded annotation(Method method, Class<?> target) {
        Method specific = AopUtils.getMostSpecificMethod(method, target);
        Guarded own = AnnotatedElementUtils.findMergedAnnotation(specific, Guarded.class);
        if (own != null
                || !Modifier.isPublic(specific.getModifiers())
                || Modifier.isStatic(specific.getModifiers())
                || specific.isSynthetic()
                || specific.getDeclaringClass() == Object.class) {
            return own;
        }
        return AnnotatedElementUtils.findMergedAnnotation(target, Guarded.class);
    }

    /** @throws InvalidGuardsException if it cannot be guarded so */
    GuardedMethod of(Method method, Class<?> target) {
        Map<Method, GuardedMethod> ofTarget = known.get(target);
        GuardedMethod guarded = ofTarget == null ? null : ofTarget.get(method);
        if (guarded == null) {
            Method specific = AopUtils.getMostSpecificMethod(method, target);
            Guarded annotation = annotation(method, target);
            if (annotation == null) {
                throw new IllegalStateException(method + " is not guarded");
            }
            List<String> problems = new ArrayList<>();
            guarded = read(specific, target, annotation, problems);
            if (guarded == null) {
                throw new InvalidGuardsException(problems);
            }
            known.computeIfAbsent(target, type -> new ConcurrentHashMap<>()).put(method, guarded);
        }
        return guarded;
    }

    /** Whether a class can be looked at: one of a library may name classes that are not there, and then nothing of it is ours. */
    static boolean canBeRead(Class<?> target) {
        try {
            ReflectionUtils.getAllDeclaredMethods(target);
            return true;
        } catch (IllegalStateException | LinkageError incomplete) {
            return false;
        }
    }

    /** The fallbacks of a class, for hints of a native image. */
    List<Method> fallbacks(Class<?> target) {
        List<Method> fallbacks = new ArrayList<>();
        ReflectionUtils.doWithMethods(target, method -> {
            Guarded annotation = annotation(method, target);
            if (annotation != null && !annotation.fallbackMethod().isEmpty()) {
                fallbacks.addAll(of(method, target).fallbacks.methods());
            }
        });
        return fallbacks;
    }

    /** What is wrong with the guarded methods of a class: a sentence each. */
    List<String> problems(Class<?> target) {
        List<String> problems = new ArrayList<>();
        boolean[] any = new boolean[1];
        ReflectionUtils.doWithMethods(
                target,
                method -> {
                    Guarded annotation = annotation(method, target);
                    if (annotation != null) {
                        any[0] = true;
                        seen(method, target, annotation, problems);
                    }
                },
                method -> !method.isBridge() && !method.isSynthetic());
        if (any[0] && Modifier.isFinal(target.getModifiers()) && !Modifier.isInterface(target.getModifiers())) {
            problems.add(0, target.getName() + " is final, so that no proxy can be put around it; let it be open");
        }
        return problems;
    }

    private void seen(Method method, Class<?> target, Guarded annotation, List<String> problems) {
        int modifiers = method.getModifiers();
        if (Modifier.isPrivate(modifiers) || Modifier.isFinal(modifiers) || Modifier.isStatic(modifiers)) {
            problems.add(name(method) + " is "
                    + (Modifier.isPrivate(modifiers) ? "private" : Modifier.isStatic(modifiers) ? "static" : "final")
                    + ", so that no proxy can be put around it; let it be neither private nor static nor final");
        } else {
            read(method, target, annotation, problems);
        }
    }

    /** How a method is guarded; null, with further problems, if it cannot be. */
    private @Nullable GuardedMethod read(Method method, Class<?> target, Guarded annotation, List<String> problems) {
        int before = problems.size();
        Names agent = attempt(method, problems, () -> Names.of(annotation.value(), beans));
        List<Names> dependencies = new ArrayList<>();
        for (String each : annotation.dependingOn()) {
            Names name = attempt(method, problems, () -> Names.of(each, beans));
            if (name != null) {
                dependencies.add(name);
            }
        }
        Shape shape = attempt(method, problems, () -> shape(method));
        Duration timeout = shape == null ? null : attempt(method, problems, () -> timeout(annotation.timeout(), shape));
        Supplier<FailureClassifier> classifier = attempt(method, problems, () -> classifier(annotation.classifier()));
        Fallbacks fallbacks = attempt(method, problems, () -> fallbacks(method, target, annotation.fallbackMethod()));
        return problems.size() > before || agent == null || shape == null || fallbacks == null
                ? null
                : new GuardedMethod(method, agent, dependencies, shape, timeout, classifier, fallbacks, circuits);
    }

    private static <T> @Nullable T attempt(Method method, List<String> problems, Supplier<@Nullable T> part) {
        try {
            return part.get();
        } catch (IllegalArgumentException invalid) {
            problems.add(name(method) + ": " + invalid.getMessage());
            return null;
        }
    }

    private static Shape shape(Method method) {
        Class<?>[] parameters = method.getParameterTypes();
        if (parameters.length > 0
                && parameters[parameters.length - 1].getName().equals("kotlin.coroutines.Continuation")) {
            throw new IllegalArgumentException(
                    "is a suspend function, whose end a guard does not see; let it return CompletableFuture or Mono");
        }
        return Shape.of(method.getReturnType());
    }

    private @Nullable Duration timeout(String written, Shape shape) {
        String text = beans.resolveEmbeddedValue(written);
        if (text == null || text.isBlank()) {
            return null;
        }
        if (!shape.canBeEnded()) {
            throw new IllegalArgumentException("timeout '" + text
                    + "' cannot end what returns a plain value or pieces; give the client a limit, or let it return"
                    + " CompletableFuture, Mono or Flux");
        }
        Duration limit = DurationStyle.detectAndParse(text);
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("timeout must be longer than zero, but was " + text);
        }
        return limit;
    }

    private @Nullable Supplier<FailureClassifier> classifier(String bean) {
        if (bean.isEmpty()) {
            return null;
        }
        if (!beans.containsBean(bean) || !beans.isTypeMatch(bean, FailureClassifier.class)) {
            throw new IllegalArgumentException(
                    "classifier '" + bean + "' must be the name of a bean of type FailureClassifier");
        }
        return () -> beans.getBean(bean, FailureClassifier.class);
    }

    private Fallbacks fallbacks(Method method, Class<?> target, String written) {
        if (written.isEmpty()) {
            return Fallbacks.NONE;
        }
        int colons = written.indexOf("::");
        if (colons < 0) {
            return Fallbacks.find(method, target, written, target, null);
        }
        String bean = written.substring(0, colons);
        Class<?> owner = beans.containsBean(bean) ? beans.getType(bean) : null;
        if (owner == null) {
            throw new IllegalArgumentException("fallbackMethod '" + written + "': there is no bean '" + bean + "'");
        }
        return Fallbacks.find(
                method,
                target,
                written.substring(colons + 2),
                ClassUtils.getUserClass(owner),
                () -> beans.getBean(bean));
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }
}
