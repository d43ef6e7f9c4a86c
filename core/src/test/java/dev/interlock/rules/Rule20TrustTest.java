package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static dev.interlock.rules.Fixtures.A_NANO;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.ProbeSettings;
import dev.interlock.ProbeStatus;
import dev.interlock.ProbeTrust;
import dev.interlock.TransitionCause;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rule 20: probes are trusted only when earned. */
class Rule20TrustTest {
    private static final Duration INTERVAL = ProbeSettings.defaults().interval();
    private static final Duration SPACING = ProbeSettings.defaults().spacing();
    private static final ProbeSettings NO_SUSPICION =
            new ProbeSettings(Duration.ofSeconds(30), 5, Duration.ofSeconds(1), Duration.ofHours(1), 0);

    private final List<Duration> probed = new ArrayList<>();
    private boolean good = true;

    @Test
    void trust_is_looked_for_at_a_random_moment_within_the_first_hour() {
        for (double chance : new double[] {0, 0.25, 0.999}) {
            probed.clear();
            Lab lab = lab(builder -> builder.randomness(() -> chance));
            Duration moment = seconds(3600 * chance);

            lab.pass(moment.minus(A_NANO).isNegative() ? Duration.ZERO : moment.minus(A_NANO));
            assertThat(probed).hasSize(chance == 0 ? 1 : 0);
            lab.pass(A_NANO.multipliedBy(2));

            assertThat(probed).hasSize(1);
            assertThat(probe(lab).trusted()).isTrue();
        }
    }

    @Test
    void trust_is_looked_for_with_the_first_failure_if_that_comes_before() {
        Lab lab = lab(builder -> builder.randomness(() -> 0.5));
        lab.pass(seconds(60)).succeed();
        assertThat(probed).isEmpty();

        lab.fail();

        assertThat(probed).containsExactly(seconds(60));
        assertThat(probe(lab).trusted()).isTrue();
        lab.pass(Duration.ofHours(3)).fail();
        assertThat(probed).as("a trusted one is not looked for again").hasSize(1);
    }

    @Test
    void at_most_ten_probes_of_the_search_run_at_a_time_in_a_process() {
        ManualTimeSource time = new ManualTimeSource();
        Deque<Runnable> running = new ArrayDeque<>();
        List<CircuitId> asked = new ArrayList<>();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(settings().probe(NO_SUSPICION).build())
                .probe("*", id -> asked.add(id))
                .randomness(() -> 0)
                .time(time)
                .executor(running::add)
                .build()) {
            for (int i = 0; i < 10_000; i++) {
                circuits.getOrCreate("agent-" + i);
            }
            time.advance(Duration.ZERO);

            assertThat(running).hasSize(10);
            while (!running.isEmpty()) {
                running.remove().run();
                assertThat(running).hasSizeLessThanOrEqualTo(10);
            }
            assertThat(asked).doesNotHaveDuplicates().hasSize(10_000);
        }
    }

    @Test
    void a_probe_that_has_succeeded_in_closed_is_trusted_and_one_in_open_is_not() {
        Lab lab = lab(builder -> builder.randomness(() -> 0.5));
        lab.override(OverrideAction.OPEN);
        lab.pass(Duration.ofHours(2));
        assertThat(probe(lab).trusted()).isFalse();
        assertThat(probed).as("nobody asks a probe that does not decide").isEmpty();

        lab.override(OverrideAction.CLOSE);
        lab.pass(INTERVAL);

        assertThat(probe(lab).trusted()).isTrue();
    }

    @Test
    void without_trust_the_circuit_goes_by_trials() {
        good = false;
        Lab lab = lab();
        lab.pass(Duration.ZERO);
        assertThat(probe(lab).lastGood()).isFalse();
        lab.tripAndCool();

        lab.begin();

        assertThat(lab).isHalfOpen();
        assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.COOLDOWN_OVER);
    }

    @Test
    void trust_that_was_not_found_is_looked_for_more_and_more_rarely_up_to_once_an_hour() {
        good = false;
        Lab lab = lab();
        lab.pass(Duration.ofHours(12));

        List<Duration> waits = new ArrayList<>();
        for (int i = 1; i < probed.size(); i++) {
            waits.add(probed.get(i).minus(probed.get(i - 1)));
        }
        assertThat(waits.subList(0, 9))
                .containsExactly(
                        seconds(30),
                        seconds(60),
                        seconds(120),
                        seconds(240),
                        seconds(480),
                        seconds(960),
                        seconds(1920),
                        seconds(3600),
                        seconds(3600));
    }

    @Test
    void trust_is_lost_when_real_trials_close_the_circuit_while_probes_fail() {
        Lab lab = lab().trusted();
        good = false;
        lab.trip().pass(Duration.ofHours(1)).succeed(2);

        assertThat(lab).isClosed();
        assertThat(probe(lab).trusted()).isFalse();
        assertThat(last(lab).why()).isEqualTo(ProbeTrust.Why.TRIALS_SUCCEEDED);
    }

    @Test
    void trust_stays_when_trials_close_the_circuit_after_good_probes() {
        Lab lab = lab().trusted();
        lab.tripAndCool().pass(seconds(4)).succeed(2);

        assertThat(lab).isClosed();
        assertThat(probe(lab).trusted()).isTrue();
        assertThat(lab.trust).hasSize(1);
    }

    @Test
    void trust_is_lost_when_a_probe_fails_and_the_next_three_real_calls_begun_after_it_succeed() {
        Lab lab = lab().trusted();
        good = false;
        lab.trip().pass(COOLDOWN);
        lab.override(OverrideAction.CLOSE);

        lab.succeed(2);
        assertThat(probe(lab).trusted()).isTrue();
        lab.succeed();

        assertThat(probe(lab).trusted()).isFalse();
        assertThat(last(lab).why()).isEqualTo(ProbeTrust.Why.CALLS_SUCCEEDED);
    }

    @Test
    void calls_begun_before_the_probe_failed_say_nothing_about_it() {
        Deque<Runnable> running = new ArrayDeque<>();
        Lab lab = new Lab(
                settings().probe(ProbeSettings.defaults()).build(),
                builder -> builder.probe("*", this::probe).executor(running::add));
        lab.pass(Duration.ZERO);
        drain(running);
        lab.fail();
        assertThat(running).as("a suspicion").hasSizeGreaterThanOrEqualTo(2);
        lab.override(OverrideAction.RESET); // so that the suspicion, which is about an earlier epoch, opens nothing
        List<Permit> before = List.of(lab.begin(), lab.begin(), lab.begin());
        lab.pass(seconds(1));
        good = false;
        drain(running);
        assertThat(lab).isClosed();

        before.forEach(Permit::succeed);
        for (int i = 0; i < 3; i++) {
            lab.circuit.record(dev.interlock.Outcome.success(), seconds(1));
        }
        assertThat(probe(lab).trusted()).isTrue();
        lab.succeed(3);
        assertThat(probe(lab).trusted()).isFalse();
    }

    @Test
    void an_outcome_without_a_permit_counts_by_when_its_call_began() {
        Lab lab = lab().trusted();
        good = false;
        lab.trip().pass(COOLDOWN);
        lab.override(OverrideAction.CLOSE);
        lab.pass(seconds(10));

        for (int i = 0; i < 3; i++) {
            lab.circuit.record(dev.interlock.Outcome.success(), seconds(9));
        }

        assertThat(probe(lab).trusted()).isFalse();
    }

    @Test
    void a_call_that_fails_after_the_probe_leaves_the_trust() {
        Lab lab = lab().trusted();
        good = false;
        lab.trip().pass(COOLDOWN);
        lab.override(OverrideAction.CLOSE);

        lab.succeed(2).fail().succeed(3);

        assertThat(probe(lab).trusted()).isTrue();
    }

    @Test
    void the_next_good_probe_in_closed_restores_trust() {
        Lab lab = lab().trusted();
        good = false;
        lab.trip().pass(Duration.ofHours(1)).succeed(2);
        assertThat(probe(lab).trusted()).isFalse();
        good = true;

        lab.pass(SPACING.minus(A_NANO));
        assertThat(probe(lab).trusted()).isFalse();
        lab.pass(A_NANO);

        assertThat(probe(lab).trusted()).isTrue();
        assertThat(lab.trust)
                .extracting(ProbeTrust::why)
                .containsExactly(
                        ProbeTrust.Why.PROBE_SUCCEEDED,
                        ProbeTrust.Why.TRIALS_SUCCEEDED,
                        ProbeTrust.Why.PROBE_SUCCEEDED);
    }

    @Test
    void trust_that_was_lost_is_looked_for_an_interval_a_spacing_apart_and_then_more_and_more_rarely() {
        Lab lab = lab().trusted();
        good = false;
        lab.trip().pass(Duration.ofHours(1)).succeed(2);
        Duration closed = Duration.ofNanos(lab.time.ticks());
        probed.clear();

        lab.pass(seconds(200));

        List<Duration> looked = probed.stream().map(at -> at.minus(closed)).toList();
        assertThat(looked.subList(0, 30))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 30).mapToObj(Lab::seconds).toList());
        assertThat(looked.subList(30, looked.size())).containsExactly(seconds(60), seconds(120));
    }

    @Test
    void what_is_left_of_that_search_goes_on_when_the_circuit_has_closed_again() {
        Lab lab = lab().trusted();
        good = false;
        lab.trip().pass(Duration.ofHours(1)).succeed(2);
        lab.pass(seconds(20));
        lab.trip().pass(COOLDOWN).succeed(2);
        assertThat(lab).isClosed();
        probed.clear();

        lab.pass(seconds(20));

        assertThat(probed).as("of thirty").hasSize(10);
    }

    @Test
    void trust_that_real_calls_took_is_looked_for_in_the_same_way() {
        Lab lab = lab().trusted();
        good = false;
        lab.trip().pass(COOLDOWN);
        lab.override(OverrideAction.CLOSE);
        lab.succeed(3);
        good = true;

        lab.pass(SPACING);

        assertThat(probe(lab).trusted()).isTrue();
    }

    @Test
    void changes_of_trust_are_shown_and_reported() {
        Lab lab = lab();
        assertThat(probe(lab)).isEqualTo(new ProbeStatus(false, null, null, lab.time.wallTime(), null));

        lab.trusted();

        assertThat(probe(lab)).isEqualTo(new ProbeStatus(true, true, lab.time.wallTime(), null, null));
        assertThat(last(lab).describe())
                .isEqualTo("agent: probes are trusted, a probe succeeded while the circuit was closed");
        lab.trip().pass(seconds(20));
        assertThat(probe(lab).nextAt()).isEqualTo(lab.time.wallTime().plusSeconds(40));
        assertThat(probe(lab).realTrialAt()).isEqualTo(lab.time.wallTime().plusSeconds(3_580));
    }

    @Test
    void a_circuit_without_a_probe_has_nothing_of_this() {
        Lab lab = new Lab(settings().probe(NO_SUSPICION).build());
        lab.fail(FailureKind.ERROR).pass(Duration.ofHours(2)).tripAndCool();

        assertThat(lab.circuit.snapshot().probe()).isNull();
        lab.begin();
        assertThat(lab).isHalfOpen();
    }

    private Lab lab() {
        return lab(builder -> builder);
    }

    private Lab lab(UnaryOperator<dev.interlock.ManagerBuilder> more) {
        Lab[] lab = new Lab[1];
        return lab[0] = new Lab(
                settings().probe(NO_SUSPICION).build(),
                builder -> more.apply(builder.probe("*", id -> {
                    probed.add(Duration.ofNanos(lab[0].time.ticks()));
                    return good;
                })));
    }

    private boolean probe(CircuitId id) {
        return good;
    }

    private static ProbeStatus probe(Lab lab) {
        return Objects.requireNonNull(lab.circuit.snapshot().probe());
    }

    private static ProbeTrust last(Lab lab) {
        return lab.trust.get(lab.trust.size() - 1);
    }

    private static void drain(Deque<Runnable> tasks) {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }
}
