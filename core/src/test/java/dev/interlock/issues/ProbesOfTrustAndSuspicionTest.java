package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.Gate;
import dev.interlock.Lab;
import dev.interlock.ProbeSettings;
import dev.interlock.ProbeStatus;
import dev.interlock.Scope;
import dev.interlock.TransitionCause;
import dev.interlock.store.ProbeAsk;
import dev.interlock.store.ProbeLease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of the processes that share a closed circuit one seeks the trust of its probes, and one asks them after a failure. */
class ProbesOfTrustAndSuspicionTest {
    private static final Duration INTERVAL = seconds(30);
    private static final Duration MOMENT = seconds(1_800);
    private static final ProbeSettings PROBE = new ProbeSettings(INTERVAL, 2, seconds(5), Duration.ofHours(1), 2);

    private final HandStore store = new HandStore();
    private final List<Duration> probedAt = new ArrayList<>();
    private boolean good = true;
    private final Lab lab = new Lab(
            CircuitBreakerConfig.builder().scope(Scope.SHARED).probe(PROBE).build(),
            builder -> builder.store(store).randomness(() -> 0.5).probe("*", id -> {
                probedAt.add(now());
                return good;
            }));

    private Duration now() {
        return Duration.ofNanos(this.lab.time.ticks());
    }

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    private void answers(ProbeLease lease) {
        store.prober = ask -> CompletableFuture.completedFuture(lease);
    }

    private ProbeStatus probe() {
        return Objects.requireNonNull(lab.circuit.snapshot().probe());
    }

    /** Lets this process seek trust and find it; forgets what that asked. */
    private void earnTrust() {
        lab.pass(MOMENT);
        assertThat(probe().trusted()).isTrue();
        probedAt.clear();
        store.askedToProbe.clear();
    }

    @Test
    void who_is_to_seek_trust_asks_its_probe_at_the_moment_that_it_chose() {
        assertThat(probe().nextAt()).isEqualTo(lab.time.wallTime().plus(MOMENT));
        lab.pass(MOMENT.minusNanos(1));
        assertThat(store.askedToProbe).isEmpty();
        lab.pass(Duration.ofNanos(1));

        assertThat(probedAt).containsExactly(MOMENT);
        assertThat(probe().trusted()).isTrue();
        assertThat(probe().nextAt()).isNull();
        assertThat(store.askedToProbe).singleElement().satisfies(ask -> {
            assertThat(ask.name()).isEqualTo("agent");
            assertThat(ask.purpose()).isEqualTo("trust");
            assertThat(ask.kept()).isEqualTo(INTERVAL);
            assertThat(ask.ready()).isFalse();
        });
    }

    @Test
    void the_others_ask_no_probe_and_look_again_each_interval() {
        answers(ProbeLease.ELSEWHERE);
        lab.pass(MOMENT);
        assertThat(probedAt).isEmpty();
        assertThat(probe().trusted()).isFalse();
        assertThat(probe().nextAt()).isEqualTo(lab.time.wallTime().plus(INTERVAL));
        lab.pass(INTERVAL.multipliedBy(3));
        assertThat(store.askedToProbe).hasSize(4);
        answers(ProbeLease.GIVEN);
        lab.pass(INTERVAL);

        assertThat(probedAt).containsExactly(now());
        assertThat(probe().trusted()).isTrue();
    }

    @Test
    void who_hears_no_answer_seeks_it_by_itself() {
        store.prober = ask -> CompletableFuture.failedFuture(new IllegalStateException("of a test"));
        lab.pass(MOMENT);
        assertThat(probedAt).containsExactly(MOMENT);
    }

    @Test
    void a_process_by_itself_seeks_it_without_asking() {
        store.attached = false;
        lab.pass(MOMENT);
        assertThat(probedAt).containsExactly(MOMENT);
        assertThat(store.askedToProbe).isEmpty();
    }

    @Test
    void behind_a_gate_trust_is_looked_for_within_an_interval_after_its_end() {
        lab.circuits.gates().put(Gate.ofAgents("default", "agent", "ann").named("stop"));
        lab.pass(MOMENT);
        assertThat(store.askedToProbe).isEmpty();
        assertThat(probe().nextAt()).isEqualTo(lab.time.wallTime().plus(INTERVAL));
        lab.circuits.gates().remove("default", "stop", "ann", null);
        lab.pass(INTERVAL);

        assertThat(probedAt).containsExactly(now());
    }

    @Test
    void of_all_processes_one_asks_its_probes_after_a_failure() {
        earnTrust();
        good = false;
        lab.fail();

        assertThat(lab).isOpen();
        assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.PROBES_FAILED);
        assertThat(probedAt).hasSize(2);
        assertThat(store.askedToProbe).extracting(ProbeAsk::purpose).containsExactly("suspicion");
        assertThat(store.askedToProbe).extracting(ProbeAsk::kept).containsExactly(INTERVAL);
        assertThat(store.askedToProbe).extracting(ProbeAsk::ready).containsExactly(false);
    }

    @Test
    void the_others_ask_none() {
        earnTrust();
        good = false;
        answers(ProbeLease.ELSEWHERE);
        lab.fail();

        assertThat(lab).isClosed();
        assertThat(probedAt).isEmpty();
        assertThat(store.askedToProbe).hasSize(1);
    }

    @Test
    void while_nobody_knows_which_process_does_none_asks_its_probes() {
        earnTrust();
        good = false;
        store.prober = ask -> CompletableFuture.failedFuture(new IllegalStateException("of a test"));
        lab.fail();
        assertThat(probedAt).isEmpty();
        store.attached = false;
        lab.pass(INTERVAL).fail();

        assertThat(probedAt).isEmpty();
        assertThat(store.askedToProbe).hasSize(1);
        assertThat(lab).isClosed();
    }
}
