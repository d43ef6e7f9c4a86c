package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Who listens hears of each outcome once: whose it is, how long the call took, how long ago it ended, what it became. */
class SettlementListenersTest {
    private static final Duration TOOK = Duration.ofMillis(70);

    /** What was heard of an outcome. */
    private record Heard(
            String circuit, Outcome outcome, long tookNanos, long agoNanos, long epoch, Settlement settlement) {}

    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent");
    private final List<Heard> heard = new ArrayList<>();
    private final SettlementListener listener = (circuit, outcome, took, ago, epoch, settlement) ->
            heard.add(new Heard(circuit.name(), outcome, took, ago, epoch, settlement));

    private static void nothing() {}

    private void listen() {
        guard.run(SettlementListenersTest::nothing); // from now on calls go the short way
        lab.circuits.settlements().add(listener);
        lab.pass(Duration.ofSeconds(1)); // so that no tick is zero
    }

    @Test
    void a_guarded_call_is_timed_while_somebody_listens() {
        listen();

        guard.run(() -> lab.pass(TOOK));

        assertThat(heard).containsExactly(counted(Outcome.success(), TOOK, 0));
    }

    @Test
    void so_is_one_that_fails_and_the_good_one_that_ends_its_streak() {
        listen();
        assertThatThrownBy(() -> guard.run(() -> {
                    lab.pass(TOOK);
                    throw new TimeoutException();
                }))
                .isInstanceOf(TimeoutException.class);
        guard.run(() -> lab.pass(TOOK.multipliedBy(2)));

        assertThat(heard).hasSize(2);
        assertThat(heard.get(0).outcome().kind()).isEqualTo(FailureKind.TIMEOUT);
        assertThat(heard.get(0).tookNanos()).isEqualTo(TOOK.toNanos());
        assertThat(heard.get(1)).isEqualTo(counted(Outcome.success(), TOOK.multipliedBy(2), 0));
    }

    @Test
    void so_is_a_permit() {
        listen();
        Permit permit = guard.acquire();
        lab.pass(TOOK);
        permit.succeed();
        permit.succeed();

        assertThat(heard).containsExactly(counted(Outcome.success(), TOOK, 0));
    }

    @Test
    void what_is_recorded_bears_its_own_duration_and_ended_as_long_ago_as_its_age_says() {
        listen();
        lab.pass(Duration.ofSeconds(10));
        Outcome outcome = Outcome.success().took(TOOK);
        lab.circuit.record(outcome, Duration.ofSeconds(2));
        lab.circuit.record(Outcome.success(), Duration.ofSeconds(3));
        lab.circuit.record(outcome, Duration.ZERO);

        assertThat(heard)
                .containsExactly(
                        counted(outcome, TOOK, Duration.ofSeconds(2).minus(TOOK).toNanos()),
                        counted(
                                Outcome.success(),
                                Duration.ofNanos(-1),
                                Duration.ofSeconds(3).toNanos()),
                        counted(outcome, TOOK, 0));
    }

    @Test
    void of_a_call_that_began_before_anybody_listened_nobody_knows_how_long_it_took() {
        Permit before = guard.acquire();
        lab.pass(TOOK);
        listen();
        heard.clear();
        before.succeed();
        assertThat(heard).containsExactly(counted(Outcome.success(), Duration.ofNanos(-1), 0));
    }

    @Test
    void late_outcomes_are_heard_as_such_and_of_the_epoch_that_admitted_them() {
        listen();
        Permit old = lab.begin();
        long epoch = lab.circuit.epoch();
        lab.trip();
        heard.clear();

        old.succeed();

        assertThat(heard).singleElement().satisfies(late -> {
            assertThat(late.settlement()).isEqualTo(Settlement.LATE);
            assertThat(late.epoch()).isEqualTo(epoch);
        });
    }

    @Test
    void a_failure_that_turns_out_to_be_its_agents_alone_is_heard_of_the_agent_and_not_of_the_model() {
        lab.circuits.putPolicy("model:m", Lab.settings().minCallers(2).build());
        Guard slow = guard.dependingOn("model:m");
        Guard other = lab.circuits.guard("other").dependingOn("model:m");
        slow.run(SettlementListenersTest::nothing);
        other.run(SettlementListenersTest::nothing);
        listen();
        heard.clear();
        Permit call = slow.acquire();
        lab.pass(TOOK);
        other.run(SettlementListenersTest::nothing);
        heard.clear();

        call.fail(FailureKind.TIMEOUT);

        assertThat(heard).singleElement().satisfies(failure -> {
            assertThat(failure.circuit()).isEqualTo("agent");
            assertThat(failure.settlement()).isEqualTo(Settlement.COUNTED);
        });
    }

    @Test
    void a_policy_that_comes_later_reports_to_those_who_listen_already() {
        listen();
        lab.circuits.putPolicy("agent*", Lab.settings().failureThreshold(7).build());
        lab.circuits.putPolicy("other*", Lab.settings().failureThreshold(7).build());
        Guard other = lab.circuits.guard("other");
        for (Guard each : List.of(guard, other)) {
            each.run(SettlementListenersTest::nothing);
            each.run(() -> lab.pass(TOOK));
        }

        assertThat(heard).hasSize(4);
        assertThat(heard).extracting(Heard::circuit).containsExactly("agent", "agent", "other", "other");
        assertThat(heard.get(1).tookNanos()).isEqualTo(TOOK.toNanos());
        assertThat(heard.get(3).tookNanos()).isEqualTo(TOOK.toNanos());
    }

    @Test
    void all_policies_that_are_there_report_to_who_comes_to_listen() {
        lab.circuits.putPolicy("agent*", Lab.settings().failureThreshold(7).build());
        lab.circuits.putPolicy("other*", Lab.settings().failureThreshold(7).build());
        Policy first = lab.circuit.policy();
        Policy second = lab.circuits.getOrCreate("other").policy();
        assertThat(first.isHeard()).isFalse();
        assertThat(lab.circuits.settlements().isHeard()).isFalse();
        listen();
        assertThat(first.isHeard()).isTrue();
        assertThat(second.isHeard()).isTrue();
        assertThat(lab.circuits.settlements().isHeard()).isTrue();
    }

    @Test
    void a_process_has_a_name_that_no_other_manager_has() {
        String process = lab.circuits.settlements().process();
        assertThat(process).startsWith("process:").isEqualTo(guard.process());
        assertThat(new Lab().circuits.settlements().process()).isNotEqualTo(process);
    }

    @Test
    void all_who_listen_hear_and_one_that_throws_hurts_nobody() throws Exception {
        listen();
        List<Throwable> reported = reporting(() -> {
            lab.circuits.settlements().add((circuit, outcome, took, ago, epoch, settlement) -> {
                throw new IllegalStateException("broken");
            });
            lab.circuits.settlements().add(listener);
            guard.run(SettlementListenersTest::nothing);
        });

        assertThat(heard).hasSize(2);
        assertThat(reported)
                .singleElement()
                .satisfies(thrown -> assertThat(thrown).hasMessage("broken"));
        assertThat(lab.circuit.snapshot().figures().calls()).isEqualTo(2);
    }

    @Test
    void the_only_one_that_throws_hurts_no_call_either() throws Exception {
        List<Throwable> reported = reporting(() -> {
            lab.circuits.settlements().add((circuit, outcome, took, ago, epoch, settlement) -> {
                throw new StackOverflowError("broken");
            });
            guard.run(SettlementListenersTest::nothing);
            guard.run(SettlementListenersTest::nothing);
        });

        assertThat(reported).hasSize(2);
        assertThat(lab.circuit.snapshot().figures().calls()).isEqualTo(2);
    }

    @Test
    void who_has_left_hears_nothing_and_calls_are_timed_no_longer() {
        listen();
        SettlementListeners settlements = lab.circuits.settlements();
        settlements.add(listener);
        settlements.remove(listener);
        guard.run(SettlementListenersTest::nothing);
        assertThat(heard).hasSize(1);
        assertThat(lab.circuit.policy().isHeard()).isTrue();

        settlements.remove(listener);
        guard.run(SettlementListenersTest::nothing);

        assertThat(heard).hasSize(1);
        assertThat(lab.circuit.policy().marks()).isZero();
    }

    @Test
    void who_comes_and_who_leaves_keeps_nobody_else_from_doing_so() {
        SettlementListeners settlements = lab.circuits.settlements();
        lab.circuits.getOrCreate("another");
        SettlementListener other = (circuit, outcome, took, ago, epoch, settlement) -> {};
        assertThat(OtherThread.running(() -> settlements.add(other))).succeedsWithin(OtherThread.LONG);
        settlements.add(listener);
        assertThat(OtherThread.running(() -> settlements.remove(other))).succeedsWithin(OtherThread.LONG);
        settlements.remove(listener);
        assertThat(OtherThread.running(() -> settlements.add(other))).succeedsWithin(OtherThread.LONG);
    }

    private Heard counted(Outcome outcome, Duration took, long agoNanos) {
        return new Heard("agent", outcome, took.toNanos(), agoNanos, lab.circuit.epoch(), Settlement.COUNTED);
    }

    /** What comes to this thread's handler of uncaught exceptions meanwhile. */
    private static List<Throwable> reporting(Executable work) throws Exception {
        List<Throwable> reported = new ArrayList<>();
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((on, thrown) -> reported.add(thrown));
        try {
            work.execute();
        } catch (Exception | Error thrown) {
            throw thrown;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            thread.setUncaughtExceptionHandler(before);
        }
        return reported;
    }
}
