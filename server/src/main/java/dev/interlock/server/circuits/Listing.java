package dev.interlock.server.circuits;

import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.Figures;
import dev.interlock.ProbeStatus;
import dev.interlock.server.circuits.KnownCircuits.Known;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Fingerprint;
import dev.interlock.server.http.NextLink;
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
 * @param held whether only those that somebody holds
 * @param prefix how their names begin, or null for any
 * @param limit at most how many, or null for all
 * @param after only names that come later, or null for all
 */
record Listing(
        String organization,
        @Nullable CircuitState state,
        boolean held,
        @Nullable String prefix,
        @Nullable Integer limit,
        @Nullable String after) {
    private static final String HELD = "held";
    private static final Comparator<Known> BY_NAME = Comparator.comparing(Known::name);

    static Listing of(Exchange exchange) {
        String state = exchange.query("state");
        String limit = exchange.query("limit");
        return new Listing(
                exchange.caller().organization(),
                state == null || state.equals(HELD) ? null : CircuitState.valueOf(state.toUpperCase(Locale.ROOT)),
                HELD.equals(state),
                exchange.query("prefix"),
                limit == null ? null : Integer.valueOf(limit),
                exchange.query("after"));
    }

    /** All among which the wanted ones are, in no order, with nulls. Open ones cost what there is of them, not what there is. */
    Stream<@Nullable Known> candidates(KnownCircuits circuits) {
        boolean needAttention = held || state != null && state != CircuitState.CLOSED;
        return needAttention ? circuits.notClosed(organization) : circuits.all(organization);
    }

    /**
     * The entity tag of all that are wanted, by what changes with time alone left out: how long a cooldown still takes. Takes
     * time: for a worker.
     */
    String tag(KnownCircuits circuits) {
        Fingerprint print = new Fingerprint();
        candidates(circuits).flatMap(Stream::ofNullable).filter(this::isWanted).forEach(known -> {
            CircuitSnapshot circuit = known.circuit();
            Figures figures = circuit.figures();
            print.entry(known.name())
                    .with(circuit.epoch())
                    .with(circuit.state().ordinal())
                    .with(known.idle() ? 1 : 0)
                    .with(figures.calls())
                    .with(figures.failures())
                    .with(figures.slow())
                    .with(figures.consecutiveFailures())
                    .with(circuit.openings())
                    .with(circuit.late())
                    .with(circuit.trialsOut())
                    .with(circuit.trialsSucceeded())
                    .with(circuit.hold())
                    .with(circuit.policy())
                    .with(circuit.mode().ordinal())
                    .with(found(circuit.probe()))
                    .with(circuit.detached() ? 1 : 0);
        });
        return print.tag();
    }

    /** What a probe has found changes a list, when the next one is due follows from it. */
    private static @Nullable String found(@Nullable ProbeStatus probe) {
        return probe == null ? null : probe.trusted() + " " + probe.lastGood() + " " + probe.lastAt();
    }

    /** The first ones by name, and one more if there is a next page. Takes time: for a worker. */
    List<Known> page(KnownCircuits circuits, int most) {
        PriorityQueue<Known> first = new PriorityQueue<>(BY_NAME.reversed());
        candidates(circuits).flatMap(Stream::ofNullable).filter(this::isWanted).forEach(circuit -> {
            first.add(circuit);
            if (first.size() > most + 1) {
                first.poll();
            }
        });
        List<Known> page = new ArrayList<>(first);
        page.sort(BY_NAME);
        return page;
    }

    /** The link to the page behind a name. */
    String next(String last, int most) {
        return new NextLink("/api/v1/circuits/", most)
                .with("state", held ? HELD : state == null ? null : CircuitJson.text(state))
                .with("prefix", prefix)
                .with("after", last)
                .header();
    }

    /** Limit aside. */
    boolean isWanted(Known circuit) {
        String name = circuit.name();
        return (state == null || circuit.circuit().state() == state)
                && (!held || circuit.circuit().hold() != null)
                && (prefix == null || name.startsWith(prefix))
                && (after == null || name.compareTo(after) > 0);
    }
}
