package dev.interlock.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code interlock completion SHELL}: a script by which a shell completes commands, options and their values. */
@Command(
        name = "completion",
        description = {
            "Prints a script by which a shell completes commands, options and values: 'source <(interlock completion bash)',"
                    + " the same with zsh, 'interlock completion fish | source'.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 100,
        footer = {"", "More: docs/cli.md"})
final class CompletionCommand implements Runnable {
    private enum Shell {
        BASH,
        ZSH,
        FISH
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SHELL",
            converter = ShellConverter.class,
            completionCandidates = Candidates.Shells.class,
            description = "bash, zsh or fish")
    @SuppressWarnings("NullAway.Init")
    private Shell shell;

    @Override
    public void run() {
        CommandSpec root = spec.root();
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                shell == Shell.FISH
                        ? FishCompletion.of(root)
                        : AutoComplete.bash(root.name(), root.commandLine()).replace("\r", ""));
        out.flush();
    }

    /** Lower-case names. */
    static final class ShellConverter implements ITypeConverter<Shell> {
        @Override
        public Shell convert(String value) {
            for (Shell each : List.of(Shell.values())) {
                if (each.name().toLowerCase(Locale.ROOT).equals(value)) {
                    return each;
                }
            }
            throw new TypeConversionException("'" + value + "': must be bash, zsh or fish");
        }
    }
}
