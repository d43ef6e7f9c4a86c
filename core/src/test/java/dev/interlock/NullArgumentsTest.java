package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each public method of what callers hold refuses a null that it does not allow, at once: nothing is counted or taken. */
class NullArgumentsTest {
    @TestFactory
    Stream<DynamicTest> each_argument_that_may_not_be_null_is_refused() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Class<?> type : List.of(
                CircuitBreakerManager.class,
                ManagerBuilder.class,
                CircuitBreakerConfig.class,
                ConfigBuilder.class,
                CircuitBreaker.class,
                Guard.class,
                FallbackGuard.class,
                FallbackGuard.Async.class,
                RetryGuard.class,
                Retry.class,
                StreamLimits.class,
                StreamPermit.class,
                Permit.class,
                CallChain.class,
                FailureClassifier.class,
                Outcome.class,
                CircuitId.class,
                Gates.class,
                Gate.class,
                ManualOverride.class)) {
            for (Method method : type.getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic() && !isEquals(method)) {
                    IntStream.range(0, method.getParameterCount())
                            .filter(i -> isNeeded(method, i))
                            .forEach(i -> tests.add(DynamicTest.dynamicTest(
                                    type.getSimpleName() + "." + name(method) + ", " + i, () -> refused(method, i))));
                }
            }
        }
        return tests.stream();
    }

    private static boolean isEquals(Method method) {
        return method.getName().equals("equals");
    }

    private static String name(Method method) {
        return method.toGenericString().replaceAll("[a-z]+\\.(?=[a-zA-Z])", "");
    }

    private static boolean isNeeded(Method method, int i) {
        AnnotatedType type = method.getAnnotatedParameterTypes()[i];
        return !method.getParameterTypes()[i].isPrimitive()
                && !type.isAnnotationPresent(Nullable.class)
                && !(type instanceof AnnotatedTypeVariable);
    }

    private static void refused(Method method, int missing) throws ReflectiveOperationException {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            Samples samples = new Samples(circuits);
            Object of = Modifier.isStatic(method.getModifiers()) ? null : samples.of(method.getDeclaringClass());
            Object[] arguments = new Object[method.getParameterCount()];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = i == missing ? null : samples.of(method.getParameterTypes()[i]);
            }
            try {
                method.setAccessible(true);
                Object returned = method.invoke(of, arguments);
                throw new AssertionError(name(method) + ", " + missing + ": it took null, and returned " + returned);
            } catch (InvocationTargetException thrown) {
                assertThat(thrown.getCause())
                        .as(name(method) + ", " + missing)
                        .isInstanceOf(NullPointerException.class);
            }
            if (of instanceof Permit permit) {
                assertThat(permit.isSettled()).isFalse();
            }
            assertThat(circuits.getOrCreate("agent").snapshot().figures().calls())
                    .as("nothing was counted")
                    .isZero();
        }
    }

    /** A good value of each type. */
    private record Samples(CircuitBreakerManager circuits) {
        Object of(Class<?> type) {
            Guard guard = circuits.guard("agent");
            if (type.isEnum()) {
                return type.getEnumConstants()[0];
            }
            return switch (type.getSimpleName()) {
                case "CircuitBreakerManager" -> circuits;
                case "ManagerBuilder" -> CircuitBreakerManager.builder();
                case "ConfigBuilder" -> CircuitBreakerConfig.builder();
                case "CircuitBreakerConfig" -> CircuitBreakerConfig.defaults();
                case "CircuitBreaker" -> circuits.getOrCreate("agent");
                case "Guard" -> guard;
                case "FallbackGuard" -> guard.withFallback(failed -> "instead");
                case "Async" -> guard.withAsyncFallback(failed -> CompletableFuture.completedFuture("instead"));
                case "RetryGuard" -> guard.withRetry(Retry.upTo(2));
                case "Retry" -> Retry.upTo(2);
                case "RetryBudget" -> new RetryBudget();
                case "StreamLimits" -> StreamLimits.none();
                case "StreamPermit" -> guard.stream(StreamLimits.none());
                case "Permit" -> guard.acquire();
                case "CallChain" -> Permit.current();
                case "FailureClassifier" -> FailureClassifier.standard();
                case "Outcome" -> Outcome.failure(FailureKind.TIMEOUT);
                case "CircuitId" -> CircuitId.of("agent");
                case "Gates" -> circuits.gates();
                case "Gate" -> Gate.ofAgents("default", "a*", "ada");
                case "ManualOverride" -> ManualOverride.of(OverrideAction.OPEN, "ada");
                case "InnerCalls" -> InnerCalls.NONE;
                case "String" -> "agent";
                case "String[]" -> new String[] {"model:a"};
                case "Object" -> "object";
                case "Class" -> Runnable.class;
                case "int", "Integer" -> 500;
                case "long", "Long" -> 1L;
                case "long[]" -> new long[] {1};
                case "double", "Double" -> 0.5;
                case "boolean", "Boolean" -> true;
                case "Duration" -> Duration.ofSeconds(1);
                case "Instant" -> Instant.EPOCH;
                case "Locale" -> Locale.ROOT;
                case "List" -> List.of();
                case "Map" -> Map.of();
                case "Throwable", "Exception" -> new IllegalStateException("sample");
                case "Probe" -> (Probe) id -> true;
                case "Reading" -> (RetryGuard.Reading<String, RuntimeException>) permit -> "read";
                case "ToIntFunction" -> (ToIntFunction<Object>) any -> 500;
                case "Runnable" -> (Runnable) () -> {};
                case "Supplier" -> (Supplier<CompletionStage<String>>) () -> CompletableFuture.completedFuture("x");
                case "Function" -> (Function<Object, Object>) same -> same;
                case "Consumer" -> (Consumer<Object>) ignored -> {};
                case "Work" -> (Work<String, RuntimeException>) () -> "work";
                case "Action" -> (Work.Action<RuntimeException>) () -> {};
                default -> throw new IllegalArgumentException("No sample of " + type);
            };
        }
    }
}
