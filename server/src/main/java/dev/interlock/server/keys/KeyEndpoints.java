package dev.interlock.server.keys;

import dev.interlock.jdbc.ApiKey;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.circuits.Times;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.http.Problem;
import dev.interlock.server.security.CreatedKey;
import dev.interlock.server.security.KeyAdministration;
import dev.interlock.server.security.KeyRemoval;
import dev.interlock.server.security.KeyRequest;
import dev.interlock.server.security.TooManyKeysException;
import dev.interlock.server.workers.Pools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** Lists, makes and removes API keys. A key's text is in the answer that makes it and nowhere else; a hash is in none. */
public final class KeyEndpoints implements Endpoints {
    private final Pools pools;
    private final KeyAdministration keys;

    /**
     * Serves keys.
     *
     * @param pools look through them, and wait for the database
     * @param keys who makes and removes them
     */
    public KeyEndpoints(Pools pools, KeyAdministration keys) {
        this.pools = pools;
        this.keys = keys;
    }

    @Override
    public void mount(Operations operations) {
        operations.on("listKeys", this::list).on("createKey", this::create).on("deleteKey", this::delete);
    }

    private void list(Exchange exchange) {
        String owner = exchange.query("organization_id");
        pools.computing()
                .run(exchange.caller().organization(), () -> page(keys.list(exchange.caller(), owner)))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    /** Written on a worker: a thousand keys take an event loop too long. */
    private static Page page(List<ApiKey> keys) {
        JsonArray all = new JsonArray();
        keys.forEach(key -> all.add(json(key)));
        return new Page(new JsonObject().put("keys", all).toBuffer(), null);
    }

    private void create(Exchange exchange) {
        JsonObject body = exchange.body();
        KeyRequest wanted = new KeyRequest(
                body.getString("name"),
                body.getString("role"),
                body.getString("organization_id"),
                body.getString("agents"),
                body.getString("speaks_for"),
                Times.optional("expires_at", body.getString("expires_at")));
        answer(exchange, () -> keys.create(exchange.caller(), wanted), made -> exchange.answer(201, json(made)));
    }

    private void delete(Exchange exchange) {
        String id = exchange.path("key_id");
        answer(
                exchange,
                () -> keys.remove(exchange.caller(), exchange.query("organization_id"), id),
                removal -> answer(exchange, removal));
    }

    private static void answer(Exchange exchange, KeyRemoval removal) {
        switch (removal) {
            case REMOVED -> exchange.answerNothing();
            case UNKNOWN -> throw Problem.notFound("The organization has no key of that id that the caller may remove");
            case OWN -> throw Problem.conflict("A key cannot remove itself; use another admin key for that");
        }
    }

    private <T> void answer(Exchange exchange, Callable<T> work, Consumer<T> answer) {
        pools.database()
                .change(exchange.caller().organization(), work)
                .onSuccess(result -> {
                    try {
                        answer.accept(result);
                    } catch (Problem problem) {
                        exchange.fail(problem);
                    }
                })
                .onFailure(why -> exchange.fail(
                        why instanceof TooManyKeysException many
                                ? Problem.conflict(String.valueOf(many.getMessage()))
                                : why));
    }

    private static JsonObject json(CreatedKey made) {
        return new JsonObject()
                .put("id", made.stored().id())
                .put("key", made.key())
                .put("name", made.stored().name())
                .put("role", made.stored().role())
                .put("organization_id", made.stored().organization())
                .put("agents", made.stored().agents())
                .put("speaks_for", made.stored().speaksFor())
                .put("expires_at", CircuitJson.text(made.stored().expiresAt()));
    }

    private static JsonObject json(ApiKey key) {
        return new JsonObject()
                .put("id", key.id())
                .put("name", key.name())
                .put("role", key.role())
                .put("organization_id", key.organization())
                .put("agents", key.agents())
                .put("speaks_for", key.speaksFor())
                .put("created_at", key.createdAt().toString())
                .put("created_by", key.createdBy())
                .put("expires_at", CircuitJson.text(key.expiresAt()))
                .put("last_used_at", CircuitJson.text(key.lastUsedAt()));
    }
}
