package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How one probe runs and ends, what becomes of one that is given up, and who is next. */
class ProbesTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final CircuitId AGENT = CircuitId.of("agent");
    private static final Probe GOOD = id -> true;

    private final ManualTimeSource time = new ManualTimeSource();
    private final Timers timers = new Timers(time);
    private final Deque<Runnable> handed = new ArrayDeque<>();
    private final List<Integer> hung = new ArrayList<>();
    private final List<Boolean> answers = new ArrayList<>();
    private boolean refusing;
    private final Probes probes = new Probes(Map.of(), this::execute, hung::add);

    private void execute(Runnable task) {
        if (refusing) {
            refusing = false;
            throw new RejectedExecutionException("of a test");
        }
        handed.add(task);
    }

    private Probes.@Nullable Attempt prepare(CircuitId id) {
        return probes.prepare(id, GOOD, answers::add);
    }

    private Probes.Attempt start(CircuitId id, Probe probe) {
        Probes.Attempt attempt = Objects.requireNonNull(probes.prepare(id, probe, answers::add));
        attempt.start(timers, time, LIMIT.toNanos());
        return attempt;
    }

    /** As many as may run at a time, of agents called 0 to 9. */
    private void startTen() {
        for (int i = 0; i < 10; i++) {
            start(CircuitId.of("agent-" + i), GOOD);
        }
        assertThat(handed).hasSize(10);
    }

    @Test
    void the_probe_of_the_most_specific_pattern_counts() {
        Probe any = id -> true;
        Probe ofModels = id -> false;
        Probes both = new Probes(
                Map.of(new NamePattern("*"), any, new NamePattern("model:*"), ofModels), this::execute, hung::add);
        assertThat(both.of(CircuitId.of("model:m"))).isSameAs(ofModels);
        assertThat(both.of(AGENT)).isSameAs(any);
        assertThat(probes.of(AGENT)).isNull();
    }

    @Test
    void it_answers_once_and_leaves_nothing_behind() {
        start(AGENT, GOOD);
        assertThat(answers).isEmpty();
        assertThat(timers.size()).as("its limit").isOne();

        handed.remove().run();

        assertThat(answers).containsExactly(true);
        assertThat(timers.size()).isZero();
        time.advance(LIMIT);
        assertThat(answers).hasSize(1);
        assertThat(hung).isEmpty();
        assertThat(prepare(AGENT)).isNotNull();
    }

    @Test
    void a_circuit_has_one_at_a_time_and_its_suspicion_several_by_number() {
        start(AGENT, GOOD);
        assertThat(prepare(AGENT)).isNull();
        assertThat(prepare(CircuitId.of("other"))).isNotNull();
        assertThat(probes.prepareAtOnce(AGENT, 1, GOOD, answers::add)).isNotNull();
        assertThat(probes.prepareAtOnce(AGENT, 1, GOOD, answers::add)).isNull();
        assertThat(probes.prepareAtOnce(AGENT, 2, GOOD, answers::add)).isNotNull();
    }

    @Test
    void one_that_takes_longer_than_its_limit_has_failed_and_is_interrupted() {
        List<Object> seen = new ArrayList<>(); // what a probe throws is a failure of the probe: it asserts nothing
        start(AGENT, id -> {
            time.advance(LIMIT.minusNanos(1));
            seen.add(answers.size());
            time.advance(Duration.ofNanos(1));
            seen.addAll(answers);
            seen.addAll(hung);
            seen.add(Thread.currentThread().isInterrupted() ? "interrupted" : "not interrupted");
            seen.add(prepare(AGENT) == null ? "no second one, which would hang as well" : "a second one");
            return true;
        });

        handed.remove().run();

        assertThat(seen).containsExactly(0, false, 1, "interrupted", "no second one, which would hang as well");
        assertThat(Thread.interrupted())
                .as("what the executor runs next is not meant")
                .isFalse();
        assertThat(answers).as("what it says now is nobody's").containsExactly(false);
        assertThat(hung).containsExactly(1, 0);
        assertThat(prepare(AGENT)).isNotNull();
    }

    @Test
    void one_that_obeys_the_interrupt_leaves_none_to_what_runs_next() {
        Probes.Attempt[] attempt = new Probes.Attempt[1];
        attempt[0] = start(AGENT, id -> {
            attempt[0].giveUp();
            attempt[0].giveUp();
            throw new InterruptedException();
        });
        handed.remove().run();
        assertThat(Thread.interrupted()).isFalse();
        assertThat(hung).as("one thread, however often it was given up").containsExactly(1, 0);
    }

    @Test
    void one_that_its_executor_never_ran_has_failed_after_its_limit_and_is_not_asked_any_more() {
        List<CircuitId> asked = new ArrayList<>();
        start(AGENT, asked::add);
        time.advance(LIMIT);
        assertThat(answers).containsExactly(false);
        assertThat(hung).isEmpty();
        assertThat(prepare(AGENT)).isNull();

        handed.remove().run();

        assertThat(asked).isEmpty();
        assertThat(answers).containsExactly(false);
        assertThat(Thread.interrupted()).isFalse();
        assertThat(prepare(AGENT)).isNotNull();
    }

    /** Its circuit could never be probed again. */
    @Test
    void one_that_is_given_up_before_it_is_started_never_begins_and_leaves_its_circuit_to_the_next() {
        Probes.Attempt attempt = Objects.requireNonNull(prepare(AGENT));
        attempt.giveUp();
        attempt.start(timers, time, LIMIT.toNanos());
        assertThat(handed).isEmpty();
        assertThat(timers.size()).isZero();

        start(AGENT, GOOD);

        assertThat(handed).hasSize(1);
    }

    // Turns.

    @Test
    void ten_run_at_a_time_and_the_time_of_those_that_wait_begins_with_their_turn() {
        startTen();
        start(AGENT, GOOD);
        assertThat(handed).hasSize(10);
        assertThat(timers.size()).isEqualTo(10);
        Objects.requireNonNull(probes.prepareAtOnce(AGENT, 1, GOOD, answers::add))
                .start(timers, time, LIMIT.toNanos());
        assertThat(handed).as("calls wait for a suspicion").hasSize(11);

        handed.remove().run();

        assertThat(handed).hasSize(11);
        assertThat(timers.size()).isEqualTo(11);
        while (!handed.isEmpty()) {
            handed.remove().run();
        }
        assertThat(answers).hasSize(12).containsOnly(true);
        assertThat(timers.size()).isZero();
    }

    @Test
    void one_that_hangs_on_leaves_its_turn_to_the_next() {
        List<Integer> seen = new ArrayList<>();
        start(CircuitId.of("hangs"), id -> {
            seen.add(handed.size());
            time.advance(LIMIT.minusNanos(1));
            seen.add(handed.size());
            return true;
        });
        time.advance(Duration.ofNanos(1));
        for (int i = 0; i < 9; i++) {
            start(CircuitId.of("agent-" + i), GOOD);
        }
        start(AGENT, GOOD);

        handed.remove().run();

        assertThat(seen).as("nine, then the one that waited, too").containsExactly(9, 10);
        assertThat(handed).as("its end is no second turn").hasSize(10);
        assertThat(hung).containsExactly(1, 0);
    }

    @Test
    void one_that_is_given_up_while_it_waits_gets_no_turn() {
        startTen();
        Probes.Attempt waiting = start(AGENT, GOOD);
        start(CircuitId.of("next"), GOOD);

        waiting.giveUp();

        assertThat(prepare(AGENT)).isNotNull();
        handed.remove().run();
        assertThat(handed).as("nine, and the one behind it").hasSize(10);
        handed.remove().run();
        assertThat(handed).hasSize(9);
        assertThat(answers).containsExactly(true, true);
    }

    @Test
    void one_that_cannot_be_run_has_failed_at_once_and_leaves_its_turn_to_the_next() {
        startTen();
        start(AGENT, GOOD);
        start(CircuitId.of("next"), GOOD);
        refusing = true;

        handed.remove().run();

        assertThat(answers).containsExactlyInAnyOrder(true, false);
        assertThat(handed).as("nine, and the one behind it").hasSize(10);
        assertThat(timers.size()).isEqualTo(10);
        assertThat(prepare(AGENT)).isNotNull();
    }
}
