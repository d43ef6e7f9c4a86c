package dev.interlock;

import java.time.Duration;

/**
 * When an open circuit is probed instead of tried with real calls, once a {@link Probe} is registered for it.
 *
 * <p>Probing starts at the end of the cooldown. A probe never closes a circuit: good ones lead to ordinary trials.
 *
 * @param interval the wait after a failed probe, and how long one probe may take; default 30 s
 * @param needed good probes in a row before trials are let in, 1 to 100; default 3
 * @param spacing the wait between good probes; default 5 s
 * @param realTrialAfter how often a real trial is let in whatever the probes say, so that a broken probe cannot lock a
 *     circuit; default 30 min
 */
public record ProbeSettings(Duration interval, int needed, Duration spacing, Duration realTrialAfter) {
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
        problems.duration("probe.real_trial_after", realTrialAfter, Problems.SHORTEST, Problems.LONGEST);
        problems.throwIfAny();
    }

    /**
     * The settings that did best on real incidents.
     *
     * @return interval 30 s, 3 needed, 5 s apart, a real trial every 30 min
     */
    public static ProbeSettings defaults() {
        return new ProbeSettings(Duration.ofSeconds(30), 3, Duration.ofSeconds(5), Duration.ofMinutes(30));
    }
}
