package dev.interlock.server.keys;

import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.security.Caller;
import io.vertx.core.json.JsonObject;

/** Shows callers what the server takes them for. */
public final class CallerEndpoints implements Endpoints {
    private final boolean requireReason;

    /**
     * The endpoint.
     *
     * @param requireReason whether an override without a reason is refused
     */
    public CallerEndpoints(boolean requireReason) {
        this.requireReason = requireReason;
    }

    @Override
    public void mount(Operations operations) {
        operations.on("getCaller", this::me);
    }

    private void me(Exchange exchange) {
        Caller caller = exchange.caller();
        exchange.answer(new JsonObject()
                .put("organization_id", caller.organization())
                .put("role", caller.role().text())
                .put("actor", caller.actor())
                .put("key_id", caller.keyId())
                .put("installation_admin", caller.installationAdmin())
                .put("reason_required", requireReason));
    }
}
