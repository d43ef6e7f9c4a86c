package dev.interlock.server;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.server.agentlog.LogEndpoints;
import dev.interlock.server.agentlog.LogIntake;
import dev.interlock.server.config.Config;
import dev.interlock.server.http.Dispatcher;
import dev.interlock.server.http.Door;
import dev.interlock.server.traces.TraceEndpoints;
import dev.interlock.server.workers.Pools;
import dev.interlock.server.workers.Workers;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * What takes traces and batches of the agent log in, over HTTP, with the parts of a real server, but for its workers: a call
 * is given up soon, and they can be held up until one was answered 503.
 */
public final class BusyIntake implements AutoCloseable {
    private static final Duration TURN = Duration.ofMillis(100);
    private static final Duration WHOLE = Duration.ofMillis(200);
    private static final int PLACES = 40;
    private static final int BUSY = 503;

    /**
     * An answer of the server.
     *
     * @param status its status
     * @param retryAfter its header {@code Retry-After}, or null
     */
    public record Answer(int status, String retryAfter) {}

    private final Path folder;
    private final Parts parts;
    private final Workers workers;
    private final HttpServer http;
    private final CountDownLatch answeredBusy = new CountDownLatch(1);
    private final List<Answer> answers = new CopyOnWriteArrayList<>();

    /** Starts on a fresh database. */
    public BusyIntake() throws IOException {
        folder = Files.createTempDirectory("interlock-busy");
        Map<String, String> flags = Map.of("data-dir", folder.toString(), "admin-key", RunningServer.ADMIN_KEY);
        parts = Parts.open(Config.read(flags, Map.of(), null), new VertxOptions());
        workers = new Workers(parts.vertx(), "busy", 2, PLACES, TURN, WHOLE);
        Pools pools = new Pools(parts.pools().database(), parts.pools().computing(), workers);
        Dispatcher dispatcher = new Dispatcher(
                parts.contract(),
                List.of(logs(pools), traces(pools)),
                Door.of(parts.security()),
                (request, operation) -> request.response().endHandler(ended -> answered(request)));
        http = parts.vertx()
                .createHttpServer()
                .requestHandler(dispatcher)
                .listen(0, "127.0.0.1")
                .await();
    }

    private LogEndpoints logs(Pools pools) {
        Fleet fleet = parts.fleet();
        MeterRegistry meters = parts.metrics().registry();
        return new LogEndpoints(pools, new LogIntake(fleet.processor(), fleet.log(), meters), fleet.log(), meters);
    }

    private TraceEndpoints traces(Pools pools) {
        Fleet fleet = parts.fleet();
        return new TraceEndpoints(
                parts.vertx(),
                pools,
                new TraceEndpoints.Fleet(
                        parts.circuits(),
                        fleet.health(),
                        fleet.agents(),
                        fleet.names(),
                        fleet.processor(),
                        fleet.log(),
                        parts.time()),
                List.of(),
                parts.metrics().registry());
    }

    private void answered(HttpServerRequest request) {
        int status = request.response().getStatusCode();
        answers.add(new Answer(status, request.response().headers().get("Retry-After")));
        if (status == BUSY) {
            answeredBusy.countDown();
        }
    }

    /** Keeps all workers busy with others' work until a call was answered 503. */
    public void hasNoTurnUntilAnsweredBusy() {
        for (String other : List.of("one", "two")) {
            workers.change(other, this::hang);
        }
    }

    /** Keeps a worker that counts an outcome waiting until its call was answered 503. */
    public void countsOnlyWhenAnsweredBusy() {
        circuits().settlements().add((circuit, outcome, tookNanos, agoNanos, epoch, settlement) -> hang());
    }

    private boolean hang() {
        try {
            answeredBusy.await();
            return true;
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** All circuits. */
    public CircuitBreakerManager circuits() {
        return parts.circuits();
    }

    /** What was answered so far, in order. */
    public List<Answer> answers() {
        return answers;
    }

    /** The address of a path. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + http.actualPort() + path);
    }

    @Override
    public void close() {
        answeredBusy.countDown();
        http.close().await();
        workers.close();
        parts.close();
        parts.vertx().close().await();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
