package dev.interlock.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is said on the span that is current while a guarded call ends or is refused. */
class SpanAttributesTest {
    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final SdkTracerProvider provider = SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(exporter))
            .build();
    private final Tracer tracer = provider.get("test");
    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
    private final SpanAttributes attributes = SpanAttributes.begin(circuits);

    @AfterEach
    void close() {
        circuits.close();
        provider.close();
    }

    private SpanData within(Runnable work) {
        exporter.reset();
        Span span = tracer.spanBuilder("chat").startSpan();
        try (Scope current = span.makeCurrent()) {
            work.run();
        } finally {
            span.end();
        }
        return exporter.getFinishedSpanItems().get(0);
    }

    @Test
    void a_good_call_says_whose_it_was_and_what_it_depended_on() {
        SpanData span =
                within(() -> circuits.guard("planner").dependingOn("model:m").run(() -> {}));

        assertThat(span.getAttributes().get(SpanAttributes.GUARDED)).isTrue();
        assertThat(span.getAttributes().get(SpanAttributes.AGENT)).isEqualTo("planner");
        assertThat(span.getAttributes().get(SpanAttributes.STATE)).isEqualTo("closed");
        assertThat(span.getAttributes().get(SpanAttributes.UPSTREAM)).isEqualTo("model:m");
        assertThat(span.getAttributes().get(SpanAttributes.UPSTREAM_STATE)).isEqualTo("closed");
        assertThat(span.getAttributes().get(SpanAttributes.REFUSED)).isNull();
        assertThat(span.getEvents()).isEmpty();
    }

    @Test
    void the_call_that_opens_a_circuit_has_an_event_and_a_refused_one_says_why() {
        SpanData failed = within(() -> circuits.guard("planner").acquire().fail(FailureKind.LOOP));
        assertThat(failed.getAttributes().get(SpanAttributes.STATE)).isEqualTo("open");
        assertThat(failed.getEvents()).extracting(EventData::getName).containsExactly("interlock.transition");
        assertThat(failed.getEvents().get(0).getAttributes().asMap().values())
                .containsExactlyInAnyOrder("planner", "open", "failure_kind");

        SpanData refused =
                within(() -> assertThatThrownBy(() -> circuits.guard("planner").run(() -> {}))
                        .isInstanceOf(CircuitOpenException.class));
        assertThat(refused.getAttributes().get(SpanAttributes.GUARDED)).isTrue();
        assertThat(refused.getAttributes().get(SpanAttributes.REFUSED)).isEqualTo("open");
    }

    @Test
    void without_a_span_and_after_the_end_nothing_is_said() {
        circuits.guard("planner").run(() -> {});
        attributes.close();

        assertThat(within(() -> circuits.guard("planner").run(() -> {}))
                        .getAttributes()
                        .isEmpty())
                .isTrue();
    }
}
