package dev.interlock.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InMemoryGateProcessesTest extends GateProcessesContract {
    private final GateProcesses processes =
            Objects.requireNonNull(new InMemoryCircuitStore().gates().processes());

    @Override
    protected GateProcesses open() {
        return processes;
    }

    @Test
    void to_say_once_that_it_lives_is_enough() {
        assertThat(processes.every()).isEqualTo(Duration.ZERO);
    }

    @Test
    void the_last_change_of_a_gate_is_the_one_that_a_process_obeys() {
        processes.report("one", obeyed(gate("stop")));
        processes.report("one", obeyed(gate("stop").removed(new GateRecord.Removal("bob", null, Instant.EPOCH))));
        assertThat(processes.obeying(gate("stop"))).isEqualTo(Map.of("one", Optional.empty()));
    }
}
