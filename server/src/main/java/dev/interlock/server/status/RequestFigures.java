package dev.interlock.server.status;

import dev.interlock.server.http.Requests;
import dev.interlock.server.text.Texts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Times requests by operation and status, and logs each while somebody debugs. Safe for use by any thread. */
public final class RequestFigures implements Requests {
    private static final Logger LOG = LoggerFactory.getLogger(RequestFigures.class);

    private record Kind(String operation, int status) {}

    private final MeterRegistry meters;
    private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

    /**
     * Figures in a registry.
     *
     * @param meters where they are kept
     */
    public RequestFigures(MeterRegistry meters) {
        this.meters = meters;
    }

    @Override
    public void count(HttpServerRequest request, String operationId) {
        long began = System.nanoTime();
        request.response().endHandler(ended -> {
            long took = System.nanoTime() - began;
            int status = request.response().getStatusCode();
            timers.computeIfAbsent(new Kind(operationId, status), this::timer).record(took, TimeUnit.NANOSECONDS);
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

    private Timer timer(Kind kind) {
        return Timer.builder("interlock.http.requests")
                .description("Requests that were answered, and how long that took")
                .tag("operation", kind.operation())
                .tag("status", Integer.toString(kind.status()))
                .register(meters);
    }
}
