package dev.interlock.issues;

import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitState;
import dev.interlock.OverrideAction;
import org.junit.jupiter.api.Test;

/**
 * After a store had forgotten everything two processes could count to the same epoch. Who found the other's record took
 * it for its own: one stayed closed, the other open, for good.
 */
class SameEpochTwiceTest {
    @Test
    void another_state_under_a_known_epoch_is_adopted() {
        try (SharedLab process = new SharedLab().openAndCool()) {
            process.lab.override(OverrideAction.CLOSE);
            process.awaitStored();

            process.store.refillElsewhere(process.openElsewhere(process.stored().epoch()));

            await().until(() -> process.circuit().state() == CircuitState.OPEN);
        }
    }
}
