package dev.interlock.server.signin;

import dev.interlock.TimeSource;
import dev.interlock.server.security.IssuerHttp;
import dev.interlock.server.security.Security;
import dev.interlock.server.security.SignInIssuer;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.Map;

/** The ways in which people sign in here, by their ids, in the order of the settings. Safe for use by any thread. */
public final class SignIns implements AutoCloseable {
    private final IssuerHttp http;
    private final SignInFlow flow;
    private final Map<String, IssuerClient> clients = new LinkedHashMap<>();

    /**
     * All that the settings name.
     *
     * @param vertx speaks with issuers
     * @param security knows them
     * @param time the server's clocks
     */
    public SignIns(Vertx vertx, Security security, TimeSource time) {
        this.http = new IssuerHttp(vertx);
        this.flow = new SignInFlow(security, time);
        for (SignInIssuer each : security.signIns()) {
            clients.put(each.signIn().id(), new IssuerClient(each, http, time));
        }
    }

    SignInFlow flow() {
        return flow;
    }

    Map<String, IssuerClient> clients() {
        return clients;
    }

    /** Ends the client that speaks with issuers. */
    @Override
    public void close() {
        http.close();
    }
}
