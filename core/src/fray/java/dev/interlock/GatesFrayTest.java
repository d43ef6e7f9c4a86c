package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pastalab.fray.junit.junit5.FrayTestExtension;
import org.pastalab.fray.junit.junit5.annotations.FrayTest;

/** After a gate was put no call begins, whatever else happens: other gates, other policies, circuits that move. */
@ExtendWith(FrayTestExtension.class)
class GatesFrayTest {
    private static final String ACME = CircuitId.DEFAULT_ORGANIZATION;

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void after_a_gate_was_put_no_call_begins() throws Exception {
        CircuitBreakerManager circuits = manager();
        Guard alone = circuits.guard("agent");
        Guard several = alone.dependingOn("model:kimi");
        alone.call(() -> "");
        AtomicBoolean put = new AtomicBoolean();
        AtomicInteger wrong = new AtomicInteger();
        AtOnce.run(
                () -> {
                    circuits.gates().put(Gate.ofOrganization(ACME, "ann").named("stop"));
                    put.set(true);
                },
                () -> {
                    circuits.putPolicy("agent", CircuitBreakerConfig.recommended());
                    circuits.gates().put(Gate.ofAgents(ACME, "nobody", "ann").named("other"));
                    circuits.gates().remove(ACME, "other", "ann", null);
                },
                () -> {
                    for (int i = 0; i < 2; i++) {
                        boolean before = put.get();
                        boolean admitted = alone.tryAcquire() != null | several.tryAcquire() != null | called(alone);
                        if (before && admitted) {
                            wrong.incrementAndGet();
                        }
                    }
                });

        assertThat(wrong).hasValue(0);
        assertThat(alone.tryAcquire()).isNull();
        circuits.gates().remove(ACME, "stop", "ann", null);
        assertThat(called(alone)).isTrue();
        circuits.close();
    }

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void after_the_last_gate_was_removed_every_call_begins() throws Exception {
        CircuitBreakerManager circuits = manager();
        Guard guard = circuits.guard("agent");
        AtOnce.run(
                () -> {
                    circuits.gates().put(Gate.ofOrganization(ACME, "ann").named("one"));
                    circuits.gates().remove(ACME, "one", "ann", null);
                },
                () -> {
                    circuits.gates().put(Gate.ofAgents(ACME, "*", "ann").named("two"));
                    circuits.gates().remove(ACME, "two", "ann", null);
                },
                () -> circuits.putDefaultPolicy(CircuitBreakerConfig.recommended()));

        assertThat(called(guard)).isTrue();
        assertThat(circuits.gates().list()).isEmpty();
        circuits.close();
    }

    private static boolean called(Guard guard) {
        try {
            guard.call(() -> "");
            return true;
        } catch (CircuitOpenException refused) {
            return false;
        }
    }

    private static CircuitBreakerManager manager() {
        return CircuitBreakerManager.builder()
                .time(new ManualTimeSource())
                .executor(Runnable::run)
                .generation(1)
                .build();
    }
}
