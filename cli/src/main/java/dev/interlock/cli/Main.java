package dev.interlock.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program {@code interlock}: one command, whose subcommands do the work. */
@Command(
        name = "interlock",
        description = "Circuit breakers for fleets of AI agents.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class Main implements Runnable, Surroundings {

    /** Commands that speak of all the others. */
    static final Set<String> ABOUT_ALL = Set.of("completion", "help");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run
    private CommandSpec spec;

    private final Map<String, String> environment;

    private Main(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Runs the program and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(commandLine(args).execute(args));
    }

    /** The program as {@code args} need it: with the one subcommand that they name, since to describe all takes longer. */
    static CommandLine commandLine(String... args) {
        return commandLine(System.getenv(), args);
    }

    /** The same in another environment. */
    static CommandLine commandLine(Map<String, String> environment, String... args) {
        Map<String, Supplier<Object>> subcommands = subcommands();
        if (args.length > 0 && subcommands.containsKey(args[0]) && !ABOUT_ALL.contains(args[0])) {
            subcommands.keySet().retainAll(Set.of(args[0]));
        } else if (args.length == 1 && args[0].equals("--version")) {
            subcommands.clear();
        }
        CommandLine line = new CommandLine(new Main(environment));
        subcommands.forEach((name, subcommand) -> line.addSubcommand(name, subcommand.get()));
        line.setParameterExceptionHandler(Main::tellWrongUsage);
        return line;
    }

    private static Map<String, Supplier<Object>> subcommands() {
        Map<String, Supplier<Object>> subcommands = new LinkedHashMap<>();
        subcommands.put("serve", ServeCommand::commandLine);
        subcommands.put("proxy", ServeCommand::proxyCommandLine);
        subcommands.put("demo", DemoCommand::new);
        subcommands.put("replay", ReplayCommand::commandLine);
        subcommands.put("status", StatusCommand::new);
        subcommands.put("describe", DescribeCommand::new);
        subcommands.put("incidents", IncidentsCommand::new);
        subcommands.put("events", EventsCommand::new);
        subcommands.put("agents", AgentsCommand::new);
        subcommands.put("log", LogCommand::new);
        subcommands.put("health", HealthCommand::new);
        subcommands.put("open", OverrideCommand.Open::new);
        subcommands.put("close", OverrideCommand.Close::new);
        subcommands.put("reset", OverrideCommand.Reset::new);
        subcommands.put("hold", OverrideCommand.Hold::new);
        subcommands.put("release", OverrideCommand.Release::new);
        subcommands.put("undo", UndoCommand::new);
        subcommands.put("stop", StopCommand::new);
        subcommands.put("resume", ResumeCommand::new);
        subcommands.put("gates", GatesCommand::new);
        subcommands.put("watch", WatchCommand::new);
        subcommands.put("policies", PoliciesCommand::new);
        subcommands.put("budgets", BudgetsCommand::new);
        subcommands.put("webhooks", WebhooksCommand::new);
        subcommands.put("keys", KeysCommand::new);
        subcommands.put("backup", BackupCommand.Backup::new);
        subcommands.put("restore", BackupCommand.Restore::new);
        subcommands.put("login", LoginCommand::new);
        subcommands.put("logout", LogoutCommand::new);
        subcommands.put("profiles", ProfilesCommand::new);
        subcommands.put("completion", CompletionCommand::new);
        subcommands.put("help", HelpCommand::new);
        return subcommands;
    }

    /** One message and where to look; the whole usage would hide it. */
    private static int tellWrongUsage(ParameterException wrong, String[] args) {
        CommandLine line = wrong.getCommandLine();
        line.getErr().println(WrongUsage.report(wrong, args));
        line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return line.getCommandSpec().exitCodeOnInvalidInput();
    }

    @Override
    public Map<String, String> environment() {
        return environment;
    }

    /** Without a subcommand there is nothing to do but say which there are. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
