package dev.interlock.server.traces;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.TimeSource;
import dev.interlock.jdbc.JdbcLogStore;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.Shares;
import dev.interlock.server.agentlog.Gathering;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Problem;
import dev.interlock.server.names.NameGate;
import dev.interlock.server.workers.Pools;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes OpenTelemetry's traces in, as OTLP over HTTP: protobuf and JSON, read on workers. */
public final class TraceEndpoints implements Endpoints {
    private static final Logger LOG = LoggerFactory.getLogger(TraceEndpoints.class);
    private static final int LONGEST_BODY = 8_388_608;
    private static final long MOST_UNDER_WAY = 8L * LONGEST_BODY;
    private static final int PERCENT = 25;
    private static final long SWEEP_MILLIS = 1_000;
    private static final String PROTOBUF = "application/x-protobuf";

    private final Pools pools;
    private final JdbcLogStore store;
    private final TraceIntake intake;
    private final ProxyAddresses proxies;
    private final Shares underWay = new Shares(MOST_UNDER_WAY, PERCENT);

    /**
     * What traces are judged with.
     *
     * @param circuits count outcomes
     * @param health counts them, too
     * @param agents who is known
     * @param names lets new names in
     * @param log takes rows in
     * @param store where they lie
     * @param time the circuits' clocks
     */
    public record Fleet(
            CircuitBreakerManager circuits,
            HealthMonitor health,
            AgentRegistry agents,
            NameGate names,
            LogProcessor log,
            JdbcLogStore store,
            TimeSource time) {}

    /**
     * Endpoints for all organizations; each caller reports its own agents.
     *
     * @param vertx wakes up for what has waited long enough
     * @param pools read requests
     * @param fleet what they are judged with
     * @param proxies hosts, with a port or without, under which agents reach proxies of this installation
     * @param meters where figures are kept
     */
    public TraceEndpoints(Vertx vertx, Pools pools, Fleet fleet, List<String> proxies, MeterRegistry meters) {
        this.pools = pools;
        this.store = fleet.store();
        this.proxies = new ProxyAddresses(proxies);
        this.intake = new TraceIntake(
                new TraceFeed(fleet.circuits(), fleet.health(), fleet.time()),
                fleet.circuits(),
                fleet.agents(),
                fleet.names(),
                fleet.log(),
                fleet.time(),
                new TraceFigures(meters));
        Gauge.builder("interlock.traces.memory.bytes", intake, TraceIntake::bytes)
                .description("What is remembered of traces, in bytes")
                .register(meters);
        vertx.setPeriodic(SWEEP_MILLIS, now -> sweep(vertx));
    }

    private void sweep(Vertx vertx) {
        try {
            vertx.executeBlocking(() -> {
                intake.sweep(false);
                return null;
            });
        } catch (RejectedExecutionException closing) {
            LOG.debug("The server closes: what waits is counted by its closing");
        }
    }

    @Override
    public void mount(Operations operations) {
        operations.onRaw("takeTraces", this::gather);
    }

    /** What still waits for its agent is counted and logged before circuits and log are closed. */
    @Override
    public void closing() {
        intake.sweep(true);
    }

    private void gather(Exchange exchange) {
        String organization = exchange.caller().organization();
        JdbcLogStore.Room room = store.reserve(organization, exchange.declaredLength());
        if (room == null) {
            throw Problem.tooMany(
                    "More rows of this organization's log come in than the database takes; send these spans again later",
                    1);
        }
        boolean isProtobuf = isProtobuf(exchange.request().getHeader("Content-Type"));
        String here = exchange.request().authority() == null
                ? null
                : exchange.request().authority().toString();
        exchange.receive(new Gathering(underWay, organization, room) {
            @Override
            protected void whole(InputStream body) {
                pools.intake()
                        .run(organization, () -> take(exchange, body, isProtobuf, here, this::giveRoom))
                        .onComplete(done -> release())
                        .onSuccess(answer -> exchange.answer(200, isProtobuf ? PROTOBUF : "application/json", answer))
                        .onFailure(exchange::fail);
            }
        });
    }

    private Buffer take(
            Exchange exchange, InputStream body, boolean isProtobuf, @Nullable String here, Runnable giveRoom) {
        SpanList spans = isProtobuf ? ProtobufSpans.read(body) : JsonSpans.read(body);
        giveRoom.run();
        intake.take(exchange.caller(), spans, (host, port) -> proxies.has(host, port, here));
        return isProtobuf ? TraceAnswer.protobuf(spans) : TraceAnswer.json(spans);
    }

    private static boolean isProtobuf(@Nullable String contentType) {
        return contentType != null
                && contentType.strip().toLowerCase(Locale.ROOT).startsWith(PROTOBUF);
    }
}
