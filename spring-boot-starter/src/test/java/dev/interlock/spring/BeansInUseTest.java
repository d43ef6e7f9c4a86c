package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.TimeSource;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.monitor.HealthListener;
import dev.interlock.monitor.HealthTransition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** What the application adds is used: who hears of health, and the probes that policies of properties ask for. */
class BeansInUseTest {
    private final ManualTimeSource time = new ManualTimeSource();
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(InterlockAutoConfiguration.class))
            .withBean(TimeSource.class, () -> time);

    @Configuration(proxyBeanMethods = false)
    static class Hears {
        final List<HealthTransition> events = new CopyOnWriteArrayList<>();

        @EventListener
        void on(HealthTransition transition) {
            events.add(transition);
        }
    }

    @Test
    void changes_of_health_are_heard_by_listeners_and_as_events_of_the_application() {
        List<HealthTransition> heard = new CopyOnWriteArrayList<>();
        runner.withBean(HealthListener.class, () -> heard::add)
                .withUserConfiguration(Hears.class)
                .run(context -> {
                    Guard planner = context.getBean(CircuitBreakerManager.class).guard("planner");
                    for (int i = 0; i < 6; i++) {
                        planner.run(() -> {});
                    }
                    for (int i = 0; i < 5; i++) {
                        planner.acquire().fail(FailureKind.ERROR);
                    }
                    time.advance(Duration.ofSeconds(1));

                    await().atMost(Duration.ofSeconds(30)).until(() -> !heard.isEmpty());
                    assertThat(heard)
                            .singleElement()
                            .extracting(HealthTransition::type)
                            .isEqualTo(HealthTransition.Type.CRITICAL_FROM_HEALTHY);
                    Hears hears = context.getBean(Hears.class);
                    await().atMost(Duration.ofSeconds(30)).until(() -> hears.events.equals(heard));
                });
    }

    static class Tenants {
        @Guarded("planner-#{#tenant}")
        public String plan(String tenant) {
            return "a plan for " + tenant;
        }
    }

    /** A caller that may say a tenant's name may make one up. */
    @Test
    void names_from_arguments_are_bounded_and_those_of_long_ago_forgotten() {
        runner.withPropertyValues("interlock.max-circuits=1", "interlock.evict-after=1h")
                .withBean(Tenants.class)
                .run(context -> {
                    CircuitBreakerManager circuits = context.getBean(CircuitBreakerManager.class);
                    Tenants tenants = context.getBean(Tenants.class);
                    CircuitId first = CircuitId.of("planner-acme");
                    circuits.override(first, ManualOverride.of(OverrideAction.HOLD_CLOSED, "ann"));
                    assertThat(tenants.plan("acme")).isEqualTo("a plan for acme");

                    assertThatThrownBy(() -> tenants.plan("made-up")).isInstanceOf(TooManyCircuitsException.class);

                    circuits.override(first, ManualOverride.of(OverrideAction.RELEASE, "ann"));
                    time.advance(Duration.ofHours(2));
                    assertThat(circuits.contains(first)).isFalse();
                    assertThat(tenants.plan("umbrella")).isEqualTo("a plan for umbrella");
                });
    }

    @Test
    void a_probe_is_registered_by_a_customizer_for_a_policy_of_the_properties() {
        AtomicInteger probed = new AtomicInteger();
        runner.withPropertyValues("interlock.policies[0].pattern=model:*", "interlock.policies[0].base=upstream+probe")
                .withBean(
                        InterlockCustomizer.class,
                        () -> builder -> builder.probe("model:*", id -> probed.incrementAndGet() > 0))
                .run(context -> {
                    context.getBean(CircuitBreakerManager.class)
                            .getOrCreate("model:kimi-k2")
                            .recordFailure(FailureKind.SERVER_ERROR); // with the first failure trust is looked for

                    await().atMost(Duration.ofSeconds(30)).until(() -> probed.get() > 0);
                });
    }
}
