package dev.interlock.server.circuits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.server.http.Exchange;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which circuits a call for many wants.
 *
 * @param organization whose
 * @param state in which state, or null for any
 * @param prefix how their names begin, or null for any
 * @param limit at most how many, or null for all
 * @param after only names that come later, or null for all
 */
record Listing(
        String organization,
        @Nullable CircuitState state,
        @Nullable String prefix,
        @Nullable Integer limit,
        @Nullable String after) {
    private static final Comparator<CircuitSnapshot> BY_NAME =
            Comparator.comparing(circuit -> circuit.id().name());

    static Listing of(Exchange exchange) {
        String state = exchange.query("state");
        String limit = exchange.query("limit");
        return new Listing(
                exchange.caller().organization(),
                state == null ? null : CircuitState.valueOf(state.toUpperCase(Locale.ROOT)),
                exchange.query("prefix"),
                limit == null ? null : Integer.valueOf(limit),
                exchange.query("after"));
    }

    /** All among which the wanted ones are, in no order. Open ones cost what there is of them, not what there is. */
    Stream<CircuitSnapshot> candidates(CircuitBreakerManager circuits) {
        boolean needAttention = state != null && state != CircuitState.CLOSED;
        return needAttention ? circuits.snapshotsNotClosed(organization) : circuits.snapshots(organization);
    }

    /** The first ones by name, and one more if there is a next page. Takes time: for a worker. */
    List<CircuitSnapshot> page(CircuitBreakerManager circuits, int most) {
        PriorityQueue<CircuitSnapshot> first = new PriorityQueue<>(BY_NAME.reversed());
        candidates(circuits).filter(this::isWanted).forEach(circuit -> {
            first.add(circuit);
            if (first.size() > most + 1) {
                first.poll();
            }
        });
        List<CircuitSnapshot> page = new ArrayList<>(first);
        page.sort(BY_NAME);
        return page;
    }

    /** The link to the page behind a name. */
    String next(String last) {
        StringBuilder url = new StringBuilder("</api/v1/circuits/?limit=").append(limit);
        if (state != null) {
            url.append("&state=").append(CircuitJson.text(state));
        }
        if (prefix != null) {
            url.append("&prefix=").append(URLEncoder.encode(prefix, StandardCharsets.UTF_8));
        }
        return url.append("&after=")
                .append(URLEncoder.encode(last, StandardCharsets.UTF_8))
                .append(">; rel=\"next\"")
                .toString();
    }

    /** Limit aside. */
    boolean isWanted(CircuitSnapshot circuit) {
        String name = circuit.id().name();
        return (state == null || circuit.state() == state)
                && (prefix == null || name.startsWith(prefix))
                && (after == null || name.compareTo(after) > 0);
    }
}
