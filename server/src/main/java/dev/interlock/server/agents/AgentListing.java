package dev.interlock.server.agents;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitSnapshot;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.health.HealthJson;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.NextLink;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which agents a call for many wants.
 *
 * @param organization whose
 * @param prefix how their names begin, or null for any
 * @param state in which state their circuits are, or {@code held}, or null for any
 * @param status how they are, or null for any
 * @param limit at most how many, or null for all
 * @param after only names that come later, or null for all
 */
record AgentListing(
        String organization,
        @Nullable String prefix,
        @Nullable String state,
        @Nullable String status,
        @Nullable Integer limit,
        @Nullable String after) {
    private static final String HELD = "held";
    private static final Comparator<Agent> BY_NAME =
            Comparator.comparing(agent -> agent.id().name());

    static AgentListing of(Exchange exchange) {
        String limit = exchange.query("limit");
        return new AgentListing(
                exchange.caller().organization(),
                exchange.query("prefix"),
                exchange.query("state"),
                exchange.query("status"),
                limit == null ? null : Integer.valueOf(limit),
                exchange.query("after"));
    }

    /** Which are wanted, limit aside. */
    Predicate<Agent> wanted(CircuitBreakerManager circuits, HealthMonitor health) {
        return agent -> {
            String name = agent.id().name();
            return (prefix == null || name.startsWith(prefix))
                    && (after == null || name.compareTo(after) > 0)
                    && (state == null || isWanted(circuits.snapshot(agent.id())))
                    && (status == null || status.equals(HealthJson.status(health.judged(agent.id()))));
        };
    }

    private boolean isWanted(CircuitSnapshot circuit) {
        return HELD.equals(state)
                ? circuit.hold() != null
                : CircuitJson.text(circuit.state()).equals(state);
    }

    /** The first ones by name, and one more if there is a next page. Takes time: for a worker. */
    List<Agent> page(Stream<Agent> wanted, int most) {
        PriorityQueue<Agent> first = new PriorityQueue<>(BY_NAME.reversed());
        wanted.forEach(agent -> {
            first.add(agent);
            if (first.size() > most + 1) {
                first.poll();
            }
        });
        List<Agent> page = new ArrayList<>(first);
        page.sort(BY_NAME);
        return page;
    }

    /** The link to the page behind a name. */
    String next(String last, int most) {
        return new NextLink("/api/v1/agents", most)
                .with("prefix", prefix)
                .with("state", state)
                .with("status", status)
                .with("after", last)
                .header();
    }
}
