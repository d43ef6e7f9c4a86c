package dev.interlock.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import app.Meters;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.api.trace.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The blocks of docs/micrometer.md, and its table: every meter that there is, with its type and labels. */
class MicrometerSnippetsTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(interlock_\\w+)` \\| (\\w+) \\|([^|]*)\\|");
    private static final Pattern LABEL = Pattern.compile("`(\\w+)`");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (interlock_\\w+) (\\w+)$");

    @Test
    void the_table_lists_every_meter_with_its_type_and_labels() throws IOException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (CircuitBreakerManager circuits = Meters.circuits(registry)) {
            circuits.guard("planner").run(() -> {});
            circuits.getOrCreate("planner").recordFailure(FailureKind.TIMEOUT);
            circuits.override(CircuitId.of("planner"), ManualOverride.of(OverrideAction.OPEN, "ann"));
            circuits.guard("planner").tryAcquire();
            assertThat(circuits.flush(Duration.ofSeconds(1))).isFalse(); // there is no store
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(found(registry.scrape())).isEqualTo(listed()));
        }
    }

    /** The names that the server has, too, are in its table with the same type. */
    @Test
    void names_are_the_servers() throws IOException {
        Map<String, String> server = rows("docs/metrics.md");
        Map<String, String> here = rows("docs/micrometer.md");
        assertThat(here.keySet())
                .as("only here")
                .filteredOn(name -> !server.containsKey(name))
                .containsExactlyInAnyOrder("interlock_calls_seconds", "interlock_calls_seconds_max");
        here.forEach((name, row) -> {
            if (server.containsKey(name)) {
                assertThat(row.split(" ")[0])
                        .as(name)
                        .isEqualTo(server.get(name).split(" ")[0]);
            }
        });
    }

    @Test
    void spans_are_marked() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            // tag::micrometer-spans[]
            SpanAttributes spans = SpanAttributes.begin(circuits);
            // end::micrometer-spans[]
            assertThat(circuits.guard("planner").call(() -> Span.current().isRecording()))
                    .isFalse();
            spans.close();
        }
    }

    private static Map<String, String> listed() throws IOException {
        return rows("docs/micrometer.md");
    }

    private static Map<String, String> rows(String page) throws IOException {
        Map<String, String> rows = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(ROOT.resolve(page)));
        while (row.find()) {
            TreeSet<String> labels = new TreeSet<>();
            Matcher label = LABEL.matcher(row.group(3));
            while (label.find()) {
                labels.add(label.group(1));
            }
            rows.put(row.group(1), row.group(2) + " " + labels);
        }
        return rows;
    }

    private static Map<String, String> found(String scrape) {
        Map<String, String> found = new TreeMap<>();
        Matcher type = TYPE.matcher(scrape);
        while (type.find()) {
            String name = type.group(1);
            TreeSet<String> labels = new TreeSet<>();
            Matcher sample =
                    Pattern.compile("(?m)^" + name + "(_count)?\\{([^}]*)}").matcher(scrape);
            while (sample.find()) {
                Matcher label = Pattern.compile("(\\w+)=\"").matcher(sample.group(2));
                while (label.find()) {
                    labels.add(label.group(1));
                }
            }
            found.put(name, type.group(2) + " " + labels);
        }
        return found;
    }
}
