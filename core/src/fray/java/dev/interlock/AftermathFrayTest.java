package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pastalab.fray.junit.junit5.FrayTestExtension;
import org.pastalab.fray.junit.junit5.annotations.FrayTest;

/** What follows a move happens once for each, in order, whichever thread comes to it first. */
@ExtendWith(FrayTestExtension.class)
class AftermathFrayTest {
    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void listeners_hear_every_move_once_and_in_order_and_the_list_of_open_circuits_agrees() throws Exception {
        CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder().failureThreshold(1).build())
                .time(new ManualTimeSource())
                .executor(Runnable::run)
                .generation(1)
                .build();
        List<Long> heard = Collections.synchronizedList(new ArrayList<>());
        circuits.addListener(transition -> heard.add(transition.epoch()));
        CircuitBreaker circuit = circuits.getOrCreate("agent");
        long first = circuit.snapshot().epoch();
        AtOnce.run(
                () -> circuit.recordFailure(FailureKind.ERROR),
                () -> circuit.override(ManualOverride.of(OverrideAction.RESET, "tester")),
                () -> circuit.override(ManualOverride.of(OverrideAction.OPEN, "tester")));

        List<Long> expected = new ArrayList<>();
        for (long epoch = first + 1; epoch <= circuit.snapshot().epoch(); epoch++) {
            expected.add(epoch);
        }
        assertThat(heard).isEqualTo(expected);
        assertThat(circuits.snapshotsNotClosed().count()).isEqualTo(circuit.state() == CircuitState.CLOSED ? 0 : 1);
        circuits.close();
    }
}
