package dev.interlock;

import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Evidence.Source;
import dev.interlock.Evidence.Verdict;
import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitTally;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a closed epoch that counts together with others decides by itself, and what it reports of its calls. */
class SharedClosedEpochTest {
    private static final CircuitId AGENT = CircuitId.of("agent");

    private boolean together = true;
    private final UnansweringStore store = new UnansweringStore();

    /** On a thread that is not started: nothing is reported but by the test. */
    private final Tallies tallies = tallies();

    private Lab lab = lab(Lab.settings().failureThreshold(3).build());
    private SharedClosedEpoch epoch = new SharedClosedEpoch(Origin.birth(1, 0), AGENT, tallies);

    private Tallies tallies() {
        FleetCircuits none = new FleetCircuits(id -> null);
        FleetThread thread = new FleetThread(new NoWork());
        return new Tallies(store, none, "process", thread, () -> together, System::nanoTime);
    }

    private Lab lab(CircuitBreakerConfig config) {
        return new Lab(
                config.toBuilder().scope(Scope.SHARED).build(), builder -> builder.store(new UnansweringStore()));
    }

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    private Policy policy() {
        return lab.circuit.policy();
    }

    // What decides.

    @Test
    void while_all_can_be_asked_a_streak_here_asks_them_and_opens_nothing() {
        assertThat(fail(3)).isNull();
        assertThat(tallies.isIdle()).as("they are asked").isFalse();
    }

    @Test
    void while_nobody_can_be_asked_it_opens_by_its_own_figures() {
        together = false;
        assertThat(fail(2)).isNull();
        assertThat(cause(fail(1))).isEqualTo(TransitionCause.FAILURE_STREAK);
    }

    @Test
    void its_own_window_counts_what_it_reports_and_opens_it_by_its_rate_as_well() {
        together = false;
        lab.circuits.close();
        lab = lab(Lab.settings()
                .failureThreshold(null)
                .failureRateThreshold(0.5)
                .minRequestsForRate(4)
                .build());
        succeed();
        succeed();
        assertThat(fail(1)).isNull();
        assertThat(cause(fail(1))).isEqualTo(TransitionCause.FAILURE_RATE);
        assertThat(take().calls()).isEqualTo(4);
    }

    @Test
    void so_it_does_while_the_others_do_not_answer() {
        epoch.counts().ended(Objects.requireNonNull(epoch.counts().begin(0)), false, 0);
        assertThat(cause(fail(3))).isEqualTo(TransitionCause.FAILURE_STREAK);
    }

    @Test
    void what_trips_at_once_does_so_here() {
        assertThat(cause(settle(fatal()))).isEqualTo(TransitionCause.FAILURE_KIND);
        CircuitTally tally = take();
        assertThat(tally.failures()).isEqualTo(1);
        assertThat(failures().hadAsked(tally)).as("nobody is asked about it").isFalse();
    }

    @Test
    void where_callers_must_fail_all_are_asked_about_what_trips_at_once() {
        needTwoCallers();
        CircuitTally before = take();
        assertThat(settle(fatal())).isNull();
        assertThat(failures().hadAsked(before)).isFalse();
        CircuitTally asks = take();
        assertThat(failures().hadAsked(asks)).isTrue();
        assertThat(failures().hadAsked(asks)).as("once").isFalse();
        assertThat(failures().hadAsked(take())).isFalse();
    }

    @Test
    void what_was_asked_in_a_report_that_was_not_taken_in_is_asked_in_the_next() {
        needTwoCallers();
        settle(fatal());
        epoch.counts().putBack(take());
        assertThat(failures().hadAsked(take())).isTrue();
        settle(fatal());
        CircuitTally unanswered = take();
        epoch.counts().putBackCallers(unanswered);
        CircuitTally next = take();
        epoch.counts().putBackCallers(unanswered);
        assertThat(failures().hadAsked(next)).isTrue();
    }

    @Test
    void a_report_that_was_made_before_the_answer_to_the_one_that_asks_changes_nothing() {
        needTwoCallers();
        settle(fatal());
        CircuitTally asks = take();
        take();
        assertThat(failures().hadAsked(asks)).isTrue();
    }

    @Test
    void what_all_callers_share_trips_at_once_all_the_same() {
        needTwoCallers();
        Source everybodys = new Source(5, Long.MAX_VALUE, true, null, false, true);
        Evidence used =
                new Evidence(Verdict.FATAL, false, FailureKind.QUOTA_EXHAUSTED, -1, lab.time.ticks(), everybodys);
        assertThat(cause(settle(used))).isEqualTo(TransitionCause.FAILURE_KIND);
        assertThat(failures().hadAsked(take())).isFalse();
    }

    // What is reported.

    @Test
    void calls_failures_and_the_streak_among_them_are_reported_once() {
        fail(2);
        succeed();
        fail(1);
        CircuitTally first = epoch.take(7, "me", policy());
        assertThat(first)
                .isEqualTo(new CircuitTally(
                        "default",
                        "agent",
                        7,
                        "me",
                        4,
                        3,
                        0,
                        0,
                        1,
                        CallerSlots.NONE,
                        Duration.ZERO,
                        policy().tallyRules()));
        CircuitTally nothing = take();
        assertThat(nothing.calls()).isZero();
        assertThat(nothing.failures()).isZero();
        assertThat(nothing.failuresSinceSuccess()).isZero();
        fail(1);
        assertThat(take().failuresSinceSuccess())
                .as("of two the first was reported")
                .isEqualTo(1);
    }

    @Test
    void timed_and_slow_calls_are_reported_apart() {
        lab = lab(Lab.settings()
                .slowCallDuration(seconds(5))
                .slowCallRateThreshold(0.5)
                .build());
        succeed();
        settle(evidence(Verdict.SUCCESS, true, null, -1, source(null)));
        CircuitTally tally = take();
        assertThat(tally.calls()).isEqualTo(2);
        assertThat(tally.failures()).isZero();
        assertThat(tally.timed()).isEqualTo(2);
        assertThat(tally.slow()).isEqualTo(1);
    }

    @Test
    void who_asked_and_who_fails_is_reported() {
        needTwoCallers();
        epoch.asked(policy(), 5, lab.time.ticks());
        epoch.asked(policy(), 6, lab.time.ticks());
        fail(1);
        assertThat(take().callers()).isEqualTo(new CallerSlots(0b110_0000, 0b10_0000, 0));
        assertThat(take().callers()).isEqualTo(CallerSlots.NONE);
    }

    @Test
    void callers_that_an_earlier_epoch_did_not_report_are_noted_as_it_begins() {
        needTwoCallers();
        epoch.begun();
        assertThat(tallies.isIdle()).isTrue();
        epoch.asked(policy(), 5, lab.time.ticks());
        assertThat(tallies.isIdle()).isTrue();
        epoch.begun();
        assertThat(tallies.isIdle()).isFalse();
    }

    @Test
    void the_longest_wait_of_the_streak_is_reported_with_a_failure() {
        settle(waiting(90));
        settle(waiting(30));
        lab.pass(seconds(10));
        fail(1);
        assertThat(take().longestWait()).isEqualTo(seconds(80));
        lab.pass(seconds(10));
        assertThat(take().longestWait()).as("without a failure").isZero();
        lab.pass(seconds(100));
        fail(1);
        assertThat(take().longestWait()).as("it is over").isZero();
    }

    @Test
    void where_callers_must_fail_the_wait_of_the_last_failure_is_reported() {
        needTwoCallers();
        settle(waiting(90));
        settle(waiting(30));
        lab.pass(seconds(10));
        assertThat(take().longestWait()).isEqualTo(seconds(20));
        settle(waiting(30));
        fail(1);
        assertThat(take().longestWait()).as("which has none").isZero();
        settle(waiting(30));
        succeed();
        assertThat(take().longestWait()).as("its streak has ended").isZero();
    }

    /** Reports are made by another thread, which may look at any moment. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void a_failure_is_never_reported_without_its_wait(int minCallers) throws InterruptedException {
        if (minCallers > 1) {
            needTwoCallers();
        }
        List<SharedClosedEpoch> epochs = Stream.generate(
                        () -> new SharedClosedEpoch(Origin.birth(1, 0), AGENT, tallies))
                .limit(20_000)
                .toList();
        List<Duration> waits = new ArrayList<>();
        AtomicInteger reported = new AtomicInteger();
        Policy policy = policy();
        Thread reporter = new Thread(() -> epochs.forEach(each -> {
            CircuitTally tally = each.take(1, "me", policy);
            for (int looks = 0; tally.failures() == 0; looks++) {
                AtTheSameTime.look(looks);
                tally = each.take(1, "me", policy);
            }
            waits.add(tally.longestWait());
            reported.incrementAndGet();
        }));
        reporter.start();
        Evidence asksToWait = waiting(90);
        for (int i = 0; i < epochs.size(); i++) {
            epochs.get(i).settle(policy, Place.NONE, asksToWait);
            for (int looks = 0; reported.get() <= i && reporter.isAlive(); looks++) {
                AtTheSameTime.look(looks);
            }
        }
        reporter.join();
        assertThat(waits).hasSameSizeAs(epochs).containsOnly(seconds(90));
    }

    @Test
    void a_longer_wait_elsewhere_counts_here() {
        settle(waiting(30));
        long here = epoch.waitEnd();
        assertThat(here).isEqualTo(seconds(30).toNanos());
        failures().hearWaitEnd(here - 1);
        assertThat(epoch.waitEnd()).isEqualTo(here);
        failures().hearWaitEnd(here + 1);
        assertThat(epoch.waitEnd()).isEqualTo(here + 1);
    }

    // Whose failure it is.

    @Test
    void the_call_whose_failure_may_be_its_agents_alone_is_taken_once() {
        assertThat(failures().takeAlone()).isNull();
        Caller.Alone alone = new Caller.Alone(CircuitId.of("planner"), Outcome.failure(FailureKind.ERROR));
        settle(evidence(Verdict.FAILURE, false, FailureKind.ERROR, -1, source(alone)));
        Caller.Alone taken = Objects.requireNonNull(failures().takeAlone());
        assertThat(taken.outcome).isSameAs(alone.outcome);
        assertThat(failures().takeAlone()).isNull();
        assertThat(Objects.requireNonNull(failures().worst()).kind()).isEqualTo(FailureKind.ERROR);
        alone = new Caller.Alone(CircuitId.of("planner"), Outcome.failure(FailureKind.ERROR));
        alone.found();
        settle(evidence(Verdict.FAILURE, false, FailureKind.ERROR, -1, source(alone)));
        assertThat(failures().takeAlone()).as("found already").isNull();
        fail(1);
        assertThat(failures().takeAlone()).as("of no agent").isNull();
    }

    @Test
    void a_failure_that_is_its_agents_alone_counts_there_once_whichever_thread_finds_it() throws Exception {
        CircuitId agent = CircuitId.of("planner");
        CircuitId model = CircuitId.of("model:m");
        List<Caller.Alone> calls = Stream.generate(() -> new Caller.Alone(agent, Outcome.failure(FailureKind.TIMEOUT)))
                .limit(20_000)
                .toList();
        AtomicReferenceArray<Caller.Alone> taken = new AtomicReferenceArray<>(calls.size());
        AtTheSameTime.run(2, calls.size(), (thread, each) -> {
            if (thread == 0) {
                taken.set(each, calls.get(each).takeAway());
            } else {
                calls.get(each).found();
            }
        });
        for (int i = 0; i < calls.size(); i++) {
            boolean here = Caller.Alone.at(agent, calls.get(i));
            assertThat(Caller.Alone.at(agent, taken.get(i))).isNotEqualTo(here);
            assertThat(Caller.Alone.isAnothers(model, calls.get(i))).isTrue();
            assertThat(calls.get(i).takeAway()).isNull();
        }
    }

    // A second object of the epoch.

    @Test
    void a_second_object_reports_on_where_the_first_stopped() {
        fail(2);
        epoch.seal();
        SharedClosedEpoch second = new SharedClosedEpoch(epoch, AGENT, policy(), tallies);
        assertThat(second.counts()).isSameAs(epoch.counts());
        assertThat(second.take(1, "me", policy()).failures()).isEqualTo(2);
        SharedClosedEpoch elsewhere = new SharedClosedEpoch(epoch, AGENT, policy(), tallies());
        assertThat(elsewhere.counts()).isNotSameAs(epoch.counts());
        assertThat(elsewhere.streak()).isEqualTo(2);
    }

    /** A change of the policy makes one while failures are not reported yet. */
    @Test
    void a_second_object_reports_what_belongs_to_the_failures_of_the_first() {
        needTwoCallers();
        settle(waiting(90));
        epoch.seal();
        SharedClosedEpoch second = new SharedClosedEpoch(epoch, AGENT, policy(), tallies);
        assertThat(second.take(1, "me", policy()).longestWait()).isEqualTo(seconds(90));

        epoch = new SharedClosedEpoch(Origin.birth(2, 0), AGENT, tallies);
        settle(fatal());
        failures().hearWaitEnd(seconds(900).toNanos());
        epoch.seal();
        SharedClosedEpoch third = new SharedClosedEpoch(epoch, AGENT, policy(), tallies);
        assertThat(failures().hadAsked(third.take(2, "me", policy()))).isTrue();
        assertThat(third.waitEnd()).isEqualTo(seconds(900).toNanos());
    }

    @Test
    void it_counts_for_the_fleet_with_which_it_counts_together_and_no_other() {
        Fleet fleet = Objects.requireNonNull(policy().fleet);
        assertThat(epoch.countsFor(fleet)).isFalse();
        assertThat(epoch.countsFor(null)).isFalse();
        assertThat(new SharedClosedEpoch(Origin.birth(1, 0), AGENT, fleet.tallies()).countsFor(fleet))
                .isTrue();
    }

    private SharedFailures failures() {
        return epoch.counts().failures();
    }

    private void needTwoCallers() {
        lab.circuits.close();
        lab = lab(Lab.settings().failureThreshold(100).minCallers(2).build());
    }

    private @Nullable Move settle(Evidence evidence) {
        return epoch.settle(policy(), Place.NONE, evidence);
    }

    private @Nullable Move fail(int times) {
        Move last = null;
        for (int i = 0; i < times; i++) {
            last = settle(evidence(Verdict.FAILURE, false, FailureKind.ERROR, -1, source(null)));
        }
        return last;
    }

    private void succeed() {
        assertThat(settle(evidence(Verdict.SUCCESS, false, null, -1, source(null))))
                .isNull();
    }

    private Evidence waiting(long seconds) {
        return evidence(
                Verdict.FAILURE,
                false,
                FailureKind.RATE_LIMITED,
                Duration.ofSeconds(seconds).toNanos(),
                source(null));
    }

    private Evidence fatal() {
        return evidence(Verdict.FATAL, false, FailureKind.LOOP, -1, source(null));
    }

    private Evidence evidence(
            Verdict verdict, boolean slow, @Nullable FailureKind kind, long retryAfter, Source source) {
        return new Evidence(verdict, slow, kind, retryAfter, lab.time.ticks(), source);
    }

    private static Source source(Caller.@Nullable Alone alone) {
        return new Source(5, Long.MAX_VALUE, true, alone, false, false);
    }

    private CircuitTally take() {
        return epoch.take(1, "me", policy());
    }

    private static TransitionCause cause(@Nullable Move move) {
        return Objects.requireNonNull(move).cause;
    }

    @Test
    void a_failure_that_is_noted_while_the_last_one_is_looked_at_stays_the_last() throws Exception {
        Caller.Alone alone = new Caller.Alone(CircuitId.of("planner"), Outcome.failure(FailureKind.ERROR));
        Evidence first = evidence(Verdict.FAILURE, false, FailureKind.ERROR, -1, source(alone));
        Evidence last = waiting(90);
        List<SharedFailures> all =
                Stream.generate(SharedFailures::new).limit(20_000).toList();
        all.forEach(each -> each.note(first, false));
        AtTheSameTime.run(2, all.size(), (thread, each) -> {
            if (thread == 0) {
                all.get(each).takeAlone();
            } else {
                all.get(each).note(last, false);
            }
        });
        assertThat(all).extracting(SharedFailures::worst).containsOnly(last);
    }
}
