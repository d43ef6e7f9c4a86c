package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitState;
import dev.interlock.Lab;
import dev.interlock.ProbeSettings;
import dev.interlock.Scope;
import dev.interlock.store.ProbeAsk;
import dev.interlock.store.ProbeLease;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of the processes that share a circuit one probes it, and the others let trials in by what that one finds. */
class ProbesOfOneProcessForAllTest {
    private static final Duration COOLDOWN = Duration.ofSeconds(60);
    private static final ProbeSettings PROBE = new ProbeSettings(seconds(30), 2, seconds(5), Duration.ofHours(1), 0);

    private final HandStore store = new HandStore();
    private final List<Duration> probedAt = new CopyOnWriteArrayList<>();
    private volatile boolean good = true;
    private final Lab lab = new Lab(
            CircuitBreakerConfig.builder()
                    .scope(Scope.SHARED)
                    .cooldown(COOLDOWN)
                    .probe(PROBE)
                    .build(),
            builder -> builder.store(store).probe("*", id -> {
                probedAt.add(now());
                return good;
            }));

    private Duration now() {
        return Duration.ofNanos(this.lab.time.ticks());
    }

    @BeforeEach
    void earnTrust() {
        lab.trusted();
    }

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    /** Opens the circuit, lets all know, and ends its cooldown; returns when that was. */
    private Duration openAndCool() {
        lab.trip();
        if (!lab.circuits.flush(Duration.ofSeconds(30))) {
            throw new AssertionError("Not stored");
        }
        probedAt.clear();
        store.askedToProbe.clear();
        lab.pass(COOLDOWN);
        return now();
    }

    private void answers(ProbeLease lease) {
        store.prober = ask -> CompletableFuture.completedFuture(lease);
    }

    private boolean letsTrialsIn() {
        return lab.circuit.snapshot().retryAfter().compareTo(seconds(1)) < 0;
    }

    @Test
    void the_one_that_is_to_probe_probes_and_lets_all_know_when_enough_were_good() {
        Duration cooled = openAndCool();
        assertThat(probedAt).containsExactly(cooled);
        assertThat(letsTrialsIn()).isFalse();
        lab.pass(seconds(5));

        assertThat(probedAt).containsExactly(cooled, cooled.plus(seconds(5)));
        assertThat(letsTrialsIn()).isTrue();
        assertThat(store.askedToProbe).extracting(ProbeAsk::ready).containsExactly(false, false, true);
        assertThat(store.askedToProbe)
                .extracting(ProbeAsk::kept)
                .containsExactly(seconds(60), seconds(60), Duration.ofHours(1));
        assertThat(store.askedToProbe).extracting(ProbeAsk::purpose).allMatch(purpose -> purpose.startsWith("open-"));
        assertThat(lab.circuit).isOpen();
    }

    @Test
    void the_others_probe_nothing_and_look_several_times_an_interval_whether_trials_can_be_let_in() {
        answers(ProbeLease.ELSEWHERE);
        openAndCool();
        lab.pass(seconds(5.999));
        assertThat(store.askedToProbe).hasSize(1);
        lab.pass(seconds(0.001));
        assertThat(store.askedToProbe).hasSize(2);
        assertThat(letsTrialsIn()).isFalse();

        answers(ProbeLease.READY);
        lab.pass(seconds(6));

        assertThat(letsTrialsIn()).isTrue();
        assertThat(probedAt).isEmpty();
        lab.pass(seconds(60));
        assertThat(store.askedToProbe).hasSize(3);
        assertThat(lab.circuit.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void one_whose_prober_went_away_takes_over() {
        answers(ProbeLease.ELSEWHERE);
        Duration cooled = openAndCool();
        answers(ProbeLease.GIVEN);
        lab.pass(seconds(6));

        assertThat(probedAt).containsExactly(cooled.plus(seconds(6)));
    }

    @Test
    void one_that_hears_no_answer_probes_by_itself() {
        store.prober = ask -> CompletableFuture.failedFuture(new IllegalStateException("away"));
        Duration cooled = openAndCool();

        assertThat(probedAt).containsExactly(cooled);
    }

    @Test
    void a_bad_probe_starts_over_after_the_interval_and_asks_again_who_probes() {
        good = false;
        Duration cooled = openAndCool();
        lab.pass(seconds(30));

        assertThat(probedAt).containsExactly(cooled, cooled.plus(seconds(30)));
        assertThat(store.askedToProbe).extracting(ProbeAsk::ready).containsExactly(false, false);
    }
}
