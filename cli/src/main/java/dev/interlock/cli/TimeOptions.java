package dev.interlock.cli;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** From when until when a list goes. */
final class TimeOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "from when on: before now (90s, 30m, 2h, 1d), or a time such as 2027-01-31T18:00:00Z")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "before when; as --since")
    private @Nullable String until;

    /** Adds what was given to a query. */
    Query to(Query query) {
        Instant now = Instant.now();
        return query.with("since", time("--since", since, now)).with("until", time("--until", until, now));
    }

    private @Nullable Instant time(String option, @Nullable String given, Instant now) {
        if (given == null) {
            return null;
        }
        Instant time = Times.ago(given, now);
        if (time == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    option + " = '" + given + "': must be before now, such as 90s, 30m, 2h or 1d, or a time such as"
                            + " 2027-01-31T18:00:00Z");
        }
        return time;
    }
}
