package dev.interlock.benchmarks;

/**
 * What is assumed of a generated log: who calls, and how calls fail inside and outside of incidents.
 *
 * @param name in tables
 * @param agents that share one model in each incident
 * @param runs of each incident, each with agents and a model of its own
 * @param inside probability that a call fails while the incident lasts
 * @param outside probability that it fails before and after
 * @param pulse seconds that an incident is bad, then good, then bad; 0 if it is bad all the time
 * @param slowness by which calls take longer while the incident lasts
 * @param isKnown whether each agent called once an hour before, so that its circuits are known and probes may have earned
 *     trust
 */
record IncidentWorld(
        String name,
        int agents,
        int runs,
        double inside,
        double outside,
        double pulse,
        double slowness,
        boolean isKnown) {
    private static final double BACKGROUND = 0.018;

    /** A lone agent, two runs of each incident. */
    static IncidentWorld lone(String name, double inside) {
        return new IncidentWorld(name, 1, 2, inside, BACKGROUND, 0, 1, true);
    }

    /** Twenty agents that share a model. */
    static IncidentWorld shared(String name, double inside) {
        return new IncidentWorld(name, 20, 1, inside, BACKGROUND, 0, 1, true);
    }

    IncidentWorld pulsed(double seconds) {
        return new IncidentWorld(name, agents, runs, inside, outside, seconds, slowness, isKnown);
    }

    /** In place of failures: calls take this many times as long. */
    IncidentWorld slow(double times) {
        return new IncidentWorld(name, agents, runs, outside, outside, 0, times, isKnown);
    }

    /** As if all began with the log. */
    IncidentWorld unknown() {
        return new IncidentWorld(name, agents, runs, inside, outside, pulse, slowness, false);
    }

    /** The probability of a failure this many seconds after the beginning of an incident of that length. */
    double failure(double since, double length) {
        return since >= 0 && since < length && (pulse == 0 || (int) (since / pulse) % 2 == 0) ? inside : outside;
    }
}
