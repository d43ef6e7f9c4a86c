package dev.interlock.replay;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a replay found: a line a policy, and for each of them a line a circuit.
 *
 * @param by whose circuits were asked
 * @param first when the first call began, nanoseconds since 1970
 * @param last when the last one began
 * @param leftOut what was read and is no call, as words
 * @param policies in the order of the command line
 */
record Report(By by, long first, long last, String leftOut, List<OfPolicy> policies) {

    /**
     * A policy's line, and those of its circuits, the busiest rejecter first.
     *
     * @param name of the policy
     * @param circuitCount how many circuits were asked
     * @param circuitsOpened how many of them opened at least once
     * @param line the figures over all circuits
     * @param circuits the figures of each
     */
    record OfPolicy(String name, long circuitCount, long circuitsOpened, Line line, List<OfCircuit> circuits) {}

    /**
     * A circuit's line.
     *
     * @param name of the circuit
     * @param line its figures
     */
    record OfCircuit(String name, Line line) {}

    /**
     * The figures that a policy and a circuit have in common; medians are NaN where there is nothing to take one of.
     *
     * @param calls recorded calls
     * @param failures those that failed
     * @param rejected those that a circuit refused
     * @param failedAvoided the failed ones among the rejected
     * @param goodBlocked the good ones among the rejected
     * @param openings from closed and from half-open
     * @param late outcomes that belonged to an earlier epoch
     * @param flaps openings from half-open
     * @param medianSecondsToOpen from the first counted failure to the trip
     * @param medianSecondsToRecover from the trip to the close
     */
    record Line(
            long calls,
            long failures,
            long rejected,
            long failedAvoided,
            long goodBlocked,
            long openings,
            long late,
            long flaps,
            double medianSecondsToOpen,
            double medianSecondsToRecover) {

        /** As a fraction of the failed calls; 0 without any. */
        double failedAvoidedShare() {
            return failures == 0 ? 0 : (double) failedAvoided / failures;
        }

        /** As a fraction of the good calls; 0 without any. */
        double goodBlockedShare() {
            return calls == failures ? 0 : (double) goodBlocked / (calls - failures);
        }
    }

    static OfPolicy of(PolicyRun run) {
        Longs toOpen = new Longs();
        Longs toRecover = new Longs();
        long openings = 0;
        long flaps = 0;
        long late = 0;
        long opened = 0;
        List<OfCircuit> circuits = new ArrayList<>();
        for (Circuit circuit : run.circuits()) {
            toOpen.addAll(circuit.toOpen);
            toRecover.addAll(circuit.toRecover);
            openings += circuit.openings();
            flaps += circuit.flaps();
            late += circuit.late();
            opened += circuit.openings() > 0 ? 1 : 0;
            circuits.add(new OfCircuit(
                    circuit.name(),
                    line(
                            circuit.tally,
                            circuit.openings(),
                            circuit.late(),
                            circuit.flaps(),
                            circuit.toOpen,
                            circuit.toRecover)));
        }
        circuits.sort(Comparator.comparing((OfCircuit circuit) -> -circuit.line.rejected)
                .thenComparing(circuit -> -circuit.line.openings)
                .thenComparing(OfCircuit::name));
        Line line = line(run.tally(), openings, late, flaps, toOpen, toRecover);
        return new OfPolicy(run.name(), circuits.size(), opened, line, circuits);
    }

    private static Line line(Tally tally, long openings, long late, long flaps, Longs toOpen, Longs toRecover) {
        return new Line(
                tally.calls,
                tally.failures,
                tally.rejected,
                tally.failedAvoided,
                tally.goodBlocked,
                openings,
                late,
                flaps,
                toOpen.medianSeconds(),
                toRecover.medianSeconds());
    }
}
