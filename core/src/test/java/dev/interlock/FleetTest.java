package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.LocalCircuits.Recovery;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.ProbeAsk;
import dev.interlock.store.ProbeLease;
import dev.interlock.store.TallyAnswer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whether a process decides together with others, and who it says that it is. */
class FleetTest {
    private static final CircuitId AGENT = new CircuitId("acme", "agent");
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final TrialRules TRIALS = new TrialRules(3, 2, 2, 60 * SECOND);

    private final UnansweringStore others = new UnansweringStore();
    private final Known circuits = new Known();

    /** On a thread that is not started. */
    private final Fleet fleet = fleet();

    private Fleet fleet() {
        return new Fleet(others, circuits, 7, () -> 0);
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void they_decide_together_while_the_others_can_be_asked_and_until_its_end() {
        assertThat(fleet.isTogether()).isTrue();
        assertThat(fleet.tallies().areTogether()).isTrue();
        others.attached = false;
        assertThat(fleet.isTogether()).isFalse();
        assertThat(fleet.tallies().areTogether()).isFalse();
        others.attached = true;
        fleet.close();
        assertThat(fleet.isTogether()).isFalse();
        assertThat(fleet.figures().name()).isEqualTo("interlock-shared");
    }

    @Test
    void who_asks_to_probe_says_for_what_how_long_and_with_what_result() {
        assertThat(fleet.askToProbe(AGENT, "trust", 30 * SECOND, true).toCompletableFuture())
                .isCompletedWithValue(ProbeLease.GIVEN);
        ProbeAsk ask = others.askedToProbe.get(0);
        assertThat(ask).isEqualTo(new ProbeAsk("acme", "agent", ask.process(), "trust", Duration.ofSeconds(30), true));
        fleet.askToProbe(AGENT, "trust", SECOND, false);
        assertThat(others.askedToProbe.get(1).process()).as("the same process").isEqualTo(ask.process());
        assertThat(others.askedToProbe.get(1).ready()).isFalse();
    }

    @Test
    void two_processes_of_one_generation_are_two() {
        try (Fleet another = fleet()) {
            fleet.askToProbe(AGENT, "trust", SECOND, false);
            another.askToProbe(AGENT, "trust", SECOND, false);
        }
        assertThat(others.askedToProbe)
                .extracting(ProbeAsk::process)
                .doesNotHaveDuplicates()
                .allMatch(process -> process.matches("7-[0-9a-f]{8}"));
    }

    @Test
    void an_opening_is_probed_elsewhere_until_all_know_of_it() {
        assertThat(fleet.askToProbeOpening(AGENT, SECOND, true).toCompletableFuture())
                .isCompletedWithValue(ProbeLease.ELSEWHERE);
        assertThat(others.askedToProbe).isEmpty();
        circuits.stored = 9L;
        assertThat(fleet.askToProbeOpening(AGENT, SECOND, true).toCompletableFuture())
                .isCompletedWithValue(ProbeLease.GIVEN);
        assertThat(others.askedToProbe).singleElement().satisfies(ask -> {
            assertThat(ask.purpose()).isEqualTo("open-9");
            assertThat(ask.kept()).isEqualTo(Duration.ofSeconds(1));
            assertThat(ask.ready()).isTrue();
        });
    }

    @Test
    void what_was_counted_and_not_reported_is_forgotten_at_its_end() {
        new Unreported(AGENT, fleet.tallies()).count(true);
        assertThat(fleet.tallies().isIdle()).isFalse();
        fleet.close();
        assertThat(fleet.tallies().isIdle()).isTrue();
    }

    @Test
    void it_is_idle_when_there_is_neither_a_count_to_report_nor_a_trial_to_ask_for() {
        assertThat(fleet.rounds.isIdle()).isTrue();
        Unreported counts = new Unreported(AGENT, fleet.tallies());
        counts.count(true);
        assertThat(fleet.rounds.isIdle()).isFalse();
        circuits.counting = false;
        fleet.rounds.work();
        assertThat(fleet.rounds.isIdle()).isTrue();
        fleet.places().take(AGENT, TRIALS, 0);
        assertThat(fleet.rounds.isIdle()).isFalse();
    }

    @Test
    void the_next_round_comes_in_100_ms_and_sooner_while_a_trial_waits_for_its_opening_to_be_stored() {
        assertThat(fleet.rounds.work()).isEqualTo(SECOND / 10);
        circuits.recovery = new Recovery(new Object(), null, true, 0, false);
        fleet.places().take(AGENT, TRIALS, 0);
        assertThat(fleet.rounds.work()).isBetween(1L, SECOND / 50);
    }

    @Test
    void once_it_is_started_what_is_counted_is_worked_off() {
        circuits.counting = false;
        fleet.start();
        new Unreported(AGENT, fleet.tallies()).count(true);
        await().until(fleet.rounds::isIdle);
    }

    @Test
    void no_trial_is_asked_for_after_its_end() {
        fleet.places().take(AGENT, TRIALS, 0);
        fleet.close();
        assertThat(fleet.places().isIdle()).isTrue();
    }

    /** Circuits of which is known under which number they are stored. */
    private static final class Known implements LocalCircuits {
        private @Nullable Long stored;
        private Recovery recovery = Recovery.NONE;
        private volatile boolean counting = true;

        @Override
        public boolean isCounting(Unreported counts) {
            return counting;
        }

        @Override
        public @Nullable CircuitTally take(Unreported counts, String process) {
            return null;
        }

        @Override
        public void trip(Unreported counts, TransitionCause cause, TallyAnswer answer) {
            throw new AssertionError(cause);
        }

        @Override
        public void stays(Unreported counts, CircuitTally tally, TallyAnswer answer) {
            throw new AssertionError(answer);
        }

        @Override
        public void lookAgain(CircuitId id) {
            throw new AssertionError(id);
        }

        @Override
        public Recovery recovery(CircuitId id, long now) {
            return recovery;
        }

        @Override
        public void close(CircuitId id, @Nullable Trip tried) {
            throw new AssertionError(id);
        }

        @Override
        public @Nullable Long stored(CircuitId id) {
            return stored;
        }

        @Override
        public void giveBack(CircuitId id, Place place) {
            throw new AssertionError(id);
        }
    }
}
