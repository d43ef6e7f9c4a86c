package dev.interlock.server.http;

import dev.interlock.server.http.Operations.Answering;
import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import dev.interlock.server.text.Texts;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;

/**
 * Leads every request to its operation: place, method, caller, role, limits, query, body, handler. Safe for use by
 * several event loops.
 */
public final class Dispatcher implements Handler<HttpServerRequest> {
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
    private static final String STREAM = "openStream";

    private final Routes routes = new Routes();
    private final Failures failures = new Failures();
    private final Door door;
    private final Requests requests;

    /**
     * Mounts features.
     *
     * @param contract all operations
     * @param features who answers them
     * @param door lets calls in or not
     * @param requests counts calls
     */
    public Dispatcher(Contract contract, List<? extends Endpoints> features, Door door, Requests requests) {
        this.door = door;
        this.requests = requests;
        Operations operations = new Operations(contract);
        features.forEach(feature -> feature.mount(operations));
        operations.answered().forEach(routes::add);
    }

    @Override
    public void handle(HttpServerRequest request) {
        try {
            lead(request);
        } catch (Exception | StackOverflowError e) {
            failures.answer(request, e);
        }
    }

    private void lead(HttpServerRequest request) {
        String path = request.path();
        Routes.Found found = path == null || !path.startsWith("/") ? null : routes.find(path);
        if (found == null) {
            requests.count(request, "none");
            throw Problem.notFound(
                    "There is nothing at " + Texts.shown(String.valueOf(path)) + "; /openapi.yaml lists what there is");
        }
        Answering answering = found.place().answering(request.method());
        if (answering == null) {
            requests.count(request, "none");
            answerOtherMethod(request, found.place().allowed());
            return;
        }
        Operation operation = answering.operation();
        requests.count(request, operation.id());
        Exchange exchange = new Exchange(request, operation, failures, door);
        Role role = operation.role();
        if (role != null || operation.id().equals(STREAM)) { // it is answered to one caller, and may hold a secret
            request.response().putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE);
        }
        if (role == null) {
            carryOut(exchange, answering, found);
            return;
        }
        Future<Caller> caller = door.admit(request, role);
        if (caller.isComplete()) {
            proceed(exchange, answering, found, caller);
        } else {
            request.pause();
            caller.onComplete(known -> {
                guarded(exchange, () -> proceed(exchange, answering, found, caller));
                request.resume(); // only now: the reader of the body must be there when it comes
            });
        }
    }

    private static void answerOtherMethod(HttpServerRequest request, String allowed) {
        if (!request.method().equals(HttpMethod.OPTIONS)) {
            throw new Problem(
                            405,
                            "method-not-allowed",
                            "Method not allowed",
                            Texts.shown(request.method().name()) + " cannot be done here; allowed: " + allowed)
                    .header("Allow", allowed);
        }
        request.response().setStatusCode(204).putHeader("Allow", allowed).end();
    }

    private void proceed(Exchange exchange, Answering answering, Routes.Found found, Future<Caller> admitted) {
        if (admitted.failed()) {
            exchange.fail(admitted.cause());
            return;
        }
        exchange.admitted(admitted.result());
        carryOut(exchange, answering, found);
    }

    private void carryOut(Exchange exchange, Answering answering, Routes.Found found) {
        Operation operation = answering.operation();
        operation.inPath().forEach((name, parameter) -> {
            String value = Urls.decode(found.parameters().getOrDefault(name, ""), false);
            parameter.check(value);
            exchange.path(name, value);
        });
        String query = exchange.request().query();
        Map<String, String> values = query == null || query.isEmpty() ? Map.of() : Urls.query(query);
        operation.checkQuery(values);
        exchange.query(values);
        Body body = operation.body();
        if (body == null) {
            answering.handler().handle(exchange);
            return;
        }
        body.checkHeaders(exchange.request());
        if (answering.raw()) {
            answering.handler().handle(exchange);
        } else {
            exchange.receive(
                    new BodyReader(exchange, body, () -> answering.handler().handle(exchange)));
        }
    }

    /** For what runs later than {@link #handle}. */
    private static void guarded(Exchange exchange, Runnable step) {
        try {
            step.run();
        } catch (Exception | StackOverflowError e) {
            exchange.fail(e);
        }
    }
}
