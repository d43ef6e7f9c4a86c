package dev.interlock.server.status;

import dev.interlock.server.http.Requests;
import dev.interlock.server.text.Texts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Times requests by operation and status, and logs each while somebody debugs. Safe for use by any thread. */
public final class RequestFigures implements Requests {
    private static final Logger LOG = LoggerFactory.getLogger(RequestFigures.class);

    /** From a quarter of a millisecond, what a permit takes, to what a caller no longer waits for. */
    private static final Duration[] BUCKETS = IntStream.of(
                    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000)
            .mapToObj(micros -> Duration.ofNanos(micros * 1_000L))
            .toArray(Duration[]::new);

    private record Kind(String operation, int status) {}

    private final MeterRegistry meters;
    private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();
    private final Map<String, Timer> calls;

    /**
     * Figures in a registry.
     *
     * @param meters where they are kept
     */
    public RequestFigures(MeterRegistry meters) {
        this.meters = meters;
        this.calls = Map.of(
                "takePermit", call(meters, "permit"),
                "reportOutcome", call(meters, "outcome"),
                "reportOutcomes", call(meters, "outcomes"));
    }

    @Override
    public void count(HttpServerRequest request, String operationId) {
        long began = System.nanoTime();
        request.response().endHandler(ended -> {
            long took = System.nanoTime() - began;
            int status = request.response().getStatusCode();
            timer(new Kind(operationId, status)).record(took, TimeUnit.NANOSECONDS);
            Timer call = calls.get(operationId);
            if (call != null) {
                call.record(took, TimeUnit.NANOSECONDS);
            }
            if (LOG.isDebugEnabled()) { // without the query, which may hold a ticket
                LOG.atDebug()
                        .addKeyValue("method", Texts.shown(request.method().name()))
                        .addKeyValue("path", Texts.sentence(String.valueOf(request.path())))
                        .addKeyValue("status", status)
                        .addKeyValue("micros", TimeUnit.NANOSECONDS.toMicros(took))
                        .log("Request");
            }
        });
    }

    /** Looked for first: what makes one would lock. */
    private Timer timer(Kind kind) {
        Timer present = timers.get(kind);
        return present != null ? present : timers.computeIfAbsent(kind, this::make);
    }

    /** Of what is asked before and after each call, there from the first scrape on. */
    private static Timer call(MeterRegistry meters, String call) {
        return Timer.builder("interlock.http.calls")
                .description("How long this server took for permits, outcomes and batches of outcomes")
                .tag("call", call)
                .serviceLevelObjectives(BUCKETS)
                .register(meters);
    }

    private Timer make(Kind kind) {
        return Timer.builder("interlock.http.requests")
                .description("Requests that were answered, and how long that took")
                .tag("operation", kind.operation())
                .tag("status", Integer.toString(kind.status()))
                .register(meters);
    }
}
