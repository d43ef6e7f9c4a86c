package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureClassifier;
import dev.interlock.TimeSource;
import dev.interlock.UsageListener;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.micrometer.CircuitMeters;
import dev.interlock.micrometer.SpanAttributes;
import dev.interlock.monitor.AgentLogger;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.monitor.budgets.BudgetRules;
import dev.interlock.monitor.budgets.BudgetStore;
import dev.interlock.monitor.budgets.BudgetsInMemory;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Span;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.support.GenericApplicationContext;
import reactor.core.publisher.Flux;

/** What is left out where a library is not there, and what gives way to a bean of one's own: each by itself. */
class BackingOffTest {
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(InterlockAutoConfiguration.class, ActuatorAutoConfiguration.class))
            .withPropertyValues("management.endpoints.web.exposure.include=interlock");

    /** By the class that is looked for, what needs it. */
    static final List<Arguments> LIBRARIES = List.of(
            Arguments.of(HealthIndicator.class, Set.of(CircuitsHealthIndicator.class)),
            Arguments.of(ConditionalOnAvailableEndpoint.class, Set.of(InterlockEndpoint.class)),
            Arguments.of(MeterRegistry.class, Set.of(CircuitMeters.class)),
            Arguments.of(Span.class, Set.of(SpanAttributes.class)),
            Arguments.of(Flux.class, Set.of()),
            Arguments.of(Database.class, Set.of()),
            Arguments.of(RedisCircuitStore.class, Set.of()));

    public static class Agent {
        @Guarded("planner")
        public String plan() {
            return "a plan";
        }
    }

    @ParameterizedTest
    @FieldSource("LIBRARIES")
    void without_a_library_what_needs_it_is_left_out_and_nothing_else(Class<?> library, Set<Class<?>> needing) {
        runner.withClassLoader(new FilteredClassLoader(library))
                .withBean(Agent.class)
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(CircuitBreakerManager.class);
                    for (Class<?> each : List.of(
                            CircuitsHealthIndicator.class,
                            InterlockEndpoint.class,
                            CircuitMeters.class,
                            SpanAttributes.class,
                            HealthMonitor.class,
                            PolicyRefresher.class)) {
                        assertThat(context.getBeansOfType(each))
                                .as(each.getSimpleName())
                                .hasSize(needing.contains(each) ? 0 : 1);
                    }
                    assertThat(context.getBean(Agent.class).plan()).isEqualTo("a plan");
                    assertThat(context.getBean(CircuitBreakerManager.class).size())
                            .isEqualTo(1);
                });
    }

    @Test
    void a_store_whose_module_is_not_there_is_a_mistake_and_not_forgotten_in_silence() {
        runner.withClassLoader(new FilteredClassLoader(Database.class, RedisCircuitStore.class))
                .withPropertyValues(
                        "interlock.store.url=jdbc:postgresql://db/interlock?password=s3cret",
                        "interlock.store.redis-url=redis://cache")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("interlock.store.url: needs interlock-store-jdbc on the class path")
                        .hasMessageContaining(
                                "interlock.store.redis-url: needs interlock-store-redis on the class path")
                        .hasMessageNotContaining("s3cret"));
    }

    /** A bean of an application, and the type that the starter would have made; stored, if it would need a database. */
    private record Own(Class<?> type, String name, Object bean, boolean stored) {
        Own(Class<?> type, Object bean) {
            this(type, "own", bean, false);
        }

        @Override
        public String toString() {
            return type.getSimpleName();
        }
    }

    static Stream<Own> own() {
        CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.recommended());
        BudgetStore budgets = new BudgetsInMemory(BudgetRules.NONE);
        HealthIndicator up = () -> Health.up().build();
        return Stream.of(
                new Own(CircuitBreakerManager.class, circuits),
                new Own(HealthMonitor.class, HealthMonitor.start(circuits, HealthSettings.defaults())),
                new Own(
                        AgentLogger.class,
                        AgentLogger.http(URI.create("http://127.0.0.1:1"), "il_x")
                                .build()),
                new Own(CircuitMeters.class, CircuitMeters.of(circuits)),
                new Own(SpanAttributes.class, SpanAttributes.begin(circuits)),
                new Own(FailureClassifier.class, FailureClassifier.standard()),
                new Own(UsageListener.class, (UsageListener) usage -> {}),
                new Own(CircuitStore.class, "own", new InMemoryCircuitStore(), true),
                new Own(BudgetStore.class, "own", budgets, true),
                new Own(
                        BudgetKeeper.class,
                        "own",
                        new BudgetKeeper(budgets, circuits.gates(), TimeSource.system()),
                        true),
                new Own(HealthIndicator.class, "interlockHealthIndicator", up, false),
                new Own(OwnEndpoint.class, "interlockEndpoint", new OwnEndpoint(), false));
    }

    /** Shows what its application wants to be shown. */
    @Endpoint(id = "interlock")
    static final class OwnEndpoint {
        @ReadOperation
        String shown() {
            return "little";
        }
    }

    @ParameterizedTest
    @MethodSource("own")
    @SuppressWarnings("unchecked")
    void a_bean_of_ones_own_takes_the_place_of_the_starters(Own own, @TempDir Path folder) {
        String url = "interlock.store.url=jdbc:sqlite:" + folder.resolve("interlock.db");
        runner.withPropertyValues("interlock.server.url=http://127.0.0.1:1", "interlock.server.api-key=il_x")
                .withPropertyValues(own.stored() ? new String[] {url} : new String[0])
                .withInitializer(context -> ((GenericApplicationContext) context)
                        .registerBean(own.name(), (Class<Object>) own.type(), own::bean))
                .run(context -> {
                    assertThat(context).hasNotFailed().getBean(own.type()).isSameAs(own.bean());
                    assertThat(context.containsBean("interlockEndpoint")).isTrue();
                    assertThat(context.getBeansOfType(InterlockEndpoint.class))
                            .hasSize(own.type() == OwnEndpoint.class ? 0 : 1);
                });
    }

    @Test
    void a_database_of_ones_own_is_what_circuits_and_budgets_are_kept_in(@TempDir Path folder) {
        Database database = Database.open(new DatabaseSettings("jdbc:sqlite:" + folder.resolve("own.db"), null, null));
        runner.withPropertyValues("interlock.store.url=jdbc:sqlite:" + folder.resolve("not.db"))
                .withBean(Database.class, () -> database)
                .run(context -> {
                    assertThat(context).hasNotFailed().getBean(Database.class).isSameAs(database);
                    assertThat(context).hasSingleBean(CircuitStore.class).hasSingleBean(BudgetStore.class);
                });
        assertThat(folder.resolve("not.db")).doesNotExist();
    }
}
