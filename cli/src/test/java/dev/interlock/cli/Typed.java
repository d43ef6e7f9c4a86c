package dev.interlock.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.server.RunningServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** Commands as somebody types them, and what the terminal shows. */
final class Typed {
    private final Map<String, String> environment = new HashMap<>();
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    /** A variable of the environment, from now on. */
    Typed with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Typed without(String variable) {
        environment.remove(variable);
        return this;
    }

    /** Runs one; what was shown before is gone. */
    int run(String... args) {
        out = new StringWriter();
        err = new StringWriter();
        CommandLine line = Main.commandLine(environment, args);
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    /** Runs one on a server, as somebody such as {@code viewer@acme}. */
    int as(RunningServer server, String caller, String... args) {
        List<String> all = new ArrayList<>(Arrays.asList(args));
        all.addAll(List.of("--url", server.uri("").toString(), "--key", RunningServer.token(caller)));
        return run(all.toArray(String[]::new));
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    List<String> lines() {
        return out().lines().toList();
    }

    JsonNode json() {
        try {
            return Remote.JSON.readTree(out());
        } catch (JsonProcessingException noJson) {
            throw new AssertionError(out(), noJson);
        }
    }
}
