package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Gate;
import dev.interlock.Hold;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.StateTransition;
import dev.interlock.checks.Rounds;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two servers on one PostgreSQL. */
class TwoServersTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final Duration SOON = Duration.ofSeconds(30);

    private final DatabaseSettings settings = Postgres.migrated();
    private final Database databaseOfA = Database.open(settings);
    private final Database databaseOfB = Database.open(settings);
    private final List<StateTransition> heardByB = new CopyOnWriteArrayList<>();
    private final CircuitBreakerManager a = manager(databaseOfA, transition -> {});
    private final CircuitBreakerManager b = manager(databaseOfB, heardByB::add);

    @AfterEach
    void close() {
        a.close();
        b.close();
        databaseOfA.close();
        databaseOfB.close();
    }

    @Test
    void anOverrideOnOneIsSeenByTheOther() {
        a.override(
                PLANNER,
                ManualOverride.of(OverrideAction.HOLD_OPEN, "anna \u2713").because("rollout\n'quoted'"));

        await().until(() -> b.snapshot(PLANNER).hold() != null);
        assertThat(b.snapshot(PLANNER).hold()).isEqualTo(new Hold(null, "anna \u2713", "rollout\n'quoted'"));
        assertThat(b.getOrCreate(PLANNER).tryAcquire()).isNull();
    }

    @Test
    void aTripIsSeenByTheOtherAlsoAfterThatHasResetTheClosedCircuit() {
        b.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));
        await().atMost(SOON).until(() -> a.snapshot(PLANNER).state() == CircuitState.OPEN);
        b.override(PLANNER, ManualOverride.of(OverrideAction.CLOSE, "anna"));
        await().atMost(SOON).until(() -> a.snapshot(PLANNER).state() == CircuitState.CLOSED);
        b.override(PLANNER, ManualOverride.of(OverrideAction.RESET, "anna"));
        assertThat(b.flush(SOON)).isTrue();
        await().atMost(SOON)
                .until(() -> a.flush(SOON) && a.getOrCreate(PLANNER).snapshot().isNotClosed() == false);

        a.getOrCreate(PLANNER).recordFailure(FailureKind.LOOP);

        await().atMost(SOON).until(() -> b.snapshot(PLANNER).state() == CircuitState.OPEN);
    }

    @Test
    void anOrderIsSeenByTheOtherAlsoAfterBothHaveClosedWhatWasClosed() {
        for (CircuitBreakerManager each : List.of(b, a)) {
            each.override(PLANNER, ManualOverride.of(OverrideAction.CLOSE, "anna"));
            assertThat(a.flush(SOON) && b.flush(SOON)).isTrue();
        }
        b.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));

        await().atMost(SOON).until(() -> a.snapshot(PLANNER).state() == CircuitState.OPEN);
    }

    @Test
    void aGateOfOneIsObeyedByTheOtherUntilItIsRemovedThere() {
        a.gates().put(Gate.ofAgents(PLANNER.organization(), "plan*", "anna").named("stop"));
        await().atMost(SOON).until(() -> b.getOrCreate(PLANNER).tryAcquire() == null);

        b.gates().remove(PLANNER.organization(), "stop", "bob", null);
        await().atMost(SOON).until(() -> a.getOrCreate(PLANNER).tryAcquire() != null);
    }

    @Test
    void whoeverGoesOnBeforeItIsKnownThatItListensHearsOfAGap() {
        AtomicInteger gaps = new AtomicInteger();
        CircuitSubscriber subscriber = new CircuitSubscriber() {
            @Override
            public void onChanged(CircuitRecord record) {}

            @Override
            public void onGap() {
                gaps.incrementAndGet();
            }
        };
        Thread.currentThread().interrupt();
        databaseOfA.circuits().subscribe(subscriber);
        assertThat(Thread.interrupted()).isTrue();
        await().atMost(SOON).until(() -> gaps.get() > 0);
    }

    @Test
    void aGateThatWasPutWhileTheConnectionWasLostIsReadAgain() {
        for (int round = 0; round < 3; round++) {
            String id = "stop " + round;
            cutWhatListens();
            a.gates()
                    .put(Gate.ofAgents(PLANNER.organization(), "planner", "anna")
                            .named(id));
            cutWhatListens();
            await().atMost(SOON)
                    .until(() ->
                            b.gates().list().stream().anyMatch(gate -> gate.id().equals(id)));
        }
    }

    @Test
    void whatWasSaidWhileTheConnectionWasLostIsReadAgain() {
        for (int round = 0; round < 5; round++) {
            String actor = "anna " + round;
            OverrideAction action = round % 2 == 0 ? OverrideAction.HOLD_OPEN : OverrideAction.HOLD_CLOSED;
            cutWhatListens();
            a.override(PLANNER, ManualOverride.of(action, actor));
            cutWhatListens();

            await().atMost(SOON).until(() -> {
                Hold hold = b.snapshot(PLANNER).hold();
                return hold != null && hold.actor().equals(actor);
            });
        }
        assertThat(heardByB).extracting(StateTransition::epoch).isSorted().doesNotHaveDuplicates();
    }

    /** Both move the same circuits at will; once nobody moves any more, all three agree. */
    @Test
    @Tag("heavy")
    void atRestBothAgreeWithTheDatabase() throws InterruptedException {
        int moves = Rounds.of(3_000, 100);
        Thread onA = new Thread(() -> moveAtWill(a, new Random(1), moves));
        Thread onB = new Thread(() -> moveAtWill(b, new Random(2), moves));
        onA.start();
        onB.start();
        for (int i = 0; i < 3; i++) {
            cutWhatListens();
        }
        onA.join();
        onB.join();
        assertThat(a.flush(SOON) && b.flush(SOON) && a.flush(SOON)).isTrue();

        for (int i = 0; i < 10; i++) {
            CircuitId id = CircuitId.of("agent-" + i);
            await().atMost(SOON).untilAsserted(() -> {
                CircuitRecord record =
                        Objects.requireNonNull(databaseOfA.circuits().find("default", id.name()));
                assertAgrees(a.snapshot(id), record);
                assertAgrees(b.snapshot(id), record);
            });
        }
        assertThat(databaseOfA
                        .transitions()
                        .of("default", Transitions.Filter.of("agent-0"), Transitions.NEWEST, 10_000))
                .isNotEmpty();
    }

    private static void assertAgrees(CircuitSnapshot circuit, CircuitRecord record) {
        assertThat(circuit.hold() != null).as("held").isEqualTo(record.held());
        assertThat(circuit.state() == CircuitState.CLOSED)
                .as(circuit + " as " + record)
                .isEqualTo(record.state().equals("closed"));
        Hold hold = circuit.hold();
        if (hold != null) {
            assertThat(hold.actor()).isEqualTo(record.actor());
        }
    }

    private static void moveAtWill(CircuitBreakerManager manager, Random random, int moves) {
        for (int move = 0; move < moves; move++) {
            CircuitId id = CircuitId.of("agent-" + random.nextInt(10));
            if (random.nextBoolean()) {
                OverrideAction action = OverrideAction.values()[random.nextInt(6)];
                manager.override(id, ManualOverride.of(action, "actor " + manager.generation() + "-" + move));
            } else {
                for (int i = 0; i < 5; i++) {
                    Permit permit = manager.getOrCreate(id).tryAcquire();
                    if (permit != null) {
                        permit.fail(FailureKind.ERROR);
                    }
                }
            }
        }
    }

    private void cutWhatListens() {
        databaseOfA
                .connections()
                .read(handle -> handle.createQuery("""
                        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                        WHERE application_name = 'interlock-listen' AND datname = current_database()
                        """).mapTo(Integer.class).one());
    }

    private static CircuitBreakerManager manager(Database database, dev.interlock.CircuitListener listener) {
        return CircuitBreakerManager.builder()
                .store(database.circuits())
                .listener(listener)
                .build();
    }
}
