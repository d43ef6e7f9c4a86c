package dev.interlock.server.signin;

import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Problem;
import dev.interlock.server.security.Security;
import dev.interlock.server.security.Session;
import dev.interlock.server.security.SessionCookies.Kind;
import dev.interlock.server.security.SignInRefusedException;
import dev.interlock.server.security.UnauthorizedException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** What the dashboard asks about sign-in: how one can, whether one has, once more, and no more. */
public final class SessionEndpoints implements Endpoints {
    private final SignIns signIns;
    private final Security security;

    /**
     * The endpoints.
     *
     * @param signIns by whom
     * @param security knows sessions
     */
    public SessionEndpoints(SignIns signIns, Security security) {
        this.signIns = signIns;
        this.security = security;
    }

    @Override
    public void mount(Operations operations) {
        operations
                .on("getSession", this::show)
                .on("refreshSession", this::refresh)
                .on("endSession", this::end);
    }

    private void show(Exchange exchange) {
        JsonArray ways = new JsonArray();
        signIns.clients()
                .forEach((id, client) -> ways.add(new JsonObject()
                        .put("id", id)
                        .put("name", client.issuer().signIn().name())));
        Session session = security.session(exchange.request());
        exchange.response().putHeader("Cache-Control", "no-store");
        exchange.answer(new JsonObject()
                .put("sign_ins", ways)
                .put("session", session == null ? null : json(exchange, session)));
    }

    private void refresh(Exchange exchange) {
        mustBeOwnPage(exchange);
        exchange.response().putHeader("Cache-Control", "no-store");
        security.mustNotFailToSignIn(exchange.request());
        signIns.flow()
                .refresh(exchange.request(), signIns.clients())
                .onSuccess(session -> exchange.answer(json(exchange, session)))
                .onFailure(why -> exchange.fail(problem(exchange, why)));
    }

    /** What the issuer refuses is over; while it cannot be reached the session goes on until its end. */
    private Throwable problem(Exchange exchange, Throwable why) {
        security.failedToSignIn(exchange.request());
        if (why instanceof SignInRefusedException refused && refused.reason() == SignInRefusedException.Reason.FAILED) {
            return Problem.unavailable("The issuer did not renew the session; sign in again when it ends", 30);
        }
        if (why instanceof SignInRefusedException) {
            security.cookies().forget(exchange.request(), Kind.REFRESH);
            return new UnauthorizedException("The session cannot be renewed; sign in again");
        }
        return why;
    }

    private void end(Exchange exchange) {
        mustBeOwnPage(exchange);
        signIns.flow().leave(exchange.request());
        exchange.answerNothing();
    }

    private void mustBeOwnPage(Exchange exchange) {
        if (!security.address().isFromOwnPage(exchange.request())) {
            throw Problem.forbidden("Only a page of this server may ask for this (Origin)");
        }
    }

    private JsonObject json(Exchange exchange, Session session) {
        return new JsonObject()
                .put("ends_at", CircuitJson.text(session.ends()))
                .put("renewable", security.cookies().read(exchange.request(), Kind.REFRESH) != null);
    }
}
