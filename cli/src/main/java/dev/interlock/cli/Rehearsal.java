package dev.interlock.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * Runs each command once on a server that is thrown away, so that the start script can keep the classes that they need.
 * Nobody sees what they print.
 */
public final class Rehearsal {
    private static final String AGENT = "model:rehearsal";

    private static final List<List<String>> COMMANDS = List.of(
            List.of("open", AGENT, "--create", "--reason", "rehearsal"),
            List.of("status"),
            List.of("status", "-o", "wide"),
            List.of("status", "--json"),
            List.of("status", AGENT),
            List.of("describe", AGENT),
            List.of("incidents", "--all"),
            List.of("events", "--since", "1h", "--agent", "model:*"),
            List.of("agents"),
            List.of("log", AGENT),
            List.of("health", AGENT),
            List.of("policies", "set", AGENT, "base=upstream"),
            List.of("policies", "list"),
            List.of("policies", "show", AGENT),
            List.of("policies", "delete", AGENT),
            List.of("keys", "list"),
            List.of("profiles"),
            List.of("hold", AGENT, "--open", "--until", "1m"),
            List.of("release", AGENT),
            List.of("reset", AGENT),
            List.of("close", AGENT),
            List.of("status", "--wrong"),
            List.of("status", "--help"),
            List.of("help"),
            List.of("completion", "bash"),
            List.of("--version"));

    private Rehearsal() {}

    /** Takes the server's port and the file of its admin's key. */
    public static void main(String[] args) throws IOException {
        String url = "127.0.0.1:" + args[0];
        String key = Files.readString(Path.of(args[1])).strip();
        Map<String, String> environment = Map.of("INTERLOCK_URL", "http://" + url, "INTERLOCK_KEY", key);
        for (List<String> command : COMMANDS) {
            run(environment, command);
        }
        // no TLS answers there, and yet it is spoken
        run(Map.of("INTERLOCK_URL", "https://" + url, "INTERLOCK_KEY", key), List.of("status"));
        System.exit(0);
    }

    private static void run(Map<String, String> environment, List<String> command) {
        String[] args = command.toArray(String[]::new);
        CommandLine line = Main.commandLine(environment, args);
        line.setOut(new PrintWriter(Writer.nullWriter()));
        line.setErr(new PrintWriter(Writer.nullWriter()));
        line.execute(args);
    }
}
