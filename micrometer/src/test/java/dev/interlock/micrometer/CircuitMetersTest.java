package dev.interlock.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.TooManyCircuitsException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.search.RequiredSearch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What each call, refusal and transition does to the meters, whose they are, and when they go. */
class CircuitMetersTest {
    private final ManualTimeSource time = new ManualTimeSource();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .defaults(CircuitBreakerConfig.builder().failureThreshold(3).build())
            .time(time)
            .executor(Runnable::run)
            .maxCircuitsPerOrganization(5)
            .build();
    private CircuitMeters meters = CircuitMeters.of(circuits);
    private final Guard planner = circuits.guard("planner");

    @AfterEach
    void close() {
        meters.close();
        circuits.close();
    }

    private void bind(int maxAgents) {
        meters = CircuitMeters.of(circuits).withMaxAgents(maxAgents);
        meters.bindTo(registry);
        planner.run(() -> {});
    }

    private RequiredSearch find(String name, String... tags) {
        return registry.get(name).tags(tags);
    }

    private void fail(String agent, int times) {
        for (int i = 0; i < times; i++) {
            circuits.getOrCreate(agent).recordFailure(FailureKind.SERVER_ERROR);
        }
    }

    private void override(String agent, OverrideAction action) {
        circuits.override(CircuitId.of(agent), ManualOverride.of(action, "ann"));
    }

    private TreeSet<String> named() {
        TreeSet<String> names = new TreeSet<>();
        for (Meter meter : registry.getMeters()) {
            String agent = meter.getId().getTag("agent_id");
            if (agent != null) {
                names.add(agent);
            }
        }
        return names;
    }

    @Test
    void calls_are_counted_by_kind_and_settlement_and_timed_by_how_they_ended() {
        bind(10);
        planner.run(() -> time.advance(Duration.ofSeconds(2)));
        Permit late = planner.acquire();
        fail("planner", 3);
        late.succeed();
        circuits.getOrCreate("writer").record(Outcome.cancelled().took(Duration.ofSeconds(1)));

        assertThat(find("interlock.outcomes", "agent_id", "planner", "kind", "success", "settlement", "counted")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(find("interlock.outcomes", "agent_id", "planner", "kind", "success", "settlement", "late")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(find("interlock.outcomes", "kind", "server_error", "settlement", "counted")
                        .counter()
                        .count())
                .isEqualTo(3);
        Timer good = find("interlock.calls", "agent_id", "planner", "outcome", "success")
                .timer();
        assertThat(good.totalTime(TimeUnit.SECONDS)).isEqualTo(2);
        assertThat(find("interlock.calls", "agent_id", "writer", "outcome", "ignored")
                        .timer()
                        .totalTime(TimeUnit.SECONDS))
                .isEqualTo(1);
    }

    @Test
    void refusals_are_counted_by_cause_and_transitions_by_what_they_lead_to() {
        bind(10);
        fail("planner", 3);
        assertThatThrownBy(() -> planner.run(() -> {})).isInstanceOf(CircuitOpenException.class);
        override("planner", OverrideAction.HOLD_OPEN);
        assertThat(planner.tryAcquire()).isNull();

        assertThat(find("interlock.refusals", "agent_id", "planner", "cause", "open")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(find("interlock.refusals", "agent_id", "planner", "cause", "held")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(find("interlock.transitions", "agent_id", "planner", "to", "open", "cause", "failure_streak")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void what_is_not_closed_has_gauges_until_it_is_closed_again() {
        override("writer", OverrideAction.OPEN);
        bind(10);
        override("planner", OverrideAction.HOLD_CLOSED);

        assertThat(open("writer")).isEqualTo(1);
        assertThat(open("planner")).isZero();
        assertThat(find("interlock.circuit.held", "agent_id", "planner").gauge().value())
                .isEqualTo(1);
        assertThat(state("open")).isEqualTo(1);
        assertThat(state("closed")).isEqualTo(1);
        time.advance(circuits.snapshot(CircuitId.of("writer")).retryAfter());
        Permit trial = circuits.getOrCreate("writer").acquire();
        assertThat(open("writer")).isEqualTo(0.5);
        trial.succeed();
        override("writer", OverrideAction.CLOSE);
        override("planner", OverrideAction.RELEASE);

        assertThat(registry.find("interlock.circuit.open").gauges()).isEmpty();
        assertThat(registry.find("interlock.circuit.held").gauges()).isEmpty();
        assertThat(state("closed")).isEqualTo(2);
    }

    private double open(String agent) {
        return find("interlock.circuit.open", "agent_id", agent).gauge().value();
    }

    private double state(String state) {
        return find("interlock.circuits.by.state", "state", state).gauge().value();
    }

    @Test
    void agents_beyond_the_limit_are_other_together_and_the_worst_of_them_shows() {
        bind(1);
        for (String each : List.of("a", "b", "c")) {
            circuits.guard(each).run(() -> {});
        }
        override("a", OverrideAction.HOLD_CLOSED);
        assertThat(open("other")).isZero();
        override("b", OverrideAction.OPEN);

        assertThat(named()).containsExactly("other", "planner");
        assertThat(find("interlock.outcomes", "agent_id", "other", "kind", "success")
                        .counter()
                        .count())
                .isEqualTo(3);
        assertThat(open("other")).isEqualTo(1);
        override("b", OverrideAction.CLOSE);
        override("a", OverrideAction.RELEASE);
        assertThat(open("other")).isNaN();
    }

    @Test
    void a_forgotten_circuit_takes_its_meters_along_and_leaves_its_place_to_another() {
        bind(1);
        time.advance(Duration.ofDays(2));
        assertThat(circuits.contains(CircuitId.of("planner"))).isFalse();
        assertThat(named()).isEmpty();

        circuits.guard("writer").run(() -> {});
        assertThat(named()).containsExactly("writer");
    }

    @Test
    void a_name_for_which_there_is_no_room_keeps_no_meters() {
        bind(10);
        for (String each : List.of("a", "b", "c", "d", "planner")) {
            override(each, OverrideAction.OPEN);
        }
        assertThatThrownBy(() -> circuits.guard("made-up").run(() -> {})).isInstanceOf(TooManyCircuitsException.class);

        assertThat(named()).doesNotContain("made-up");
        assertThat(find("interlock.refusals", "agent_id", "other", "cause", "full")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void circuits_of_an_organization_bear_its_name() {
        bind(10);
        circuits.guard(new CircuitId("acme", "planner")).run(() -> {});
        assertThat(named()).containsExactly("acme/planner", "planner");
    }

    @Test
    void each_registry_has_its_own_and_none_is_left_when_they_are_closed() {
        SimpleMeterRegistry second = new SimpleMeterRegistry();
        bind(10);
        meters.bindTo(second);
        fail("planner", 3);
        assertThat(second.get("interlock.circuit.open").gauge().value()).isEqualTo(1);

        meters.close();
        fail("writer", 3);

        assertThat(registry.getMeters()).isEmpty();
        assertThat(second.getMeters()).isEmpty();
    }

    @Test
    void a_good_call_takes_no_memory_by_name_or_among_the_others() {
        bind(1);
        circuits.guard("writer").run(() -> {});
        for (Guard each : List.of(planner, circuits.guard("writer"))) {
            each.run(() -> {});
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long here = Thread.currentThread().getId();
            long least = Long.MAX_VALUE; // what a compiler does meanwhile is no cost of a call
            for (int round = 0; round < 5; round++) {
                long before = threads.getThreadAllocatedBytes(here);
                for (int i = 0; i < 10_000; i++) {
                    each.call(() -> "good");
                }
                least = Math.min(least, threads.getThreadAllocatedBytes(here) - before);
            }
            assertThat(least).as("bytes of 10,000 calls").isLessThan(10_000);
        }
        assertThat(registry.find("interlock.outcomes").tag("kind", "success").counters())
                .extracting(Counter::count)
                .containsExactly(50_002.0, 50_002.0);
    }

    @Test
    void a_limit_that_is_none_is_refused() {
        assertThatThrownBy(() -> meters.withMaxAgents(-1)).hasMessage("maxAgents must be 0 to 100000, but was -1");
        meters = meters.withMaxAgents(0);
        meters.bindTo(registry);
        planner.run(() -> {});
        assertThat(named()).containsExactly("other");
        assertThat(registry.get("interlock.circuits").gauge())
                .extracting(Gauge::value)
                .isEqualTo(1.0);
    }
}
