package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualTimeSource;
import dev.interlock.ProbeSettings;
import dev.interlock.ProbeStatus;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/**
 * Suspicions did not wait for their turn but in the executor, where their time ran: hanging probes of one organization
 * made another's fail that nobody had asked, and a failed suspicion opens a circuit.
 */
class ProbesOfOneOrganizationTest {
    private static final int CIRCUITS_WITH_ALL_TURNS = 8;
    private static final CircuitBreakerConfig PROBED = CircuitBreakerConfig.builder()
            .failureThreshold(100)
            .probe(ProbeSettings.defaults())
            .build();

    private final ManualTimeSource time = new ManualTimeSource();
    private final Deque<Runnable> running = new ArrayDeque<>();
    private boolean hanging;

    @Test
    void a_probe_that_never_had_its_turn_has_not_failed() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(time)
                .executor(this::execute)
                .randomness(() -> 0.9)
                .defaults(PROBED)
                .probe("*", id -> true)
                .build()) {
            CircuitBreaker quiet = trusted(circuits, "quiet", "agent");
            CircuitBreaker[] loud = new CircuitBreaker[CIRCUITS_WITH_ALL_TURNS];
            for (int i = 0; i < loud.length; i++) {
                loud[i] = trusted(circuits, "loud", "agent-" + i);
            }
            time.advance(ProbeSettings.defaults().interval());
            hanging = true;
            for (CircuitBreaker each : loud) {
                each.recordFailure(FailureKind.SERVER_ERROR);
            }
            quiet.recordFailure(FailureKind.SERVER_ERROR);
            assertThat(running).as("all turns are taken").hasSize(2 * CIRCUITS_WITH_ALL_TURNS);
            running.clear();

            time.advance(ProbeSettings.defaults().interval());

            assertThat(loud).allMatch(each -> each.state() == CircuitState.OPEN);
            assertThat(quiet.state()).isEqualTo(CircuitState.CLOSED);
            while (!running.isEmpty()) {
                running.remove().run();
            }
            assertThat(quiet.state())
                    .as("its probes were asked then, and were good")
                    .isEqualTo(CircuitState.CLOSED);
            assertThat(isTrusted(quiet)).isTrue();
        }
    }

    private void execute(Runnable task) {
        if (hanging) {
            running.add(task);
        } else {
            task.run();
        }
    }

    private static CircuitBreaker trusted(CircuitBreakerManager circuits, String organization, String name) {
        CircuitBreaker circuit = circuits.getOrCreate(new CircuitId(organization, name));
        circuit.recordFailure(FailureKind.SERVER_ERROR);
        assertThat(isTrusted(circuit)).isTrue();
        return circuit;
    }

    private static boolean isTrusted(CircuitBreaker circuit) {
        ProbeStatus probe = circuit.snapshot().probe();
        return probe != null && probe.trusted();
    }
}
