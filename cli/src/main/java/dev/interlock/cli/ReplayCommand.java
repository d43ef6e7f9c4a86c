package dev.interlock.cli;

import dev.interlock.replay.By;
import dev.interlock.replay.Policies;
import dev.interlock.replay.Policy;
import dev.interlock.replay.Replay;
import dev.interlock.replay.ReplayException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code interlock replay}: what would each policy have done with the calls of a log? */
@Command(
        name = "replay",
        description = {
            "Runs recorded calls through real circuits on a virtual clock and says what each policy would have refused.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 100,
        footerHeading = "%nBuilt-in policies:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed: nothing could be replayed", "2:wrong usage"})
final class ReplayCommand implements Callable<Integer> {
    private static final int FAILED = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            description = {
                "CSV with a header (time, agent, target, duration_ms, ok, kind; others are ignored),"
                        + " or NDJSON of agent log entries, OTLP traces or Claude Code transcripts; plain or gzip; - is standard"
                        + " input"
            })
    @SuppressWarnings("NullAway.Init")
    private String file;

    @Option(
            names = "--policy",
            paramLabel = "NAME-OR-FILE",
            description = {
                "a built-in policy or a YAML file; several are compared (without any: default, recommended, upstream)"
            })
    private List<String> policies = new ArrayList<>();

    @Option(
            names = "--by",
            paramLabel = "WHOM",
            converter = ByConverter.class,
            description = {
                "whose circuits the calls ask: agent (if nothing is said), target, or both, the agent's depending on the"
                        + " target's"
            })
    private By by = By.AGENT;

    @Option(
            names = "--incidents",
            paramLabel = "CSV",
            description = {"when something was broken (columns start, end): figures inside and outside of it as well"})
    private @Nullable String incidents;

    @Option(
            names = "--probes",
            paramLabel = "FROM",
            converter = ProbesConverter.class,
            description = {
                "log: policies with a probe make theirs, answered by the nearest recorded calls; the log must be one that"
                        + " nobody guarded"
            })
    private @Nullable String probes;

    @Option(
            names = "--slow",
            description = {
                "read FILE twice, and report what a rule for slow calls would have done, from the p90 of good calls on"
            })
    private boolean slow;

    @Option(names = "--circuits", description = "report each circuit as well")
    private boolean circuits;

    @Option(names = "--json", description = "write an array with an object a policy")
    private boolean json;

    @Option(
            names = "--guarded",
            description = "of agent log entries take those marked guarded: true, instead of the others")
    private boolean guarded;

    /** The command, with the list of policies from where they are. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new ReplayCommand());
        line.getCommandSpec()
                .usageMessage()
                .footer(Policies.describe().stream().map(each -> "  " + each).toArray(String[]::new));
        return line;
    }

    @Override
    public Integer call() {
        CommandLine line = spec.commandLine();
        try {
            Replay replay = new Replay(named(), by)
                    .guarded(guarded)
                    .incidents(incidents)
                    .probesFromLog(probes != null)
                    .slowRule(slow)
                    .progress(Terminal.isStandardError());
            boolean done = replay.run(file, json, circuits, System.in, line.getOut(), line.getErr());
            return done ? 0 : FAILED;
        } catch (ReplayException wrong) {
            line.getErr().println(wrong.getMessage());
            return FAILED;
        } catch (OutOfMemoryError full) {
            line.getErr()
                    .println(
                            "There is not enough memory: it grows with the number of agents and targets and with the"
                                    + " calls that run at one time. Give more: INTERLOCK_JAVA_OPTS=-Xmx4g ./interlock replay …");
            return FAILED;
        }
    }

    private Map<String, Policy> named() throws ReplayException {
        Map<String, Policy> named = new LinkedHashMap<>();
        for (String policy : policies) {
            Policy found = Policies.find(policy);
            if (found == null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--policy = '" + policy + "': must be a YAML file that exists, or one of\n  "
                                + String.join("\n  ", Policies.describe()));
            }
            named.put(policy, found);
        }
        return named;
    }

    /** There is one thing that can answer for probes. */
    static final class ProbesConverter implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            if (value.equals("log")) {
                return value;
            }
            throw new TypeConversionException("'" + value + "': must be log");
        }
    }

    /** The names as they are written, not as Java writes them. */
    static final class ByConverter implements ITypeConverter<By> {
        @Override
        public By convert(String value) {
            for (By each : By.values()) {
                if (each.name().toLowerCase(Locale.ROOT).equals(value)) {
                    return each;
                }
            }
            throw new TypeConversionException("'" + value + "': must be agent, target or both");
        }
    }
}
