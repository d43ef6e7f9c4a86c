package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.Mode;
import dev.interlock.OverrideAction;
import dev.interlock.StateTransition;
import dev.interlock.TimeSource;
import dev.interlock.jdbc.Database;
import dev.interlock.micrometer.CircuitMeters;
import dev.interlock.micrometer.SpanAttributes;
import dev.interlock.monitor.AgentLogger;
import dev.interlock.monitor.EntrySink;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.trace.Span;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import reactor.core.publisher.Flux;

/** Which beans there are, and on what condition. */
class ConditionsTest {
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(InterlockAutoConfiguration.class, ActuatorAutoConfiguration.class));

    private static CircuitBreakerManager circuits(AssertableApplicationContext context) {
        return context.getBean(CircuitBreakerManager.class);
    }

    @Test
    void by_default_there_are_manager_health_and_meters_and_no_log_or_store() {
        runner.run(context -> {
            assertThat(context)
                    .hasSingleBean(CircuitBreakerManager.class)
                    .hasSingleBean(HealthMonitor.class)
                    .hasSingleBean(CircuitMeters.class)
                    .hasSingleBean(SpanAttributes.class)
                    .hasSingleBean(CircuitsHealthIndicator.class)
                    .doesNotHaveBean(AgentLogger.class)
                    .doesNotHaveBean(CircuitStore.class);
            assertThat(circuits(context).defaultPolicy()).isEqualTo(CircuitBreakerConfig.defaults());
        });
    }

    @Test
    void turned_off_there_is_nothing() {
        runner.withPropertyValues("interlock.enabled=false")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(CircuitBreakerManager.class)
                        .doesNotHaveBean(GuardedAdvisor.class)
                        .doesNotHaveBean(CircuitsHealthIndicator.class));
    }

    @Test
    void it_works_without_actuator_micrometer_opentelemetry_reactor_and_stores() {
        runner.withClassLoader(new FilteredClassLoader(
                        HealthIndicator.class,
                        Endpoint.class,
                        MeterRegistry.class,
                        Span.class,
                        Flux.class,
                        Database.class,
                        RedisCircuitStore.class))
                .run(context -> assertThat(context)
                        .hasSingleBean(CircuitBreakerManager.class)
                        .doesNotHaveBean(CircuitMeters.class)
                        .doesNotHaveBean(SpanAttributes.class)
                        .doesNotHaveBean("interlockHealthIndicator")
                        .doesNotHaveBean("interlockEndpoint"));
    }

    @Test
    void ones_own_beans_take_the_place_of_each() {
        runner.withUserConfiguration(Own.class).run(context -> {
            assertThat(context).hasNotFailed().hasSingleBean(CircuitBreakerManager.class);
            assertThat(circuits(context)).isSameAs(context.getBean("own"));
            assertThat(context.getBean(HealthMonitor.class)).isSameAs(context.getBean("ownHealth"));
            assertThat(context.getBean(AgentLogger.class)).isSameAs(context.getBean("ownLog"));
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class Own {
        @Bean
        CircuitBreakerManager own() {
            return CircuitBreakerManager.create(CircuitBreakerConfig.recommended());
        }

        @Bean
        HealthMonitor ownHealth(CircuitBreakerManager circuits) {
            return HealthMonitor.start(circuits, dev.interlock.monitor.HealthSettings.defaults());
        }

        @Bean
        AgentLogger ownLog() {
            return AgentLogger.to(batch -> {
                        throw new IllegalStateException("Nothing is logged");
                    })
                    .build();
        }
    }

    @Test
    void listeners_customizers_clocks_and_stores_that_are_beans_are_used() {
        List<StateTransition> heard = new CopyOnWriteArrayList<>();
        ManualTimeSource time = new ManualTimeSource();
        InMemoryCircuitStore store = new InMemoryCircuitStore();
        runner.withBean(CircuitListener.class, () -> heard::add)
                .withBean(TimeSource.class, () -> time)
                .withBean(CircuitStore.class, () -> store)
                .withBean(InterlockCustomizer.class, () -> builder -> builder.executor(Runnable::run))
                .withUserConfiguration(Hears.class)
                .run(context -> {
                    CircuitBreakerManager circuits = circuits(context);
                    circuits.override(CircuitId.of("planner"), ManualOverride.of(OverrideAction.OPEN, "ann"));
                    assertThat(heard).hasSize(1);
                    assertThat(context.getBean(Hears.class).events).isEqualTo(heard);
                    assertThat(circuits.flush(Duration.ofSeconds(30))).isTrue();
                    assertThat(store.find(CircuitId.DEFAULT_ORGANIZATION, "planner"))
                            .isNotNull();
                    time.advance(circuits.defaultPolicy().cooldown());
                    assertThat(circuits.guard("planner").tryAcquire()).isNotNull();
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class Hears {
        final List<StateTransition> events = new CopyOnWriteArrayList<>();

        @EventListener
        void on(StateTransition transition) {
            events.add(transition);
        }
    }

    @Test
    void a_database_of_the_properties_keeps_circuits(@TempDir Path folder) {
        ApplicationContextRunner kept =
                runner.withPropertyValues("interlock.store.url=jdbc:sqlite:" + folder.resolve("interlock.db"));
        kept.run(context -> circuits(context)
                .override(CircuitId.of("planner"), ManualOverride.of(OverrideAction.HOLD_OPEN, "ann")));
        kept.run(context -> assertThat(
                        circuits(context).snapshot(CircuitId.of("planner")).hold())
                .isNotNull());
    }

    @Test
    void redis_shares_circuits_alone_or_in_front_of_a_database(@TempDir Path folder) {
        try (RedisServer redis = RedisServer.start()) {
            ApplicationContextRunner shared = runner.withPropertyValues(
                    "interlock.store.redis-url=" + redis.url(), "interlock.default-policy.scope=shared");
            shared.run(one -> shared.run(other -> {
                circuits(one).override(CircuitId.of("planner"), ManualOverride.of(OverrideAction.HOLD_OPEN, "ann"));
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> circuits(other)
                                        .snapshot(CircuitId.of("planner"))
                                        .hold()
                                != null);
                assertThat(circuits(other).isDetached()).isFalse();
            }));
            shared.withPropertyValues("interlock.store.url=jdbc:sqlite:" + folder.resolve("interlock.db"))
                    .run(context -> {
                        assertThat(context).hasSingleBean(CircuitStore.class).hasSingleBean(Database.class);
                        circuits(context)
                                .override(CircuitId.of("writer"), ManualOverride.of(OverrideAction.HOLD_OPEN, "ann"));
                        assertThat(circuits(context).flush(Duration.ofSeconds(30)))
                                .isTrue();
                        assertThat(context.getBean(Database.class).circuits().find("default", "writer"))
                                .isNotNull();
                    });
        }
    }

    @Test
    void a_server_takes_the_log_with_a_key_and_a_sink_of_ones_own_comes_first() {
        runner.withPropertyValues("interlock.server.url=http://127.0.0.1:1", "interlock.server.api-key=il_x")
                .run(context -> assertThat(context).hasSingleBean(AgentLogger.class));
        runner.withPropertyValues("interlock.server.url=http://127.0.0.1:1")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("interlock.server.api-key: must be set"));
        runner.withBean(EntrySink.class, () -> batch -> {
                    throw new IllegalStateException("away");
                })
                .withPropertyValues("interlock.server.url=http://127.0.0.1:1")
                .run(context -> assertThat(context).hasSingleBean(AgentLogger.class));
    }

    @Test
    void of_two_classifiers_one_must_be_the_primary() {
        runner.withBean("one", FailureClassifier.class, FailureClassifier::standard)
                .withBean("other", FailureClassifier.class, FailureClassifier::standard)
                .run(context ->
                        assertThat(context).getFailure().rootCause().hasMessageContaining("found 2: one,other"));
        runner.withBean("one", FailureClassifier.class, FailureClassifier::standard)
                .withBean("other", FailureClassifier.class, FailureClassifier::standard, bean -> bean.setPrimary(true))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void exceptions_have_the_kinds_of_the_properties() {
        runner.withPropertyValues("interlock.exceptions[java.lang.ArithmeticException]=overloaded")
                .run(context -> {
                    FailureClassifier classifier = context.getBean(FailureClassifier.class);
                    assertThat(classifier
                                    .ofException(new IllegalStateException(new ArithmeticException()))
                                    .kind())
                            .isEqualTo(FailureKind.OVERLOADED);
                    assertThat(classifier
                                    .ofException(new java.net.http.HttpTimeoutException("x"))
                                    .kind())
                            .isEqualTo(FailureKind.TIMEOUT);
                });
        runner.withPropertyValues(
                        "interlock.exceptions[no.such.Busy]=timeout", "interlock.exceptions[java.lang.String]=timeout")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining(
                                "interlock.exceptions[no.such.Busy] = TIMEOUT: must be of a class that there is")
                        .hasMessageContaining("of an exception, which this class is not"));
    }

    @Test
    void observing_refuses_nothing_by_default_or_by_policy() {
        runner.withPropertyValues(
                        "interlock.mode=observe",
                        "interlock.policies[0].pattern=strict-*",
                        "interlock.policies[0].mode=enforce")
                .run(context -> {
                    CircuitBreakerManager circuits = circuits(context);
                    circuits.getOrCreate("planner").recordFailure(FailureKind.LOOP);
                    circuits.getOrCreate("strict-1").recordFailure(FailureKind.LOOP);
                    assertThat(circuits.snapshot(CircuitId.of("planner")).mode())
                            .isEqualTo(Mode.OBSERVE);
                    assertThat(circuits.guard("planner").tryAcquire()).isNotNull();
                    assertThat(circuits.guard("strict-1").tryAcquire()).isNull();
                });
    }

    @Test
    void meters_are_in_the_applications_registry_and_can_be_turned_off() {
        ApplicationContextRunner metered = runner.withBean(SimpleMeterRegistry.class)
                .withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class));
        metered.withPropertyValues("interlock.metrics.max-agents=1").run(context -> {
            circuits(context).guard("planner").run(() -> {});
            circuits(context).guard("writer").run(() -> {});
            assertThat(context.getBean(MeterRegistry.class)
                            .get("interlock.outcomes")
                            .counters())
                    .extracting(each -> each.getId().getTag("agent_id"))
                    .containsExactlyInAnyOrder("planner", "other");
        });
        metered.withPropertyValues("interlock.metrics.enabled=false", "interlock.spans.enabled=false")
                .run(context ->
                        assertThat(context).doesNotHaveBean(CircuitMeters.class).doesNotHaveBean(SpanAttributes.class));
    }

    @Test
    void the_applications_health_is_up_whatever_is_open_unless_the_properties_name_it() {
        ApplicationContextRunner asked = runner.withPropertyValues("interlock.health.down-when-open=model:*");
        asked.run(context -> {
            CircuitsHealthIndicator health = context.getBean(CircuitsHealthIndicator.class);
            circuits(context).getOrCreate("planner").recordFailure(FailureKind.LOOP);
            assertThat(health.health().getStatus()).isEqualTo(Status.UP);
            assertThat(health.health().getDetails())
                    .containsEntry("open", 1L)
                    .containsEntry("openNames", List.of("planner"));
            circuits(context).getOrCreate("model:m").recordFailure(FailureKind.LOOP);
            assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
        });
        runner.withPropertyValues("management.health.interlock.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(CircuitsHealthIndicator.class));
        runner.withPropertyValues("interlock.health.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(HealthMonitor.class));
    }

    @Test
    void an_older_boot_is_named() {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> SupportedBoot.check("3.5.7")))
                .hasMessageContaining("works with Spring Boot 4.0 or newer, but this is 3.5.7");
        SupportedBoot.check("4.0.7");
    }
}
