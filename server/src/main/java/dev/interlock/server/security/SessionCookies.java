package dev.interlock.server.security;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The cookies of sign-in: never for scripts, over TLS for this host alone. A browser keeps them in memory, until it is
 * closed. Safe for use by any thread.
 */
public final class SessionCookies {
    /** A cookie of sign-in. */
    public enum Kind {
        /** The session, sent with each call of the server's own pages, and never by a link of others'. */
        SESSION("interlock-session", "Strict"),
        /** What the issuer is asked again by. */
        REFRESH("interlock-refresh", "Strict"),
        /** What is remembered while somebody is at the issuer, who sends the browser back by a link. */
        FLOW("interlock-sign-in", "Lax");

        private final String name;
        private final String sameSite;

        Kind(String name, String sameSite) {
            this.name = name;
            this.sameSite = sameSite;
        }
    }

    private final OwnAddress address;
    private final String installation;

    /**
     * The cookies of an installation.
     *
     * @param address where browsers reach this server
     * @param installation what no other installation on the same host has in its cookies' names
     */
    SessionCookies(OwnAddress address, String installation) {
        this.address = address;
        this.installation = installation;
    }

    /** Over TLS no other host, and no page without TLS, can set a cookie of that name. */
    private String name(Kind kind, boolean secure) {
        return (secure ? "__Host-" : "") + kind.name + '-' + installation;
    }

    /**
     * A cookie that a browser sent.
     *
     * @param request its request
     * @param kind which
     * @return null if it sent none, or two
     */
    public @Nullable String read(HttpServerRequest request, Kind kind) {
        String wanted = name(kind, address.isSecure(request)) + "=";
        String found = null;
        for (String header : request.headers().getAll("Cookie")) {
            for (String each : header.split(";", -1)) {
                String cookie = each.strip();
                if (cookie.startsWith(wanted)) {
                    if (found != null) {
                        return null;
                    }
                    found = cookie.substring(wanted.length());
                }
            }
        }
        return found;
    }

    /**
     * Has a browser keep something.
     *
     * @param request its request, which is answered with it
     * @param kind which
     * @param value letters, digits, - and _
     * @param life how long at most; it goes sooner when the browser is closed, where null
     */
    public void write(HttpServerRequest request, Kind kind, String value, @Nullable Duration life) {
        boolean secure = address.isSecure(request);
        HttpServerResponse response = request.response();
        response.headers()
                .add(
                        "Set-Cookie",
                        name(kind, secure) + "=" + value + "; Path=/; HttpOnly; SameSite="
                                + kind.sameSite + (secure ? "; Secure" : "")
                                + (life == null ? "" : "; Max-Age=" + life.toSeconds()));
    }

    /**
     * Has a browser forget something.
     *
     * @param request its request, which is answered with it
     * @param kind which
     */
    public void forget(HttpServerRequest request, Kind kind) {
        write(request, kind, "", Duration.ZERO);
    }
}
