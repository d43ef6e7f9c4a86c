package dev.interlock;

import java.time.Duration;

/**
 * When a circuit is probed, once a {@link Probe} is registered for it: while open, in place of trials with real calls;
 * while closed, at the first sign of trouble.
 *
 * <p>Only a probe that has earned trust counts: see {@link ProbeStatus}. While the circuit is open, probing starts at
 * the end of the cooldown. A probe never closes a circuit: good ones lead to ordinary trials.
 *
 * @param interval the wait after a failed probe, how long one probe may take, and the least time between two suspicions;
 *     1 ms to 365 days; default 30 s
 * @param needed good probes in a row before trials are admitted, 1 to 100; default 5
 * @param spacing the wait between good probes, 1 ms to 365 days; default 1 s
 * @param realTrialAfter how often a real trial is admitted, whatever the probes say, so that a broken probe cannot lock
 *     a circuit; counted over restarts; 1 ms to 365 days; default 1 h
 * @param suspicion how many probes a counted failure in closed sends at once; if all fail, the circuit opens; 0 to 10, 0 =
 *     off; default 2
 */
public record ProbeSettings(Duration interval, int needed, Duration spacing, Duration realTrialAfter, int suspicion) {
    static final int MOST_SUSPICION = 10;

    /**
     * Checks the settings.
     *
     * @throws InvalidSettingsException naming every setting that is out of its range
     */
    public ProbeSettings {
        Problems problems = new Problems();
        problems.duration("probe.interval", interval, Problems.SHORTEST, Problems.LONGEST);
        problems.number("probe.needed", needed, 1, 100);
        problems.duration("probe.spacing", spacing, Problems.SHORTEST, Problems.LONGEST);
        problems.duration("probe.realTrialAfter", realTrialAfter, Problems.SHORTEST, Problems.LONGEST);
        problems.number("probe.suspicion", suspicion, 0, MOST_SUSPICION);
        problems.throwIfAny();
    }

    /**
     * The settings that did best on real incidents.
     *
     * @return interval 30 s, 5 needed, 1 s apart, a real trial every hour, suspicion 2
     */
    public static ProbeSettings defaults() {
        return new ProbeSettings(Duration.ofSeconds(30), 5, Duration.ofSeconds(1), Duration.ofHours(1), 2);
    }
}
