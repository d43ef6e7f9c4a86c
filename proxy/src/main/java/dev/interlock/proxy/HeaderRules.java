package dev.interlock.proxy;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

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

    private static final CharSequence ACCEPT_ENCODING = HttpHeaders.createOptimized("accept-encoding");
    private static final CharSequence IDENTITY = HttpHeaders.createOptimized("identity");
    private static final Names OF_REQUESTS = new Names(HeaderRules::endsInRequest);
    private static final Names OF_ANSWERS = new Names(HeaderRules::endsInAnswer);
    private static final Names OF_OUR_ANSWERS = new Names(name -> endsInAnswer(name) && !name.equals(Refusals.HEADER));

    private static final String MARKS = ":-._~/@";

    /** Names the circuits in which a call has been counted, percent-encoded: a guard around it leaves these alone. */
    static final CharSequence COUNTED = HttpHeaders.createOptimized("interlock-counted");

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
        copy(from, to, OF_REQUESTS);
        to.set(ACCEPT_ENCODING, IDENTITY);
    }

    /** Copies what may go back to the caller; what is {@code ours} may say that a circuit refused. */
    static void answer(MultiMap from, MultiMap to, boolean ours) {
        copy(from, to, ours ? OF_OUR_ANSWERS : OF_ANSWERS);
    }

    private static void copy(MultiMap from, MultiMap to, Names rule) {
        Set<String> named = named(from);
        from.forEach((name, value) -> {
            if (!rule.has(name) && (named.isEmpty() || !named.contains(name.toLowerCase(Locale.ROOT)))) {
                to.add(name, value);
            }
        });
    }

    private static boolean endsInRequest(String name) {
        return HOP_BY_HOP.contains(name)
                || OF_THE_CALLER.contains(name)
                || name.startsWith(OURS)
                || name.startsWith("x-forwarded-")
                || name.startsWith(":");
    }

    private static boolean endsInAnswer(String name) {
        return HOP_BY_HOP.contains(name) || OF_THE_UPSTREAM.contains(name) || name.startsWith(OURS);
    }

    /** Which headers end here, by their names as they are written. Of those that came before it knows the answer. */
    private static final class Names {
        private static final int MOST = 1_000;
        private static final int LONGEST = 64;

        private final Predicate<String> rule;
        private final Map<String, Boolean> known = new ConcurrentHashMap<>();

        /** By a rule on names in lower case. */
        Names(Predicate<String> rule) {
            this.rule = rule;
        }

        boolean has(String name) {
            Boolean before = known.get(name);
            if (before != null) {
                return before;
            }
            boolean has = rule.test(name.toLowerCase(Locale.ROOT));
            if (name.length() <= LONGEST && known.size() < MOST) {
                known.put(name, has);
            }
            return has;
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
