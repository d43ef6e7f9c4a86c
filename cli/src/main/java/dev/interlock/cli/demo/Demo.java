package dev.interlock.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server on an embedded database in a temporary folder, and a fleet of simulated agents that call it over HTTP as real
 * ones would. Start it, let it begin, and close it: then nothing is left of it. Safe for use by any thread.
 */
public final class Demo implements AutoCloseable {
    private static final int FAST = 10;

    private final Options options;
    private final int speed;
    private final Cast cast = new Cast();
    private final Tally tally = new Tally();
    private @Nullable DemoServer server;
    private @Nullable LiveStage stage;
    private @Nullable HttpGate gate;
    private @Nullable WebSocket stream;
    private @Nullable Pager pager;
    private boolean closed;

    /**
     * What somebody wants to see.
     *
     * @param port where the server is to listen; null for 8080, or any free port if that is taken
     * @param seed distinguishes the story from others
     * @param fast whether it goes ten times as fast
     */
    public record Options(@Nullable Integer port, long seed, boolean fast) {}

    /**
     * What one needs to look at it.
     *
     * @param address of the dashboard
     * @param viewerKey signs in to look
     * @param operatorKey signs in to override circuits as well
     * @param fleet who works there, in words
     * @param folder where the server's files lie, until the demo is closed
     */
    public record Welcome(URI address, String viewerKey, String operatorKey, String fleet, Path folder) {}

    /**
     * What the fleet has done.
     *
     * @param millis how long the story was
     * @param calls calls that were made
     * @param failures calls of these that failed
     * @param refusals calls that circuits refused
     * @param fallbacks refused ones that were done in another way
     */
    public record Summary(long millis, long calls, long failures, long refusals, long fallbacks) {}

    /**
     * A demo that is yet to start.
     *
     * @param options what is wanted
     */
    public Demo(Options options) {
        this.options = options;
        this.speed = options.fast() ? FAST : 1;
    }

    /**
     * Starts the server, makes keys and policies on it, and lets the story begin.
     *
     * @param welcome is given, before the first line, where to look and with which keys
     * @param lines takes the story, one line after the other, on a thread of the demo
     * @throws DemoException if the port is taken, or there can be no temporary folder
     * @throws dev.interlock.server.StartException if the server cannot start
     */
    public synchronized void start(Consumer<Welcome> welcome, Consumer<Line> lines) {
        if (closed) {
            return;
        }
        DemoServer running = DemoServer.start(options.port());
        server = running;
        Api admin = running.admin();
        Rules.of(speed).forEach((pattern, settings) -> admin.demand("PUT", policy(pattern), settings));
        String viewer = key(admin, "demo viewer", "viewer");
        String operator = key(admin, "demo operator", "operator");
        welcome.accept(new Welcome(running.address().resolve("/"), viewer, operator, fleet(), running.folder()));
        begin(admin, viewer, operator, lines);
    }

    private void begin(Api admin, String viewer, String operator, Consumer<Line> lines) {
        LiveStage live = new LiveStage(speed);
        stage = live;
        Narrator narrator = new Narrator(cast, live, tally, lines);
        OnCall onCall = new OnCall(new Story(options.seed(), cast), live, admin.as(operator), narrator);
        Pager alerts = Pager.start(message -> live.execute(() -> {
            narrator.alerted(message);
            onCall.called();
        }));
        pager = alerts;
        admin.demand(
                "POST",
                "/api/v1/webhooks",
                Map.of("name", "demo pager", "url", alerts.address(), "on", List.of("incidents")));
        stream = admin.as(viewer).listen(new Ear(message -> live.execute(() -> hear(narrator, message))));
        HttpGate http = new HttpGate(admin.as(fleetKey(admin)), live, speed, cast::isTraced);
        gate = http;
        Fleet fleet = new Fleet(options.seed(), cast, live, http, tally, narrator);
        live.execute(fleet::begin);
        live.execute(onCall::begin);
    }

    private void hear(Narrator narrator, JsonNode message) {
        JsonNode data = message.path("data");
        switch (message.path("type").asText()) {
            case "circuit_state" -> narrator.changed(Change.read(data, speed));
            case "incident" -> narrator.incident(data);
            case "health_transition" ->
                narrator.healthChanged(
                        data.path("agent_id").asText(),
                        data.path("from").asText(),
                        data.path("to").asText(),
                        data.path("score").asInt());
            default -> {}
        }
    }

    /**
     * What the fleet has done until now.
     *
     * @return the figures; all 0 before the start
     */
    public synchronized Summary summary() {
        return new Summary(
                stage == null ? 0 : stage.now(), tally.calls(), tally.failures(), tally.refusals(), tally.fallbacks());
    }

    /** Ends story and server, and removes the server's files. Waits while it starts; a second call does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (stage != null) {
            stage.close();
        }
        if (gate != null) {
            gate.close();
        }
        if (stream != null) {
            stream.abort();
        }
        if (server != null) {
            server.close();
        }
        if (pager != null) {
            pager.close();
        }
    }

    private String fleet() {
        return cast.members().size() + " agents, " + cast.models().size() + " models, "
                + cast.tools().size() + " tools, " + (cast.teamKeys().size() + 1) + " keys";
    }

    private static String key(Api admin, String name, String role) {
        return admin.demand("POST", "/api/v1/keys", Map.of("name", name, "role", role))
                .path("key")
                .asText();
    }

    /** Each agent is a caller of its own, as if it had a key of its own. */
    private static String fleetKey(Api admin) {
        return admin.demand("POST", "/api/v1/keys", Map.of("name", "demo fleet", "role", "agent", "speaks_for", "*"))
                .path("key")
                .asText();
    }

    private static String policy(String pattern) {
        return "/api/v1/policies/" + URLEncoder.encode(pattern, StandardCharsets.UTF_8);
    }
}
