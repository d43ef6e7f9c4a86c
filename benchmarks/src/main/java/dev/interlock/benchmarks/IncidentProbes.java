package dev.interlock.benchmarks;

import dev.interlock.replay.ProbeAnswers;
import java.util.SplittableRandom;

/** Probes of a generated world, which fail as its calls do, or are themselves broken. */
final class IncidentProbes implements ProbeAnswers {
    private static final double NANOS = 1e9;

    /** What is wrong with a probe. */
    enum Fault {
        /** It fails as a call does. */
        NONE,
        /** It has never worked: a wrong key, or a model that is gone. */
        DEAD,
        /** It works until halfway between the beginning and the incident, and never again. */
        DIES,
        /** It sees nothing. */
        BLIND,
        /** It sees half of the failures. */
        HALF_BLIND
    }

    private final IncidentWorld world;
    private final double[] begins;
    private final double[] lengths;
    private final Fault fault;
    private final long seed;

    IncidentProbes(IncidentWorld world, GeneratedLog log, Fault fault, long seed) {
        this.world = world;
        this.begins = log.begins();
        this.lengths = log.lengths();
        this.fault = fault;
        this.seed = seed;
    }

    @Override
    public boolean isGood(String circuit, long time, int before) {
        int segment = segment(circuit);
        double since = time / NANOS - begins[segment] - lengths[segment];
        double failure = world.failure(since, lengths[segment]);
        boolean isGood =
                new SplittableRandom(31L * (circuit.hashCode() ^ time ^ seed) + before).nextDouble() >= failure;
        return switch (fault) {
            case NONE -> isGood;
            case DEAD -> false;
            case DIES -> isGood && since < -lengths[segment] / 2;
            case BLIND -> true;
            case HALF_BLIND ->
                isGood || new SplittableRandom(37L * (circuit.hashCode() ^ time ^ seed) + before).nextBoolean();
        };
    }

    /** The number in a name such as a12-3 or model:m12. */
    private static int segment(String circuit) {
        int from = circuit.lastIndexOf(':') + 2;
        int dash = circuit.indexOf('-', from);
        return Integer.parseInt(circuit.substring(from, dash < 0 ? circuit.length() : dash));
    }
}
