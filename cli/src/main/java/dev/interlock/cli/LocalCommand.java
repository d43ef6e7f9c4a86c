package dev.interlock.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command about what is kept on this machine, which asks no server. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 100,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {ExitCode.DONE_TEXT, ExitCode.FAILED_TEXT, ExitCode.USAGE_TEXT, ExitCode.NOT_FOUND_TEXT},
        footer = {"", "More: docs/cli.md"})
abstract class LocalCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    abstract void run(Profiles profiles) throws RemoteException;

    @Override
    public final Integer call() {
        try {
            run(Profiles.of(environment()));
            out().flush();
            return ExitCode.DONE;
        } catch (RemoteException failed) {
            err().println(failed.getMessage());
            return failed.exitCode();
        }
    }

    final Map<String, String> environment() {
        return spec.root().userObject() instanceof Surroundings around ? around.environment() : System.getenv();
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
