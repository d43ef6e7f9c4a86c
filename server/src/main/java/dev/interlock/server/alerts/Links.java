package dev.interlock.server.alerts;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of the dashboard's pages. Immutable.
 *
 * @param base where people reach the dashboard, without a slash at its end; null if nobody said so
 */
record Links(@Nullable String base) {
    @Nullable
    String incident(String id) {
        return of("incidents/" + encoded(id));
    }

    @Nullable
    String circuit(String name) {
        return of("agents/" + encoded(name));
    }

    @Nullable
    String fleet() {
        return base == null ? null : base + "/#/";
    }

    @Nullable
    String budgets() {
        return of("budgets");
    }

    @Nullable
    String webhooks() {
        return of("webhooks");
    }

    private @Nullable String of(String page) {
        return base == null ? null : base + "/#/" + page;
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
