package dev.interlock.server.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program {@code interlock}: one command, whose subcommands do the work. */
@Command(
        name = "interlock",
        description = "Circuit breakers for fleets of AI agents.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class Main implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run
    private CommandSpec spec;

    private Main() {}

    /** Runs the program and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        line.addSubcommand("serve", ServeCommand.commandLine());
        line.addSubcommand(new DemoCommand());
        line.addSubcommand(ReplayCommand.commandLine());
        line.addSubcommand(new StatusCommand());
        line.addSubcommand(new OrderCommand.Open());
        line.addSubcommand(new OrderCommand.Close());
        line.addSubcommand(new OrderCommand.Reset());
        line.addSubcommand(new OrderCommand.Hold());
        line.addSubcommand(new OrderCommand.Release());
        line.addSubcommand(new WatchCommand());
        line.addSubcommand(new KeysCommand());
        line.setParameterExceptionHandler(Main::tellWrongUsage);
        return line;
    }

    /** One message and where to look; the whole usage would hide it. */
    private static int tellWrongUsage(ParameterException wrong, String[] args) {
        CommandLine line = wrong.getCommandLine();
        line.getErr().println(WrongUsage.tell(wrong, args));
        line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return line.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** Without a subcommand there is nothing to do but tell which there are. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
