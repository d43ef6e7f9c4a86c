package dev.interlock.facts;

import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers of HTTP clients that are results and no exceptions: the JDK's, and by the names of their classes those of
 * others. Safe for use by any thread; for a result that is no answer it costs a look into a small table.
 */
public final class Responses {
    private static final boolean JDK_CLIENT =
            ModuleLayer.boot().findModule("java.net.http").isPresent();

    private static final Set<String> KNOWN = Set.of(
            "okhttp3.Response",
            "retrofit2.Response",
            "org.apache.hc.core5.http.HttpResponse",
            "org.apache.http.HttpResponse",
            "org.springframework.http.ResponseEntity",
            "org.springframework.http.client.ClientHttpResponse",
            "feign.Response",
            "jakarta.ws.rs.core.Response",
            "javax.ws.rs.core.Response",
            "io.micronaut.http.HttpResponse");

    /**
     * Names of classes that are no answers, at the place of their hash. A name is one object for as long as its class
     * lives, and keeps no class alive. Written without care: a lost entry is looked up again.
     */
    private static final @Nullable String[] PLAIN = new @Nullable String[256];

    private Responses() {}

    /**
     * Whether a result is the answer of an HTTP client that is known.
     *
     * @param result what a call returned
     * @return whether {@link #facts} can read it
     */
    @SuppressWarnings("ReferenceEquality") // a name that is another object is looked at again
    public static boolean isOne(Object result) {
        String name = result.getClass().getName();
        int place = name.hashCode() & (PLAIN.length - 1);
        if (PLAIN[place] == name) {
            return false;
        }
        if (JDK_CLIENT && Jdk.isOne(result) || isKnown(result.getClass())) {
            return true;
        }
        PLAIN[place] = name;
        return false;
    }

    /**
     * Reads status, code and wait of an answer. Of a body that has been read only, or can be looked at without taking it
     * from its reader.
     *
     * @param answer a result that {@linkplain #isOne is one}
     * @param now the wall clock's time
     * @return what it says
     */
    public static Facts facts(Object answer, Instant now) {
        return JDK_CLIENT && Jdk.isOne(answer) ? Jdk.facts(answer, now) : Facts.ofAnswer(answer, now);
    }

    private static boolean isKnown(@Nullable Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            if (KNOWN.contains(each.getName())) {
                return true;
            }
            for (Class<?> implemented : each.getInterfaces()) {
                if (isKnown(implemented)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Apart, so that a runtime image without the JDK's client works. */
    private static final class Jdk {
        static boolean isOne(Object result) {
            return result instanceof HttpResponse<?>;
        }

        static Facts facts(Object answer, Instant now) {
            HttpResponse<?> response = (HttpResponse<?>) answer;
            Function<String, @Nullable String> headers =
                    name -> response.headers().firstValue(name).orElse(null);
            int status = Facts.statusOfAnswer(response.statusCode());
            if (status < 400) {
                Facts inBand = InBandErrors.of(status, response.body(), headers, now);
                return inBand != null ? inBand : new Facts(status, null, null);
            }
            return Facts.of(status, null, Facts.textOf(response.body()), headers, now);
        }
    }
}
