package dev.interlock.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that talks to a running server: exit code 0 done, 1 failed, 2 wrong usage. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 100,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed: the server cannot be reached, or refused", "2:wrong usage"})
abstract class RemoteCommand implements Callable<Integer> {
    private static final int FAILED = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Mixin
    private RemoteOptions options = new RemoteOptions();

    /** Does it, and prints what came of it. */
    abstract void run(Remote remote) throws RemoteException;

    @Override
    public final Integer call() {
        try {
            run(options.connect());
            out().flush();
            return 0;
        } catch (RemoteException failed) {
            err().println(failed.getMessage());
            return FAILED;
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
}
