package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Permit;
import dev.interlock.issues.HandStore.Writes;
import org.junit.jupiter.api.Test;

/**
 * What a shared circuit did while nobody could be asked gave way to what the others had, and counted as being written from
 * then on: the store's lag grew for hours, and the circuit was not forgotten until it had moved once more.
 */
class GaveWayAndStayedUnwrittenTest {
    @Test
    void nothing_waits_to_be_stored_once_it_has_given_way() throws InterruptedException {
        try (SharedLab process = new SharedLab().openAndCool()) {
            Permit trial = process.trying();
            process.awaitStored();
            process.store.mode = Writes.FAIL;
            process.failUnwritten(trial);
            process.store.mode = Writes.SUCCEED;
            process.awaitStored();

            assertThat(process.stored().state()).isEqualTo("half_open");
            assertThat(process.lab.circuits.storeBacklog()).isZero();
            assertThat(process.lab.circuits.storeLag()).isZero();
        }
    }
}
