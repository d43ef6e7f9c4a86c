package dev.interlock.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.netflix.hystrix.HystrixCommand;
import com.netflix.hystrix.HystrixCommandGroupKey;
import com.netflix.hystrix.HystrixCommandProperties;
import com.netflix.hystrix.HystrixCommandProperties.ExecutionIsolationStrategy;
import dev.failsafe.CircuitBreakerOpenException;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Treatment;
import dev.interlock.Window;
import dev.interlock.settings.PolicySettings;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What docs/coming-from shows side by side: theirs and ours open at the same failure. */
class ComingFromSnippetsTest {
    private final AtomicInteger calls = new AtomicInteger();
    private boolean down = true;

    private String ask(String prompt) throws IOException {
        calls.incrementAndGet();
        if (down) {
            throw new IOException("down");
        }
        return "a plan for " + prompt;
    }

    // tag::resilience4j-theirs[]
    static CircuitBreaker theirs() {
        var config = io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.custom()
                .failureRateThreshold(50) // percent
                .slidingWindowSize(20)
                .minimumNumberOfCalls(10)
                .waitDurationInOpenState(Duration.ofSeconds(60))
                .permittedNumberOfCallsInHalfOpenState(3)
                .ignoreExceptions(IllegalArgumentException.class)
                .build();
        return CircuitBreakerRegistry.of(config).circuitBreaker("planner");
    }
    // end::resilience4j-theirs[]

    // tag::resilience4j-ours[]
    static Guard ours(CircuitBreakerManager circuits) {
        CircuitBreakerConfig policy = CircuitBreakerConfig.builder()
                .failureThreshold(null) // Resilience4j has no streak
                .failureRateThreshold(0.5) // a fraction
                .window(Window.ofCalls(20))
                .minRequestsForRate(10)
                .cooldown(Duration.ofSeconds(60))
                .halfOpenMaxRequests(3)
                .failureKind(FailureKind.INVALID_REQUEST, Treatment.IGNORE)
                .build();
        circuits.putPolicy("planner", policy);
        return circuits.guard("planner");
    }
    // end::resilience4j-ours[]

    @Test
    void resilience4j() throws Exception {
        CircuitBreaker breaker = theirs();
        // tag::resilience4j-their-call[]
        Callable<String> theirs = () -> breaker.executeCallable(() -> ask("a trip"));
        // end::resilience4j-their-call[]
        assertThat(callsUntilRefused(theirs, CallNotPermittedException.class)).isEqualTo(10);

        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            Guard planner = ours(circuits);
            // tag::resilience4j-our-call[]
            Callable<String> ours = () -> planner.call(() -> ask("a trip"));
            // end::resilience4j-our-call[]
            assertThat(callsUntilRefused(ours, CircuitOpenException.class)).isEqualTo(10);

            // tag::resilience4j-their-hold[]
            breaker.transitionToForcedOpenState();
            // end::resilience4j-their-hold[]
            // tag::resilience4j-our-hold[]
            circuits.override(
                    planner.id(),
                    ManualOverride.of(OverrideAction.HOLD_OPEN, "ada").because("maintenance"));
            // end::resilience4j-our-hold[]
            assertThat(circuits.snapshot(planner.id()).hold()).isNotNull();
        }
    }

    @Test
    void failsafe() throws Exception {
        // tag::failsafe-theirs[]
        dev.failsafe.CircuitBreaker<String> breaker = dev.failsafe.CircuitBreaker.<String>builder()
                .withFailureThreshold(5)
                .withDelay(Duration.ofSeconds(60))
                .withSuccessThreshold(2)
                .build();
        FailsafeExecutor<String> executor = Failsafe.with(breaker);
        Callable<String> theirs = () -> executor.get(() -> ask("a trip"));
        // end::failsafe-theirs[]
        assertThat(callsUntilRefused(theirs, CircuitBreakerOpenException.class)).isEqualTo(5);

        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            // tag::failsafe-ours[]
            CircuitBreakerConfig policy = CircuitBreakerConfig.builder()
                    .failureThreshold(5)
                    .failureRateThreshold(null) // the streak alone
                    .cooldown(Duration.ofSeconds(60))
                    .successThreshold(2)
                    .build();
            circuits.putPolicy("planner", policy);
            Guard planner = circuits.guard("planner");
            Callable<String> ours = () -> planner.call(() -> ask("a trip"));
            // end::failsafe-ours[]
            assertThat(callsUntilRefused(ours, CircuitOpenException.class)).isEqualTo(5);
        }
    }

    // tag::hystrix-theirs[]
    final class AskModel extends HystrixCommand<String> {
        AskModel() {
            super(Setter.withGroupKey(HystrixCommandGroupKey.Factory.asKey("planner"))
                    .andCommandPropertiesDefaults(HystrixCommandProperties.Setter()
                            .withExecutionIsolationStrategy(ExecutionIsolationStrategy.SEMAPHORE)
                            .withCircuitBreakerRequestVolumeThreshold(10)
                            .withCircuitBreakerErrorThresholdPercentage(50)
                            .withCircuitBreakerSleepWindowInMilliseconds(60_000)));
        }

        @Override
        protected String run() throws Exception {
            return ask("a trip");
        }

        @Override
        protected String getFallback() {
            return "yesterday's plan";
        }
    }
    // end::hystrix-theirs[]

    @Test
    void hystrix() throws Exception {
        assertThat(new AskModel().execute()).isEqualTo("yesterday's plan");
        down = false;
        assertThat(new AskModel().execute()).isEqualTo("a plan for a trip");
        down = true;

        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            // tag::hystrix-ours[]
            CircuitBreakerConfig policy = CircuitBreakerConfig.builder()
                    .failureThreshold(null)
                    .failureRateThreshold(0.5)
                    .window(Window.ofTime(Duration.ofSeconds(10)))
                    .minRequestsForRate(10)
                    .cooldown(Duration.ofSeconds(60))
                    .halfOpenMaxRequests(1)
                    .successThreshold(1)
                    .build();
            circuits.putPolicy("planner", policy);
            Guard planner = circuits.guard("planner");
            Callable<String> ours = () ->
                    planner.<String>withFallback(refused -> "yesterday's plan").call(() -> ask("a trip"));
            // end::hystrix-ours[]
            for (int i = 0; i < 10; i++) {
                assertThatThrownBy(ours::call).isInstanceOf(IOException.class);
            }
            assertThat(ours.call()).isEqualTo("yesterday's plan");
        }
    }

    @Test
    void pybreaker() throws IOException {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            // tag::pybreaker-ours[]
            CircuitBreakerConfig policy = CircuitBreakerConfig.builder()
                    .failureThreshold(5)
                    .failureRateThreshold(null)
                    .cooldown(Duration.ofSeconds(60))
                    .halfOpenMaxRequests(1)
                    .successThreshold(1)
                    .build();
            // end::pybreaker-ours[]
            assertThat(PolicySettings.read(yaml("pybreaker.md"))).isEqualTo(policy);
            circuits.putPolicy("planner", policy);
            Callable<String> ours = () -> circuits.guard("planner").call(() -> ask("a trip"));
            assertThat(callsUntilRefused(ours, CircuitOpenException.class)).isEqualTo(5);
        }
    }

    @Test
    void litellm() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            // tag::litellm-ours[]
            circuits.putPolicy(
                    "model:*",
                    CircuitBreakerConfig.upstream().toBuilder()
                            .failureThreshold(4) // allowed_fails: 3 lets three pass
                            .cooldown(Duration.ofSeconds(60)) // cooldown_time: 60
                            .build());
            Guard planner = circuits.guard("planner").dependingOn("model:kimi-k2", "key:moonshot-1");
            // end::litellm-ours[]
            assertThat(circuits.snapshot(CircuitId.of("model:kimi-k2")).state()).isEqualTo(CircuitState.CLOSED);
            assertThat(planner.id().name()).isEqualTo("planner");
        }
    }

    /** The settings of a page's block of YAML. */
    private static Map<String, @Nullable Object> yaml(String page) throws IOException {
        String text =
                Files.readString(Published.ROOT.resolve("docs/coming-from").resolve(page));
        Map<String, @Nullable Object> settings = new HashMap<>();
        for (String line : text.split("```yaml\n")[1].split("```")[0].split("\n")) {
            String[] parts = line.split(": ");
            settings.put(
                    parts[0],
                    parts[1].equals("null") ? null : parts[1].matches("\\d+") ? Integer.valueOf(parts[1]) : parts[1]);
        }
        return settings;
    }

    /** How many calls fail before one is refused without being made. */
    private int callsUntilRefused(Callable<String> guarded, Class<? extends Exception> refusal) {
        calls.set(0);
        for (int i = 0; i < 100; i++) {
            try {
                guarded.call();
            } catch (Exception thrown) {
                if (refusal.isInstance(thrown)) {
                    return calls.get();
                }
            }
        }
        throw new AssertionError("never refused");
    }
}
