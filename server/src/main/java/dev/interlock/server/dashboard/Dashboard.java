package dev.interlock.server.dashboard;

import dev.interlock.server.http.Problem;
import dev.interlock.server.http.Requests;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Serves the dashboard at {@code /} and its files below {@code /dashboard/}, to anybody: they hold no data, which the
 * page asks the API for with the key of the person who looks at it. All other requests go on to the API. Safe for use by any
 * thread.
 */
public final class Dashboard implements Handler<HttpServerRequest> {
    /** All there is: nothing else of the class path can be asked for. */
    static final List<String> FILES = List.of(
            "index.html",
            "icon.svg",
            "icon-wrong.svg",
            "style.css",
            "main.js",
            "actions.js",
            "agent.js",
            "agent-budget.js",
            "agent-data.js",
            "agent-health.js",
            "agent-log.js",
            "agent-neighbours.js",
            "api.js",
            "audit.js",
            "budget-raise.js",
            "budgets.js",
            "changes.js",
            "charts.js",
            "connection.js",
            "events.js",
            "facets.js",
            "fleet.js",
            "fleet-list.js",
            "fleet-map.js",
            "fleet-store.js",
            "found.js",
            "health-marks.js",
            "help.js",
            "incident-store.js",
            "incidents.js",
            "keys.js",
            "kinds.js",
            "map-groups.js",
            "many.js",
            "orders.js",
            "parts.js",
            "plots.js",
            "policies.js",
            "policy-form.js",
            "polling.js",
            "probe-form.js",
            "probe.js",
            "query.js",
            "shapes.js",
            "session.js",
            "sign-in.js",
            "steady.js",
            "stops.js",
            "stream.js",
            "timeline.js",
            "title.js",
            "toast.js",
            "trail.js",
            "unreachable.js",
            "until.js",
            "webhooks.js",
            "words.js",
            "wrong-now.js",
            "vendor/htm-preact.js",
            "vendor/htm.LICENSE",
            "vendor/preact.LICENSE",
            "vendor/uplot.css",
            "vendor/uplot.js",
            "vendor/uplot.LICENSE");

    /** Scripts, styles, the picture and connections of this server only; nothing inline, nothing framed. */
    static final String POLICY = String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'");

    private static final String PAGE = "/";
    private static final String FOLDER = "/dashboard/";
    private static final String METHODS = "GET, HEAD, OPTIONS";

    private final Map<String, StaticFile> files = new HashMap<>();
    private final Handler<HttpServerRequest> api;
    private final Requests requests;

    /**
     * A dashboard in front of an API.
     *
     * @param api takes what is not the dashboard's
     * @param requests counts what is
     */
    public Dashboard(Handler<HttpServerRequest> api, Requests requests) {
        this.api = api;
        this.requests = requests;
        for (String name : FILES) {
            files.put(name.equals("index.html") ? PAGE : FOLDER + name, StaticFile.read(name));
        }
    }

    @Override
    public void handle(HttpServerRequest request) {
        StaticFile file = files.get(String.valueOf(request.path()));
        if (file == null) {
            api.handle(request);
            return;
        }
        requests.count(request, "dashboard");
        HttpServerResponse response = request.response();
        response.putHeader("X-Content-Type-Options", "nosniff");
        HttpMethod method = request.method();
        if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
            serve(request, response, file);
        } else if (method.equals(HttpMethod.OPTIONS)) {
            response.setStatusCode(204).putHeader("Allow", METHODS).end();
        } else {
            Problem problem = new Problem(
                    405,
                    "method-not-allowed",
                    "Method not allowed",
                    "This is a page, which can only be read; allowed: " + METHODS);
            response.setStatusCode(problem.status())
                    .putHeader("Allow", METHODS)
                    .putHeader("Content-Type", Problem.MEDIA_TYPE)
                    .end(problem.json().toBuffer());
        }
    }

    private static void serve(HttpServerRequest request, HttpServerResponse response, StaticFile file) {
        response.putHeader("Content-Security-Policy", POLICY)
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Cache-Control", "no-cache")
                .putHeader("ETag", file.tag());
        if (isKnown(request.getHeader("If-None-Match"), file.tag())) {
            response.setStatusCode(304).end();
            return;
        }
        response.putHeader("Content-Type", file.contentType()).end(file.content());
    }

    /** Whether the browser has this very content; a weak tag will do, as RFC 9110 says. */
    private static boolean isKnown(@Nullable String tags, String tag) {
        if (tags == null) {
            return false;
        }
        for (String each : tags.split(",", -1)) {
            String known = each.strip();
            if (known.equals("*") || known.equals(tag) || known.equals("W/" + tag)) {
                return true;
            }
        }
        return false;
    }
}
