package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Rounds;
import dev.interlock.redis.FaultRound.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Three nodes under load, one of them a process that can be killed and one with a clock that is an hour off, while faults
 * that a seed chooses happen to them and Redis; afterwards the recorded history must keep what is promised. A soak is
 * more rounds: {@code -Dinterlock.rounds=10}; one seed again: {@code -Dinterlock.seed=…}.
 */
@Tag("heavy")
@Tag("thorough")
class FaultRoundsTest {
    private static final int ROUNDS = 200;
    private static final int CLUSTER_ROUNDS = 10;
    private static final int ENOUGH_FOR_ALL_FAULTS = 20;
    private static final int FIRST_SEED = 1_000;

    private final Map<Fault, Integer> struck = new EnumMap<>(Fault.class);
    private final List<String> failed = new ArrayList<>();
    private int trials;
    private int openings;

    @Test
    void whateverBefallsThemTheNodesKeepWhatIsPromised() {
        Long only = Long.getLong("interlock.seed");
        if (only != null) {
            round(only);
            assertThat(failed).isEmpty();
            return;
        }
        int rounds = Rounds.of(ROUNDS, 5);
        for (int round = 0; round < rounds; round++) {
            round(FIRST_SEED + round);
        }
        assertThat(failed).isEmpty();
        if (rounds >= ENOUGH_FOR_ALL_FAULTS) {
            assertThat(struck).containsOnlyKeys(Fault.values());
        }
        assertThat(trials).isGreaterThan(rounds);
        assertThat(openings).isGreaterThan(rounds);
    }

    @Test
    void aClusterThatLosesAMasterKeepsIt() {
        int rounds = Rounds.of(CLUSTER_ROUNDS, 1);
        for (int round = 0; round < rounds; round++) {
            long seed = FIRST_SEED + round;
            try (ClusterRound faults = new ClusterRound(seed)) {
                faults.run();
                List<String> violations = faults.history().violations();
                if (!violations.isEmpty()) {
                    keep("cluster-" + seed, faults.history());
                }
                assertThat(violations).as("Cluster, seed " + seed).isEmpty();
            }
        }
    }

    /** What was observed, to be looked into. */
    private static void keep(String name, History history) {
        try {
            Files.write(Files.createDirectories(Path.of("target", "histories")).resolve(name), history.lines());
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
    }

    private void round(long seed) {
        try (FaultRound round = new FaultRound(seed)) {
            round.run();
            List<String> violations = round.history().violations();
            if (!violations.isEmpty() || Long.getLong("interlock.seed") != null) {
                keep("round-" + seed, round.history());
            }
            if (!violations.isEmpty()) {
                failed.add("seed " + seed + ": " + violations);
            }
            round.struck().forEach((fault, times) -> struck.merge(fault, times, Integer::sum));
            trials += round.history().trials();
            openings += round.history().openings();
        } catch (AssertionError | RuntimeException broken) {
            throw new AssertionError("Seed " + seed + ", and before it " + failed, broken);
        }
    }
}
