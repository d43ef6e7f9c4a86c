package dev.interlock.server.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code docs/metrics.md} names every figure of Interlock's own, with its type and labels and who sees it; and no other. */
class MetricsPageTest {
    private static final Path PAGE = Path.of(System.getProperty("interlock.root", ".."), "docs", "metrics.md");
    private static final Pattern ROW =
            Pattern.compile("\\| `(interlock_[a-z_]+)` \\| (\\w+) \\|([^|]*)\\| (each|operator) \\|.*");
    private static final Pattern LABEL = Pattern.compile("`([a-z_]+)`");
    private static RunningServer server;

    /** A row of the page, or what a server shows. */
    private record Figure(String type, Set<String> labels, boolean isSeenByEach) {}

    @BeforeAll
    static void load() {
        server = new RunningServer(Map.of("outbound-hosts", "127.0.0.1"));
        SmallLoad.run(server, "acme");
        SmallLoad.run(server, "default");
        SmallLoad.openProbed(server, "acme");
        SmallLoad.openProbed(server, "default");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void the_page_is_what_a_server_shows() throws IOException {
        Map<String, Figure> shown = new TreeMap<>();
        Scrape operator = Scrape.of(server, "viewer@default");
        Scrape each = Scrape.of(server, "viewer@acme");
        operator.types.forEach((name, type) -> {
            if (name.startsWith("interlock_")) {
                shown.put(name, new Figure(type, operator.labelsOf(name), each.types.containsKey(name)));
            }
        });
        assertThat(operator.types.keySet()).containsAll(each.types.keySet());

        assertThat(page()).containsExactlyInAnyOrderEntriesOf(shown);
    }

    private static Map<String, Figure> page() throws IOException {
        Map<String, Figure> rows = new TreeMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Set<String> labels = LABEL.matcher(row.group(3))
                        .results()
                        .map(label -> label.group(1))
                        .collect(Collectors.toCollection(TreeSet::new));
                Figure before = rows.put(
                        row.group(1),
                        new Figure(row.group(2), labels, row.group(4).equals("each")));
                assertThat(before).as("%s twice", row.group(1)).isNull();
            } else {
                assertThat(line).as("a row that is none").doesNotStartWith("| `interlock_");
            }
        }
        return rows;
    }
}
