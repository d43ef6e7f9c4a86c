package dev.interlock.server.dashboard;

import dev.interlock.server.http.Requests;
import dev.interlock.server.http.StaticFile;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
            "colours.css",
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
            "gates.js",
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
            "stopped.js",
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
            files.put(name.equals("index.html") ? PAGE : FOLDER + name, StaticFile.read("dashboard/" + name));
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
        if (!StaticFile.answeredOtherMethod(request)) {
            file.answer(request, POLICY);
        }
    }
}
