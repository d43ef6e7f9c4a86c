package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code interlock watch}: one line a change, as it happens; connects again when the server was away. */
@Command(
        name = "watch",
        description = {
            "Shows every change of a circuit and of an incident as it happens, one line each, until it is stopped.",
            ""
        })
final class WatchCommand extends RemoteCommand {
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    @Option(names = "--json", description = "each change as the server reports it")
    private boolean json;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "end after this many changes; else never",
            defaultValue = "0",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
    private long count;

    /** What we know of each agent, to say after a gap what has changed meanwhile. */
    private final Map<String, Long> epochs = new HashMap<>();

    /** When each changed last: over a restart of the server an epoch has another number, and nothing has changed. */
    private final Map<String, String> changes = new HashMap<>();

    private final WatchedIncidents incidents = new WatchedIncidents();
    private boolean knowsAll;
    private long shown;

    @Override
    void run(Remote remote) throws RemoteException {
        Duration wait = FIRST_WAIT;
        boolean everConnected = false;
        while (true) {
            try (Stream stream = Stream.connect(remote)) {
                everConnected = true;
                wait = FIRST_WAIT;
                String why = listen(stream.messages());
                if (why == null) {
                    return;
                }
                err().println("The connection ended (" + why + ")");
            } catch (Stream.AwayException away) {
                if (!everConnected) {
                    throw away.failure();
                }
            }
            err().println("Connecting again in " + Words.shortly(wait));
            pause(wait);
            wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
        }
    }

    /** Until the stream ends, and why; or null if enough was shown. */
    private @Nullable String listen(BlockingQueue<JsonNode> messages) throws RemoteException {
        boolean again = knowsAll;
        while (true) {
            JsonNode message = next(messages);
            JsonNode data = message.path("data");
            switch (message.path("type").asText()) {
                case "snapshot" -> snapshot(data, again);
                case "circuit_state" -> show(data, message);
                case "incident" -> incident(data, message);
                case Stream.CLOSED -> {
                    return Words.clean(message.path("reason").asText());
                }
                default -> {}
            }
            out().flush();
            if (count > 0 && shown >= count) {
                return null;
            }
        }
    }

    private void snapshot(JsonNode data, boolean again) {
        for (JsonNode circuit : data.path("circuits")) {
            String agent = circuit.path("agent_id").asText();
            long epoch = circuit.path("epoch").asLong();
            String since = circuit.path("since").asText();
            epochs.put(agent, epoch);
            if (!since.equals(changes.put(agent, since))
                    && again
                    && !circuit.path("since").isNull()) {
                shown++;
                out().println(
                                json
                                        ? circuit.toString()
                                        : Words.clean(circuit.path("since").asText() + "  " + agent + ": now "
                                                + circuit.path("state").asText() + ", changed while nobody watched"));
            }
        }
        if (!data.path("more").asBoolean()) {
            List<String> begun = incidents.replace(data.path("incidents"));
            if (again && !json) {
                begun.forEach(line -> print(line, Terminal.RED));
            }
            if (!knowsAll) {
                err().println("Watching " + epochs.size() + (epochs.size() == 1 ? " circuit" : " circuits"));
            }
            knowsAll = true;
        }
    }

    private void incident(JsonNode data, JsonNode message) {
        String line = incidents.change(data);
        if (json) {
            shown++;
            out().println(message);
        } else if (line != null) {
            print(line, data.path("open").asInt() > 0 ? Terminal.RED : Terminal.GREEN);
        }
    }

    private void print(String line, String colour) {
        shown++;
        out().println(Terminal.hasColours() ? colour + line + Terminal.PLAIN : line);
    }

    private void show(JsonNode data, JsonNode message) {
        String agent = data.path("agent_id").asText();
        long epoch = data.path("epoch").asLong();
        Long before = epochs.get(agent);
        if (before != null && epoch <= before) {
            return; // the snapshot has reported it
        }
        epochs.put(agent, epoch);
        changes.put(agent, data.path("stats").path("since").asText());
        if (json) {
            shown++;
            out().println(message);
            return;
        }
        String line = Words.clean(
                data.path("at").asText() + "  " + data.path("description").asText());
        print(line, colour(data.path("state").asText()));
    }

    private static String colour(String state) {
        return switch (state) {
            case "open" -> Terminal.RED;
            case "half_open" -> Terminal.YELLOW;
            default -> Terminal.GREEN;
        };
    }

    private static JsonNode next(BlockingQueue<JsonNode> messages) throws RemoteException {
        try {
            return messages.take();
        } catch (InterruptedException stopped) {
            throw stopped();
        }
    }

    private static void pause(Duration time) throws RemoteException {
        try {
            TimeUnit.MILLISECONDS.sleep(time.toMillis());
        } catch (InterruptedException stopped) {
            throw stopped();
        }
    }

    private static RemoteException stopped() {
        Thread.currentThread().interrupt();
        return new RemoteException("Stopped");
    }
}
