package dev.interlock.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that talks to a running server. How it ends says {@link ExitCode}. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 100,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            ExitCode.DONE_TEXT,
            ExitCode.FAILED_TEXT,
            ExitCode.USAGE_TEXT,
            ExitCode.NOT_FOUND_TEXT,
            ExitCode.NOT_ALLOWED_TEXT,
            ExitCode.UNREACHABLE_TEXT
        },
        footer = {"", "More: docs/cli.md"})
abstract class RemoteCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Mixin
    private RemoteOptions options = new RemoteOptions();

    /** Does it, and prints what came of it. */
    abstract void run(Remote remote) throws RemoteException;

    /** The server that it talks to. */
    Remote connect(RemoteOptions from) throws RemoteException {
        return from.connect();
    }

    /** The exit code after all went well. */
    int done() {
        return ExitCode.DONE;
    }

    @Override
    public final Integer call() {
        try {
            run(connect(options));
            out().flush();
            return done();
        } catch (RemoteException failed) {
            out().flush();
            err().println(failed.getMessage());
            return failed.exitCode();
        }
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final CommandSpec spec() {
        return spec;
    }

    final RemoteOptions options() {
        return options;
    }
}
