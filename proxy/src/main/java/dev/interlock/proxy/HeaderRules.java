package dev.interlock.proxy;

import io.vertx.core.MultiMap;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which headers go on, in each direction. Everything that names a credential, a way or a connection ends here. */
final class HeaderRules {
    /** Of one connection alone: RFC 9110, section 7.6.1. */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-authentication-info",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings");

    /** Of the caller, and nobody else's business; or written by the proxy itself. */
    private static final Set<String> OF_THE_CALLER = Set.of(
            "accept-encoding",
            "api-key",
            "authorization",
            "content-length",
            "cookie",
            "cookie2",
            "expect",
            "forwarded",
            "host",
            "true-client-ip",
            "via",
            "x-api-key",
            "x-goog-api-key",
            "x-real-ip",
            "x-amz-security-token",
            "x-auth-token");

    /** A redirect is answered, and must not carry the caller's credential elsewhere. */
    private static final Set<String> OF_THE_UPSTREAM =
            Set.of("location", "refresh", "set-cookie", "set-cookie2", "alt-svc");

    private static final String OURS = "interlock-";

    private static final String MARKS = ":-._~/@";

    /** Names the circuits in which a call has been counted, percent-encoded: a guard around it leaves these alone. */
    static final String COUNTED = "interlock-counted";

    private HeaderRules() {}

    /** Names as a header bears them. */
    static String names(List<String> circuits) {
        StringBuilder names = new StringBuilder(64);
        for (String each : circuits) {
            names.append(names.isEmpty() ? "" : ", ")
                    .append(
                            isPlain(each)
                                    ? each
                                    : URLEncoder.encode(each, StandardCharsets.UTF_8)
                                            .replace("+", "%20"));
        }
        return names.toString();
    }

    /** Whether a name is its own encoding, as nearly all are. */
    private static boolean isPlain(String name) {
        for (int i = 0; i < name.length(); i++) {
            char each = name.charAt(i);
            boolean isLetter = each >= 'a' && each <= 'z' || each >= 'A' && each <= 'Z' || each >= '0' && each <= '9';
            if (!isLetter && MARKS.indexOf(each) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Copies what may go on to an upstream. */
    static void request(MultiMap from, MultiMap to) {
        Set<String> named = named(from);
        for (Map.Entry<String, String> each : from) {
            String name = each.getKey().toLowerCase(Locale.ROOT);
            boolean ends = HOP_BY_HOP.contains(name)
                    || OF_THE_CALLER.contains(name)
                    || name.startsWith(OURS)
                    || name.startsWith("x-forwarded-")
                    || name.startsWith(":")
                    || named.contains(name);
            if (!ends) {
                to.add(each.getKey(), each.getValue());
            }
        }
        to.set("accept-encoding", "identity");
    }

    /** Copies what may go back to the caller; what is {@code ours} may say that a circuit refused. */
    static void answer(MultiMap from, MultiMap to, boolean ours) {
        Set<String> named = named(from);
        for (Map.Entry<String, String> each : from) {
            String name = each.getKey().toLowerCase(Locale.ROOT);
            boolean refusal = ours && name.equals(Refusals.HEADER);
            boolean ends = HOP_BY_HOP.contains(name)
                    || OF_THE_UPSTREAM.contains(name)
                    || name.startsWith(OURS) && !refusal
                    || named.contains(name);
            if (!ends) {
                to.add(each.getKey(), each.getValue());
            }
        }
    }

    /** What a Connection header names is of that connection, too. */
    private static Set<String> named(MultiMap headers) {
        if (!headers.contains("connection")) {
            return Set.of();
        }
        Set<String> named = new HashSet<>();
        for (String value : headers.getAll("connection")) {
            for (String each : value.split(",", 50)) {
                named.add(each.strip().toLowerCase(Locale.ROOT));
            }
        }
        named.remove("content-type"); // a caller could take away what makes a body readable
        return named;
    }
}
