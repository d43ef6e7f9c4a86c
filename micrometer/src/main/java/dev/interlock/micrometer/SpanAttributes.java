package dev.interlock.micrometer;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.Outcome;
import dev.interlock.Refusal;
import dev.interlock.Settlement;
import dev.interlock.SettlementListener;
import dev.interlock.StateTransition;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import java.util.Locale;

/**
 * Says on OpenTelemetry's current span that a guarded call was made in it: {@code interlock.guarded}, {@code
 * interlock.agent} and {@code interlock.state}, of what it depends on {@code interlock.upstream} and {@code
 * interlock.upstream.state}, of a refused one {@code interlock.refused}, and an event {@code
 * interlock.transition} where it moved its circuit.
 *
 * <p>The span is the current one of the thread that reports how the call ended, or that was refused; a stage that completes
 * on a thread without a context marks none. Without a span that records, a call costs a look and no memory. Needs
 * {@code opentelemetry-api}.
 */
public final class SpanAttributes implements SettlementListener, AutoCloseable {
    /** True on the span of a guarded call, whose outcome is counted already: who reads traces counts it no second time. */
    public static final AttributeKey<Boolean> GUARDED = AttributeKey.booleanKey("interlock.guarded");

    /** The agent's circuit, if it took the outcome or refused the call. */
    public static final AttributeKey<String> AGENT = AttributeKey.stringKey("interlock.agent");

    /** Its state after the call: closed, open or half_open. */
    public static final AttributeKey<String> STATE = AttributeKey.stringKey("interlock.state");

    /** What the call depends on, by its {@linkplain CircuitId#namesUpstream name}, if it took the outcome or refused the call. */
    public static final AttributeKey<String> UPSTREAM = AttributeKey.stringKey("interlock.upstream");

    /** Its state after the call. */
    public static final AttributeKey<String> UPSTREAM_STATE = AttributeKey.stringKey("interlock.upstream.state");

    /** Why a call was refused: open, half_open, held, gate or full. */
    public static final AttributeKey<String> REFUSED = AttributeKey.stringKey("interlock.refused");

    private static final AttributeKey<String> TO = AttributeKey.stringKey("interlock.to");
    private static final AttributeKey<String> CAUSE = AttributeKey.stringKey("interlock.cause");

    private final CircuitBreakerManager circuits;

    private SpanAttributes(CircuitBreakerManager circuits) {
        this.circuits = circuits;
    }

    /**
     * Marks spans from now on.
     *
     * @param circuits whose calls
     * @return to be closed when spans are to be marked no longer
     */
    public static SpanAttributes begin(CircuitBreakerManager circuits) {
        SpanAttributes attributes = new SpanAttributes(circuits);
        circuits.settlements().add(attributes);
        return attributes;
    }

    @Override
    public void onSettled(
            CircuitId circuit, Outcome outcome, long tookNanos, long agoNanos, long epoch, Settlement settlement) {
        Span span = Span.current();
        if (span.isRecording()) {
            CircuitSnapshot snapshot = mark(span, circuit);
            StateTransition last = snapshot.lastTransition();
            if (settlement == Settlement.COUNTED && last != null && last.epoch() > epoch) {
                span.addEvent(
                        "interlock.transition",
                        Attributes.of(
                                nameOf(circuit), circuit.toString(), TO, lower(last.to()), CAUSE, lower(last.cause())));
            }
        }
    }

    @Override
    public void onRefused(CircuitId circuit, Refusal refusal) {
        Span span = Span.current();
        if (span.isRecording()) {
            mark(span, circuit);
            span.setAttribute(REFUSED, lower(refusal));
        }
    }

    /** Marks no span from now on. */
    @Override
    public void close() {
        circuits.settlements().remove(this);
    }

    private CircuitSnapshot mark(Span span, CircuitId circuit) {
        CircuitSnapshot snapshot = circuits.snapshot(circuit);
        span.setAttribute(GUARDED, true);
        span.setAttribute(nameOf(circuit), circuit.toString());
        span.setAttribute(circuit.namesUpstream() ? UPSTREAM_STATE : STATE, lower(snapshot.state()));
        return snapshot;
    }

    private static AttributeKey<String> nameOf(CircuitId circuit) {
        return circuit.namesUpstream() ? UPSTREAM : AGENT;
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
