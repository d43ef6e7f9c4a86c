package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Three nodes under load, while faults that a seed chooses befall them and Redis; afterwards the recorded history must
 * keep what is promised. A soak is more rounds: {@code -Dinterlock.rounds=100}; one seed again: {@code
 * -Dinterlock.seed=…}.
 */
@Tag("heavy")
class FaultRoundsTest {
    private static final int ROUNDS = 200;

    @Test
    void whateverBefallsThemTheNodesKeepWhatIsPromised() {
        Long only = Long.getLong("interlock.seed");
        double share = Double.parseDouble(System.getProperty("interlock.rounds", "1.0"));
        int rounds = only != null ? 1 : (int) Math.max(20, ROUNDS * share);
        for (int round = 0; round < rounds; round++) {
            long seed = only != null ? only : 1_000 + round;
            try (FaultRound faults = new FaultRound(new Random(seed))) {
                faults.run();
                assertThat(faults.violations()).as("seed " + seed).isEmpty();
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError("Seed " + seed, failed);
            }
        }
    }
}
