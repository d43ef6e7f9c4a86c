package dev.interlock.server.security;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Under which address a browser reaches this server: what its request says, or a trusted proxy says of it. Safe for use by
 * any thread.
 */
public final class OwnAddress {
    private final TrustedProxies proxies;

    OwnAddress(TrustedProxies proxies) {
        this.proxies = proxies;
    }

    /**
     * Whether the browser speaks TLS.
     *
     * @param request its request
     * @return true also if it does so with a trusted proxy
     */
    public boolean isSecure(HttpServerRequest request) {
        String forwarded = proxies.sent(request) ? last(request.headers().getAll("X-Forwarded-Proto")) : null;
        return forwarded == null ? request.isSSL() : forwarded.equalsIgnoreCase("https");
    }

    /**
     * The origin of this server's pages.
     *
     * @param request a browser's
     * @return for example {@code https://interlock.example}
     */
    public String origin(HttpServerRequest request) {
        String forwarded = proxies.sent(request) ? last(request.headers().getAll("X-Forwarded-Host")) : null;
        HostAndPort asked = request.authority();
        String authority = forwarded != null ? forwarded : asked == null ? "" : asked.toString();
        boolean secure = isSecure(request);
        String withoutDefault = authority.toLowerCase(Locale.ROOT).replaceFirst(secure ? ":443$" : ":80$", "");
        return (secure ? "https://" : "http://") + withoutDefault;
    }

    /**
     * Whether a request that changes something was sent by a page of this server: by its {@code Origin}, which browsers
     * send with all of them, or else by {@code Sec-Fetch-Site}. Cookies come along with requests of others' pages, too.
     *
     * @param request a request with a cookie
     * @return false if a page of another origin sent it, or something that is no browser
     */
    public boolean isFromOwnPage(HttpServerRequest request) {
        String origin = request.getHeader("Origin");
        return origin != null
                ? origin.equalsIgnoreCase(origin(request))
                : "same-origin".equals(request.getHeader("Sec-Fetch-Site"));
    }

    private static @Nullable String last(List<String> values) {
        if (values.isEmpty()) {
            return null;
        }
        String whole = values.get(values.size() - 1);
        return whole.substring(whole.lastIndexOf(',') + 1).strip();
    }
}
