package dev.interlock.monitor;

import static dev.interlock.monitor.Watch.AGENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import dev.interlock.StateTransition;
import dev.interlock.TransitionCause;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How health and circuits are tied together, seen through the log alone. */
class HealthMonitorTest {
    private Watch watch = new Watch();

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void a_breach_that_only_the_log_shows_opens_the_circuit_at_once_by_the_circuits_own_rules() {
        watch.fail(5);

        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        assertThat(watch.lastMove().cause()).isEqualTo(TransitionCause.FAILURE_STREAK);
    }

    /** A call every 10 s: the circuit's own window of 60 s never holds the ten calls that a rate needs. */
    @Test
    void an_agent_with_few_calls_a_minute_is_opened_by_health_within_a_round() {
        fewCallsOfWhichHalfFail();
        assertThat(watch.state()).isEqualTo(CircuitState.CLOSED);
        watch.pass(1);

        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        StateTransition opened = watch.lastMove();
        assertThat(opened.cause()).isEqualTo(TransitionCause.HEALTH);
        assertThat(opened.actor()).isEqualTo("health");
        assertThat(opened.reason())
                .startsWith("critical, score ")
                .contains("failing: 5 of 10 calls failed within 5 minutes", "p95 latency is");
        assertThat(opened.cooldown()).isEqualTo(Duration.ofSeconds(60));
        assertThat(watch.changes)
                .as("nothing before there were ten calls")
                .containsExactly(HealthTransition.Type.CRITICAL_FROM_HEALTHY);
    }

    @Test
    void slowness_and_old_errors_are_shown_but_block_nobody() {
        for (int i = 0; i < 300; i++) {
            watch.succeed(1, Duration.ofSeconds(40)).pass(5);
            if (i % 5 == 0) {
                watch.fail(1);
            }
        }

        assertThat(watch.status()).isEqualTo(HealthStatus.CRITICAL);
        assertThat(watch.moves).isEmpty();
    }

    @Test
    void to_the_letter_of_the_specification_critical_opens_whatever_made_it_so() {
        close();
        watch = new Watch(HealthSettings.Opens.CRITICAL);
        slowAndSomeErrors();

        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        assertThat(watch.lastMove().reason()).doesNotContain("failing").contains("p95 latency is 4");
    }

    @Test
    void health_that_never_opens_only_shows() {
        close();
        watch = new Watch(HealthSettings.Opens.NEVER);
        fewCallsOfWhichHalfFail();
        watch.pass(1);

        assertThat(watch.status()).isEqualTo(HealthStatus.CRITICAL);
        assertThat(watch.moves).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"HOLD_OPEN", "HOLD_CLOSED"})
    void a_held_circuit_is_never_touched(OverrideAction hold) {
        watch.order(hold);
        watch.fail(20).pass(1);
        assertThat(watch.status()).isEqualTo(HealthStatus.CRITICAL);
        watch.pass(400).succeed(50).pass(31);

        assertThat(watch.moves).hasSize(1);
        assertThat(watch.circuit().hold()).isNotNull();
    }

    @Test
    void what_was_seen_before_the_circuit_closed_does_not_open_it_again() {
        watch.succeed(6).fail(5).pass(1);
        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        watch.order(OverrideAction.CLOSE);
        watch.pass(31);

        assertThat(watch.status()).isEqualTo(HealthStatus.CRITICAL);
        assertThat(watch.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void a_recovery_seen_since_the_opening_ends_the_cooldown_at_once_and_the_circuit_closes_by_itself() {
        watch.succeed(5).fail(5).pass(1);
        assertThat(watch.changes).containsExactly(HealthTransition.Type.CRITICAL_FROM_HEALTHY);
        watch.pass(3).succeed(2);
        assertThat(watch.circuit().retryAfter()).isPositive();
        watch.pass(1);

        assertThat(watch.changes).endsWith(HealthTransition.Type.RECOVERED_FROM_CRITICAL);
        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        assertThat(watch.circuit().retryAfter()).isZero();
        watch.succeed(2);
        assertThat(watch.state()).isEqualTo(CircuitState.CLOSED);
        watch.pass(60);
        assertThat(watch.changes).hasSize(2);
        assertThat(watch.status()).isEqualTo(HealthStatus.HEALTHY);
    }

    @Test
    void a_circuit_that_recovers_without_news_during_the_cooldown_closes_by_itself_too() {
        watch.fail(5).pass(61);
        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        watch.succeed(1);
        assertThat(watch.state()).isEqualTo(CircuitState.HALF_OPEN);
        watch.succeed(1);

        assertThat(watch.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void while_the_circuit_is_open_unknown_is_no_transition() {
        watch.succeed(5).fail(5).pass(1_000);
        assertThat(watch.status()).isEqualTo(HealthStatus.CRITICAL);
        assertThat(watch.changes).containsExactly(HealthTransition.Type.CRITICAL_FROM_HEALTHY);

        watch.order(OverrideAction.CLOSE);
        watch.pass(31);
        assertThat(watch.status()).isEqualTo(HealthStatus.UNKNOWN);
        assertThat(watch.changes).hasSize(1);
    }

    @Test
    void a_score_at_the_edge_does_not_flicker() {
        for (int i = 0; i < 400; i++) {
            if (i % 5 == 4) {
                watch.fail(1);
            } else {
                watch.succeed(1);
            }
            watch.pass(1);
        }

        assertThat(watch.changes).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void a_snapshot_says_since_when_its_status_has_lasted() {
        assertThat(watch.monitor.snapshot(AGENT).since()).isNull();
        watch.succeed(20).pass(1);
        Instant healthy = watch.time.wallTime();
        assertThat(watch.monitor.snapshot(AGENT).since()).isEqualTo(healthy.minusMillis(500));
        watch.pass(10).fail(4).succeed(1).fail(4).pass(1);
        Instant degraded = watch.monitor.snapshot(AGENT).since();
        assertThat(watch.status()).isEqualTo(HealthStatus.DEGRADED);
        assertThat(degraded).isAfter(healthy.plusSeconds(9));

        watch.pass(40).succeed(1).pass(1);
        HealthSnapshot later = watch.monitor.snapshot(AGENT);
        assertThat(later.status()).isEqualTo(HealthStatus.DEGRADED);
        assertThat(later.since()).as("other figures begin no other status").isEqualTo(degraded);
        assertThat(later.at()).isAfter(later.since().plusSeconds(30));
    }

    @Test
    void the_other_transitions_have_their_names() {
        watch.succeed(20).pass(1).fail(4).succeed(1).fail(4).pass(1);
        assertThat(watch.changes).containsExactly(HealthTransition.Type.DEGRADING);
        watch.succeed(1, Duration.ofSeconds(4)).pass(1);
        watch.succeed(300, Duration.ofMillis(100)).pass(1);

        assertThat(watch.changes).endsWith(HealthTransition.Type.RECOVERED);
    }

    @Test
    void kinds_that_say_nothing_about_health_are_in_no_figure() {
        watch.send(
                watch.call(Duration.ofSeconds(50)).status(EntryStatus.CANCELLED).build());
        watch.send(watch.call(Duration.ofSeconds(1))
                .status(EntryStatus.FAILURE)
                .errorKind(FailureKind.INVALID_REQUEST)
                .build());
        watch.pass(1);

        assertThat(watch.monitor.judged(AGENT)).isNull();
        assertThat(watch.monitor.snapshot(AGENT).status()).isEqualTo(HealthStatus.UNKNOWN);
        assertThat(watch.monitor.snapshot(AGENT).figures()).isEqualTo(HealthFigures.NONE);
        assertThat(watch.circuit().figures().calls()).isZero();
    }

    @Test
    void idle_agents_are_forgotten_and_made_up_ones_find_no_room() {
        for (int i = 0; i < 1_100; i++) {
            watch.monitor.record(watch.circuits.guard("agent-" + i), Outcome.success(), Duration.ZERO);
        }
        assertThat(watch.monitor.size()).isEqualTo(950);
        assertThat(watch.monitor.notJudged()).isEqualTo(150);
        watch.pass(4_000);

        assertThat(watch.monitor.size()).isZero();
    }

    @Test
    void a_listener_that_throws_hurts_nobody() {
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
        try {
            watch.monitor.addListener(transition -> {
                throw new IllegalStateException("broken");
            });
            watch.succeed(5).fail(5).pass(1);
            watch.monitor.addListener(transition -> watch.changes.add(transition.type()));
            watch.succeed(2).pass(1);
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        assertThat(watch.changes).hasSize(3);
    }

    /** Ten thousand agents at work would else send as many messages every half a minute, that say nothing new. */
    @Test
    void figures_alone_can_be_heard_apart_from_updates() {
        List<HealthSnapshot> updates = new ArrayList<>();
        List<HealthSnapshot> figures = new ArrayList<>();
        watch.monitor.addListener(new HealthListener() {
            @Override
            public void onTransition(HealthTransition transition) {}

            @Override
            public void onUpdate(HealthSnapshot snapshot) {
                updates.add(snapshot);
            }

            @Override
            public void onFigures(HealthSnapshot snapshot) {
                figures.add(snapshot);
            }
        });
        watch.succeed(20).pass(31);
        int first = updates.size();
        assertThat(first).as("it was not known before").isPositive();
        int known = watch.updates.size();
        for (int i = 0; i < 70; i++) {
            watch.succeed(1);
            watch.time.advance(Duration.ofMillis(500));
        }
        assertThat(updates).as("as well as before").hasSize(first);
        assertThat(figures).isNotEmpty().allMatch(each -> each.score() == 100);
        assertThat(watch.updates).as("of who hears both as one").hasSizeGreaterThan(known);
    }

    private void fewCallsOfWhichHalfFail() {
        watch.succeed(1, Duration.ofSeconds(12)).pass(10);
        for (int i = 0; i < 4; i++) {
            watch.fail(1).pass(10).succeed(1, Duration.ofSeconds(12)).pass(10);
        }
        watch.fail(1);
    }

    private void slowAndSomeErrors() {
        for (int i = 0; i < 60 && watch.moves.isEmpty(); i++) {
            watch.succeed(1, Duration.ofSeconds(40)).pass(5);
            if (i % 3 == 0) {
                watch.fail(1);
            }
        }
    }
}
