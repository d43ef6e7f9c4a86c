package dev.interlock;

import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.checks.BreaksPromises;
import dev.interlock.promises.BrokenPromises;
import dev.interlock.promises.Promise;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.GateRecord;
import dev.interlock.store.InMemoryCircuitStore;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What production watches is seen when it is broken, and not counted while it is kept. */
@BreaksPromises
class BrokenPromisesTest {
    private static final String ACME = "acme";

    private final Lab lab = new Lab(Lab.settings()
            .halfOpenMaxRequests(2)
            .trialsAtOnce(2)
            .successThreshold(2)
            .build());
    private final Thread.UncaughtExceptionHandler quiet = (thread, thrown) -> reported = String.valueOf(thrown);
    private Thread.UncaughtExceptionHandler usual;
    private volatile String reported = "";

    @BeforeEach
    void listen() {
        usual = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler(quiet);
    }

    @AfterEach
    void listenNoMore() {
        Thread.setDefaultUncaughtExceptionHandler(usual);
        lab.circuits.close();
    }

    /** A record that Interlock never wrote: above the highest number there is nothing. */
    @Test
    void an_epoch_that_falls() {
        long before = BrokenPromises.count(Promise.EPOCHS_GROW);
        lab.circuit.adopt(highest(), lab.circuit.current());
        assertThat(BrokenPromises.count(Promise.EPOCHS_GROW)).isEqualTo(before);

        lab.override(OverrideAction.CLOSE);
        assertThat(BrokenPromises.count(Promise.EPOCHS_GROW)).isEqualTo(before + 1);
    }

    @Test
    void an_epoch_that_comes_twice() {
        long before = BrokenPromises.count(Promise.EPOCHS_GROW);
        Epoch present = lab.circuit.current();
        PromisedMoves.check(lab.circuit.id(), present, present, lab.time.ticks());
        assertThat(BrokenPromises.count(Promise.EPOCHS_GROW)).isEqualTo(before + 1);
    }

    @Test
    void a_trial_without_a_place() {
        Permit first = lab.firstTrial();
        Permit second = lab.begin();
        long before = BrokenPromises.count(Promise.PLACES);
        HalfOpenEpoch trying = (HalfOpenEpoch) lab.circuit.current();
        HalfOpenEpoch.Trials full = trying.trials();

        assertThat(trying.take(lab.circuit.policy(), full, full.with(new Place(Long.MAX_VALUE))))
                .isTrue();
        assertThat(BrokenPromises.count(Promise.PLACES)).isEqualTo(before + 1);
        first.cancel();
        second.cancel();
    }

    @Test
    void a_machine_that_ends_a_hold() {
        lab.override(OverrideAction.HOLD_OPEN);
        long before = BrokenPromises.count(Promise.HOLDS);

        lab.circuit.move(
                lab.circuit.current(),
                Move.plain(CircuitState.CLOSED, TransitionCause.TRIALS_SUCCEEDED),
                lab.time.ticks(),
                null);
        assertThat(BrokenPromises.count(Promise.HOLDS)).isEqualTo(before + 1);
    }

    @Test
    void an_end_of_a_hold_before_its_time() {
        lab.hold(OverrideAction.HOLD_CLOSED, seconds(30));
        lab.pass(seconds(29));
        long before = BrokenPromises.count(Promise.HOLDS);

        lab.circuit.move(
                lab.circuit.current(),
                Move.plain(CircuitState.CLOSED, TransitionCause.HOLD_ENDED),
                lab.time.ticks(),
                null);
        assertThat(BrokenPromises.count(Promise.HOLDS)).isEqualTo(before + 1);
    }

    @Test
    void a_gate_that_nobody_removed() {
        InMemoryCircuitStore store = new InMemoryCircuitStore();
        long before = BrokenPromises.count(Promise.GATES);
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(lab.time)
                .executor(Runnable::run)
                .store(store)
                .build()) {
            circuits.gates().put(Gate.ofAgents(ACME, "agent", "ann").named("stop"));
            await().dontCatchUncaughtExceptions().until(() -> store.gates().find(ACME, "stop") != null);
            GateRecord put = store.gates().find(ACME, "stop");

            store.gates().write(List.of(put.removed(new GateRecord.Removal("", null, lab.time.wallTime()))));
            await().dontCatchUncaughtExceptions()
                    .until(() -> circuits.gates().list().isEmpty());
        }
        assertThat(BrokenPromises.count(Promise.GATES)).isEqualTo(before + 1);
    }

    @Test
    void whatever_people_and_time_do_is_no_machine() {
        long before = BrokenPromises.total();
        for (OverrideAction action : List.of(OverrideAction.HOLD_OPEN, OverrideAction.HOLD_CLOSED)) {
            lab.override(action);
            lab.override(OverrideAction.RELEASE);
            lab.hold(action, seconds(30));
            lab.pass(seconds(30));
            lab.override(OverrideAction.RESET);
            lab.tripAndRecover();
        }
        lab.circuits.gates().put(Gate.ofAgents("default", "agent", "ann").named("stop"));
        lab.circuits.gates().remove("default", "stop", "bob", null);
        assertThat(BrokenPromises.total()).isEqualTo(before);
    }

    @Test
    void it_is_reported_in_a_sentence() {
        for (int i = 0; i < 1_000 && reported.isEmpty(); i++) { // each time that the count doubles
            BrokenPromises.report(Promise.ONE_SETTLEMENT, "of a test");
        }
        assertThat(reported).contains("A promise is broken (one_settlement").contains("of a test");
    }

    @Test
    void it_is_counted_each_time_and_reported_each_time_that_the_count_doubles() {
        long total = BrokenPromises.total();
        long others = BrokenPromises.count(Promise.PLACES);
        long count = BrokenPromises.count(Promise.ORGANIZATIONS);
        long first = count;
        while (Long.bitCount(count) != 1 || count < 4) {
            BrokenPromises.report(Promise.ORGANIZATIONS, "of a test");
            count++;
        }
        assertThat(reported).contains("(organizations, " + count + " so far)");
        reported = "";
        BrokenPromises.report(Promise.ORGANIZATIONS, "of a test");
        assertThat(reported).as("beyond a power of two").isEmpty();

        assertThat(BrokenPromises.count(Promise.ORGANIZATIONS)).isEqualTo(count + 1);
        assertThat(BrokenPromises.count(Promise.PLACES)).isEqualTo(others);
        assertThat(BrokenPromises.total()).isEqualTo(total + count + 1 - first);
        assertThat(BrokenPromises.counts())
                .containsOnlyKeys(Promise.values())
                .containsEntry(Promise.ORGANIZATIONS, count + 1)
                .containsEntry(Promise.PLACES, others);
    }

    private CircuitRecord highest() {
        return new CircuitRecord(
                "default",
                "agent",
                "open",
                Long.MAX_VALUE,
                0,
                0,
                0,
                0,
                0,
                null,
                lab.time.wallTime(),
                null,
                null,
                false,
                null,
                null,
                null,
                "default",
                99);
    }
}
