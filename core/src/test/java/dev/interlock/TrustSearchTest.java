package dev.interlock;

import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** When trust in probes is looked for again, and that a search leaves nothing behind. */
class TrustSearchTest {
    private static final Duration INTERVAL = ProbeSettings.defaults().interval();
    private static final ProbeSettings NO_SUSPICION =
            new ProbeSettings(INTERVAL, 5, seconds(1), Duration.ofHours(1), 0);

    private final List<Duration> probed = new ArrayList<>();
    private final Deque<Runnable> running = new ArrayDeque<>();
    private boolean good = true;

    private Lab lab(boolean hangs) {
        Lab[] lab = new Lab[1];
        return lab[0] = new Lab(
                settings().probe(NO_SUSPICION).build(),
                builder -> builder.randomness(() -> 0.5)
                        .executor(task -> {
                            if (hangs) {
                                running.add(task);
                            } else {
                                task.run();
                            }
                        })
                        .probe("*", id -> {
                            probed.add(Duration.ofNanos(lab[0].time.ticks()));
                            return good;
                        }));
    }

    private static ProbeStatus probe(Lab lab) {
        return Objects.requireNonNull(lab.circuit.snapshot().probe());
    }

    private static Instant in(Lab lab, double seconds) {
        return lab.time.wallTime().plus(seconds(seconds));
    }

    private static int timers(Lab lab) {
        return lab.circuit.policy().engine.timers.size();
    }

    @Test
    void a_first_failure_leaves_no_timer_of_the_moment_that_was_chosen_before() {
        Lab lab = lab(false);
        int before = timers(lab);
        lab.fail();
        assertThat(probe(lab).trusted()).isTrue();
        assertThat(timers(lab)).isEqualTo(before - 1);
    }

    @Test
    void when_the_circuit_closes_trust_is_looked_for_after_an_interval_or_sooner_if_it_is_due() {
        good = false;
        Lab lab = lab(false);
        lab.fail();
        assertThat(probe(lab).nextAt()).isEqualTo(in(lab, 30));
        lab.pass(seconds(10));
        lab.override(OverrideAction.OPEN);
        lab.override(OverrideAction.CLOSE);
        assertThat(probe(lab).nextAt()).as("it is due sooner").isEqualTo(in(lab, 20));
        lab.pass(seconds(140));
        assertThat(probed).hasSize(4);
        assertThat(probe(lab).nextAt()).isEqualTo(in(lab, 90));
        int before = timers(lab);

        lab.override(OverrideAction.OPEN);
        lab.override(OverrideAction.CLOSE);

        assertThat(probe(lab).nextAt()).isEqualTo(in(lab, 30));
        assertThat(timers(lab)).isEqualTo(before);
        lab.pass(INTERVAL);
        assertThat(probed).hasSize(5);
        assertThat(probe(lab).nextAt())
                .as("and it begins with the interval again")
                .isEqualTo(in(lab, 30));
    }

    @Test
    void while_a_probe_that_was_given_up_hangs_on_the_next_one_has_failed_at_once() {
        Lab lab = lab(true);
        lab.fail();
        assertThat(probe(lab).lastAt()).isNull();
        lab.pass(INTERVAL);
        assertThat(probe(lab).lastGood()).isFalse();
        assertThat(probe(lab).nextAt()).isEqualTo(in(lab, 30));

        lab.pass(INTERVAL);

        assertThat(probe(lab).lastAt()).isEqualTo(lab.time.wallTime());
        assertThat(probe(lab).nextAt()).isEqualTo(in(lab, 60));
        assertThat(probed).isEmpty();
    }
}
