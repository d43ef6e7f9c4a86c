package dev.interlock.replay;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a replay found: a line a policy, and for each of them a line a circuit.
 *
 * @param by whose circuits were asked
 * @param first when the first call began, nanoseconds since 1970
 * @param last when the last one began
 * @param leftOut what was read and is no call, as words
 * @param incidents how many incidents are known
 * @param p90Millis what nine of ten good calls did not exceed; 0 without any
 * @param policies in the order of the command line
 * @param slowRules ours without and with a rule for slow calls, in turn; empty unless asked for
 */
record Report(
        By by,
        long first,
        long last,
        String leftOut,
        int incidents,
        long p90Millis,
        List<OfPolicy> policies,
        List<OfSlowRule> slowRules) {

    /**
     * A policy's line, and those of its circuits, the busiest rejecter first.
     *
     * @param name of the policy
     * @param circuitCount how many circuits were asked
     * @param circuitsOpened how many of them opened at least once
     * @param probes how many were made
     * @param line the figures over all circuits
     * @param parts inside and outside of incidents; null where none are known
     * @param circuits the figures of each
     */
    record OfPolicy(
            String name,
            long circuitCount,
            long circuitsOpened,
            long probes,
            Line line,
            @Nullable Parts parts,
            List<OfCircuit> circuits) {}

    /**
     * The figures inside and outside of incidents.
     *
     * @param inside calls that began, and openings, while something was broken
     * @param outside all others
     */
    record Parts(Part inside, Part outside) {}

    /**
     * What happened inside or outside of incidents.
     *
     * @param calls how the calls fared
     * @param openings from closed and from half-open
     */
    record Part(Shares calls, long openings) {}

    /**
     * A policy without or with a rule for slow calls.
     *
     * @param name of the policy, with {@link #SUFFIX} where it has the rule
     * @param slow good calls that were slow
     * @param slowAvoided those that a circuit refused
     * @param calls how all calls fared
     * @param openings from closed and from half-open
     */
    record OfSlowRule(String name, long slow, long slowAvoided, Shares calls, long openings) {
        static final String SUFFIX = "+slow";

        boolean hasRule() {
            return name.endsWith(SUFFIX);
        }

        static OfSlowRule of(PolicyRun run) {
            Tally tally = run.tally();
            long openings = run.circuits().stream().mapToLong(Circuit::openings).sum();
            return new OfSlowRule(run.name(), tally.slow, tally.slowAvoided, Shares.of(tally), openings);
        }

        double slowAvoidedShare() {
            return Shares.share(slowAvoided, slow);
        }

        /** Good calls that were not slow and that a circuit refused. */
        long quickBlocked() {
            return calls.goodBlocked - slowAvoided;
        }

        double quickBlockedShare() {
            return Shares.share(quickBlocked(), calls.calls - calls.failures - slow);
        }
    }

    /**
     * How calls fared.
     *
     * @param calls recorded calls
     * @param failures those that failed
     * @param rejected those that a circuit refused
     * @param failedAvoided the failed ones among the rejected
     * @param goodBlocked the good ones among the rejected
     */
    record Shares(long calls, long failures, long rejected, long failedAvoided, long goodBlocked) {
        static Shares of(Tally tally) {
            return new Shares(tally.calls, tally.failures, tally.rejected, tally.failedAvoided, tally.goodBlocked);
        }

        /** As a fraction of the failed calls; 0 without any. */
        double failedAvoidedShare() {
            return share(failedAvoided, failures);
        }

        /** As a fraction of the good calls; 0 without any. */
        double goodBlockedShare() {
            return share(goodBlocked, calls - failures);
        }

        private static double share(long part, long whole) {
            return whole == 0 ? 0 : (double) part / whole;
        }
    }

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
     * @param calls how the calls fared
     * @param openings from closed and from half-open
     * @param late outcomes that belonged to an earlier epoch
     * @param flaps openings from half-open
     * @param medianSecondsToOpen from the first counted failure to the trip
     * @param medianSecondsToRecover from the trip to the close
     */
    record Line(
            Shares calls,
            long openings,
            long late,
            long flaps,
            double medianSecondsToOpen,
            double medianSecondsToRecover) {}

    /** The report of a pass that has had calls. */
    static Report of(By by, OnePass pass, Incidents incidents, List<OfSlowRule> slowRules) {
        return new Report(
                by,
                pass.first(),
                pass.last(),
                pass.leftOut(),
                incidents.count(),
                pass.slowRule().p90Millis(),
                pass.runs().stream().map(run -> of(run, incidents.count() > 0)).toList(),
                slowRules);
    }

    private static OfPolicy of(PolicyRun run, boolean inParts) {
        Longs toOpen = new Longs();
        Longs toRecover = new Longs();
        long openings = 0;
        long inside = 0;
        long flaps = 0;
        long late = 0;
        long opened = 0;
        List<OfCircuit> circuits = new ArrayList<>();
        for (Circuit circuit : run.circuits()) {
            toOpen.addAll(circuit.toOpen);
            toRecover.addAll(circuit.toRecover);
            openings += circuit.openings();
            inside += circuit.openingsInside();
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
        circuits.sort(Comparator.comparing((OfCircuit circuit) -> -circuit.line.calls.rejected)
                .thenComparing(circuit -> -circuit.line.openings)
                .thenComparing(OfCircuit::name));
        Line line = line(run.tally(), openings, late, flaps, toOpen, toRecover);
        Parts parts = inParts
                ? new Parts(
                        new Part(Shares.of(run.inside()), inside),
                        new Part(Shares.of(run.tally().without(run.inside())), openings - inside))
                : null;
        return new OfPolicy(run.name(), circuits.size(), opened, run.probes(), line, parts, circuits);
    }

    private static Line line(Tally tally, long openings, long late, long flaps, Longs toOpen, Longs toRecover) {
        return new Line(Shares.of(tally), openings, late, flaps, toOpen.medianSeconds(), toRecover.medianSeconds());
    }
}
