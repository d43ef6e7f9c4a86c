package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitState;
import dev.interlock.Permit;
import dev.interlock.issues.HandStore.Writes;
import dev.interlock.store.CircuitRecord;
import org.junit.jupiter.api.Test;

/**
 * A trial failed while its process could not write that it had opened the circuit again. Written seconds later the
 * opening began a new round whose cooldown was over already, while trials of the round before were still running.
 */
class ReopeningWrittenLateTest {
    @Test
    void an_opening_that_could_not_be_written_in_time_gives_way_to_what_the_others_have() throws InterruptedException {
        try (SharedLab process = new SharedLab().openAndCool()) {
            Permit trial = process.trying();
            process.awaitStored();
            CircuitRecord before = process.stored();
            assertThat(before.state()).isEqualTo("half_open");

            process.store.mode = Writes.FAIL;
            process.failUnwritten(trial);
            assertThat(process.circuit().state()).isEqualTo(CircuitState.OPEN);
            process.store.mode = Writes.SUCCEED;
            process.awaitStored();

            assertThat(process.stored()).isEqualTo(before);
            await().until(() -> process.circuit().state() == CircuitState.HALF_OPEN);
        }
    }

    @Test
    void one_that_was_written_although_its_answer_was_lost_is_kept() throws InterruptedException {
        try (SharedLab process = new SharedLab().openAndCool()) {
            Permit trial = process.trying();
            process.awaitStored();

            process.store.mode = Writes.LOSE_THE_ANSWER;
            process.failUnwritten(trial);
            long epoch = process.circuit().snapshot().epoch();
            process.store.mode = Writes.SUCCEED;
            process.awaitStored();

            assertThat(process.stored().epoch()).isEqualTo(epoch);
            assertThat(process.circuit().state()).isEqualTo(CircuitState.OPEN);
            assertThat(process.circuit().snapshot().epoch()).isEqualTo(epoch);
        }
    }
}
