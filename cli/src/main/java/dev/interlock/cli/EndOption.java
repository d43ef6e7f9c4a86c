package dev.interlock.cli;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The option {@code --until}: when something ends by itself. */
final class EndOption {
    @Option(
            names = "--until",
            paramLabel = "TIME",
            description = "when it ends by itself: from now (90s, 30m, 2h, 1d), or a time such as 2027-01-31T18:00:00Z")
    private @Nullable String until;

    /**
     * When that is.
     *
     * @param line the command, for a complaint
     * @return null without the option
     */
    @Nullable
    Instant read(CommandLine line) {
        if (until == null) {
            return null;
        }
        Instant end = Times.ahead(until, Instant.now());
        if (end == null) {
            throw new ParameterException(
                    line,
                    "--until = '" + until + "': must be from now, such as 90s, 30m, 2h or 1d, or a time such as"
                            + " 2027-01-31T18:00:00Z");
        }
        return end;
    }
}
