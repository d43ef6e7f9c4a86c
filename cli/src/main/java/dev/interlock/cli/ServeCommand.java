package dev.interlock.cli;

import dev.interlock.server.Server;
import dev.interlock.server.StartException;
import dev.interlock.server.config.Config;
import dev.interlock.server.config.ConfigException;
import dev.interlock.server.config.Setting;
import dev.interlock.server.config.Settings;
import dev.interlock.server.config.SettingsOfProxy;
import dev.interlock.server.logs.Logs;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code interlock serve}: runs the server until it is stopped. Its options are the table of settings. {@code interlock
 * proxy} is the same for one that is there for its proxy: without an upstream it does not start.
 */
final class ServeCommand implements Callable<Integer> {
    private static final String CONFIG = "--config";
    private static final String CONFIG_VARIABLE = "INTERLOCK_CONFIG";
    private static final Path DEFAULT_FILE = Path.of("interlock.yaml");
    private static final String DOCUMENTS = "/docs/";

    /** There is no server that could show it. */
    static final String NOT_STARTED =
            "What to do: 'A server does not start' in the runbook, docs/operations/runbook.md."
                    + " Any server that runs, also that of 'interlock demo', shows it at"
                    + " /docs/operations/runbook.html#a-server-does-not-start";

    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private final boolean mustProxy;
    private @Nullable CommandSpec spec;

    private ServeCommand(boolean mustProxy) {
        this.mustProxy = mustProxy;
    }

    static CommandLine commandLine() {
        return commandLine("serve", false, "Runs the server until SIGTERM or Ctrl-C, and then ends what is in flight.");
    }

    static CommandLine proxyCommandLine() {
        return commandLine(
                "proxy",
                true,
                "Runs the server, whose proxy guards calls of agents to the services that proxy-upstreams names, until"
                        + " SIGTERM or Ctrl-C.");
    }

    private static CommandLine commandLine(String name, boolean mustProxy, String description) {
        ServeCommand command = new ServeCommand(mustProxy);
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command)
                .name(name)
                .mixinStandardHelpOptions(true)
                .versionProvider(new Version());
        spec.usageMessage()
                .width(100)
                .sortOptions(false)
                .description(
                        description,
                        "",
                        "A flag has priority over its variable, the variable over the file, the file over the default.",
                        "");
        spec.usageMessage().exitCodeListHeading("%nExit codes:%n");
        spec.usageMessage().exitCodeList(exitCodes());
        spec.addOption(OptionSpec.builder(CONFIG)
                .type(Path.class)
                .paramLabel("FILE")
                .description("A YAML file of settings by the names below, without the hyphens in front." + " ("
                        + CONFIG_VARIABLE + "; ./interlock.yaml if there is one)")
                .build());
        for (Setting<?> setting : Settings.ALL) {
            spec.addOption(OptionSpec.builder(setting.flag())
                    .type(String.class)
                    .paramLabel(setting.name().replaceFirst(".*-", "").toUpperCase(Locale.ROOT))
                    .description(escaped(setting.description() + " (" + setting.value() + "; " + setting.variable()
                            + "; default: " + setting.defaultText() + ")"))
                    .build());
        }
        command.spec = spec;
        return new CommandLine(spec);
    }

    @Override
    public Integer call() {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        ParseResult command = line.getParseResult();
        PrintWriter err = line.getErr();
        try {
            Config config = Config.read(flags(command), System.getenv(), file(command));
            if (mustProxy && config.get(SettingsOfProxy.UPSTREAMS).isEmpty()) {
                err.println("There is nothing to proxy: name a service in " + SettingsOfProxy.UPSTREAMS.name()
                        + ", as docs/proxy.md shows, or start 'interlock serve'");
                return WRONG_USAGE;
            }
            Logs.configure(config.get(Settings.LOG_FORMAT), config.get(Settings.LOG_LEVEL));
            serve(config, err);
            return 0;
        } catch (ConfigException wrong) {
            wrong.problems().forEach(err::println);
            err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
            return WRONG_USAGE;
        } catch (StartException failed) {
            err.println(failed.getMessage());
            err.println(NOT_STARTED);
            return FAILED;
        }
    }

    private static void serve(Config config, PrintWriter err) {
        Server server = Server.start(config);
        CountDownLatch ended = new CountDownLatch(1);
        Thread stop = new Thread(
                () -> {
                    log().info("Stopping");
                    server.close();
                    log().info("Stopped");
                    ended.countDown();
                    Runtime.getRuntime().halt(0); // a stop that was asked for is no failure
                },
                "interlock-stop");
        Runtime.getRuntime().addShutdownHook(stop);
        report(config, server, err);
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** To a person in words, to a log in fields. */
    private static void report(Config config, Server server, PrintWriter err) {
        String address = (config.isTls() ? "https://" : "http://") + host(config.host()) + ":" + server.port();
        if (Terminal.isStandardError()) {
            err.println("Interlock listens on " + address);
            err.println("Its documents are at " + address + DOCUMENTS);
            err.println(server.adminKey().message());
            err.flush();
        } else {
            log().atInfo()
                    .addKeyValue("address", address)
                    .addKeyValue("port", server.port())
                    .addKeyValue("documents", address + DOCUMENTS)
                    .log("Ready");
            log().info(server.adminKey().message());
        }
    }

    private static String host(String host) {
        return host.contains(":") ? "[" + host + "]" : host;
    }

    private static Map<String, String> flags(ParseResult parsed) {
        Map<String, String> flags = new LinkedHashMap<>();
        for (Setting<?> setting : Settings.ALL) {
            String value = parsed.matchedOptionValue(setting.flag(), null);
            if (value != null) {
                flags.put(setting.name(), value);
            }
        }
        return flags;
    }

    private static @Nullable Path file(ParseResult parsed) {
        Path named = parsed.matchedOptionValue(CONFIG, null);
        String variable = System.getenv(CONFIG_VARIABLE);
        if (named == null && variable != null && !variable.isEmpty()) {
            named = Path.of(variable);
        }
        return named != null ? named : Files.exists(DEFAULT_FILE) ? DEFAULT_FILE : null;
    }

    private static Map<String, String> exitCodes() {
        Map<String, String> codes = new LinkedHashMap<>();
        codes.put("0", "stopped on request");
        codes.put("1", "could not start: the port is taken, a folder cannot be written to, …");
        codes.put("2", "wrong usage or settings");
        return codes;
    }

    /** The help's own markup, format signs and variables. */
    private static String escaped(String text) {
        return text.replace("%", "%%").replace("@|", "@ |").replace("${", "$${");
    }

    /** Only after the settings are read does a logger know how to write. */
    private static Logger log() {
        return LoggerFactory.getLogger(ServeCommand.class);
    }
}
