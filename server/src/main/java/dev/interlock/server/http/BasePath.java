package dev.interlock.server.http;

import dev.interlock.server.security.TrustedProxies;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The path below which a reverse proxy shows the server: taken off before anything looks at a request, and put before the
 * links of its answer. A proxy that takes it off itself says so by {@code X-Forwarded-Prefix}, if it is trusted. Immutable.
 */
public final class BasePath {
    private static final Pattern PATH = Pattern.compile("(/(?!\\.\\.?(/|$))[A-Za-z0-9._~-]{1,64}){1,8}");

    /** What the server itself has at its root. */
    private static final List<String> TAKEN = List.of(
            "api", "v1", "dashboard", "docs", "proxy", "sign-in", "healthz", "readyz", "metrics", "openapi.yaml");

    private final String path;
    private final TrustedProxies proxies;

    /**
     * A base path.
     *
     * @param path {@linkplain #checked checked}, or empty for none
     * @param proxies whose word on a path that they took off counts
     */
    public BasePath(String path, TrustedProxies proxies) {
        this.path = path;
        this.proxies = proxies;
    }

    /**
     * Checks a path.
     *
     * @param text such as {@code /interlock} or {@code /teams/ai/}; {@code /} is none
     * @return without a slash at the end
     * @throws IllegalArgumentException if it cannot be one; the message says what would be right
     */
    public static String checked(String text) {
        String path = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        if (path.isEmpty() && !text.isEmpty()) {
            return "";
        }
        if (!PATH.matcher(path).matches()) {
            throw new IllegalArgumentException(
                    "a path such as /interlock: up to 8 names of letters, digits, '.', '_', '~' and '-'");
        }
        if (TAKEN.contains(path.split("/", 3)[1])) {
            throw new IllegalArgumentException(
                    "a path whose first name is none of the server's own, which are " + String.join(", ", TAKEN));
        }
        return path;
    }

    /** Whether a request asks for the base path without the slash at its end, from where the page's links would miss. */
    boolean isBare(HttpServerRequest request) {
        return !path.isEmpty() && path.equals(request.path());
    }

    /** Where a {@linkplain #isBare bare} request is to go: relative, so that it is right behind any proxy. */
    String withSlash() {
        return path.substring(path.lastIndexOf('/') + 1) + "/";
    }

    /** The request as the server would see it at the root of its host. */
    HttpServerRequest within(HttpServerRequest request) {
        String uri = request.uri();
        if (!path.isEmpty() && uri.startsWith(path) && uri.startsWith("/", path.length())) {
            return new Below(request, path, uri.substring(path.length()));
        }
        if (proxies.sent(request)) {
            List<String> prefixes = request.headers().getAll("X-Forwarded-Prefix");
            String prefix = prefixes.size() == 1 ? withoutSlash(prefixes.get(0).strip()) : "";
            if (PATH.matcher(prefix).matches()) {
                return new Below(request, prefix, uri);
            }
        }
        return request;
    }

    private static String withoutSlash(String prefix) {
        return prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    }

    /**
     * The prefix of the paths of links in the answer.
     *
     * @param request a request
     * @return empty at the root
     */
    public static String of(HttpServerRequest request) {
        return request instanceof Below below ? below.prefix : "";
    }

    private static final class Below extends HttpServerRequestWrapper {
        private final String prefix;
        private final String uri;
        private final @Nullable String path;

        Below(HttpServerRequest request, String prefix, String uri) {
            super((HttpServerRequestInternal) request);
            this.prefix = prefix;
            this.uri = uri;
            String whole = request.path();
            boolean takenOffHere = uri.length() < request.uri().length();
            this.path = whole == null || !takenOffHere ? whole : whole.substring(prefix.length());
        }

        @Override
        public String uri() {
            return uri;
        }

        @Override
        public @Nullable String path() {
            return path;
        }
    }
}
