package dev.interlock.server.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The board for Grafana and the rules for Prometheus in {@code docs/operations/}: whatever they ask for, a server that had
 * a few calls has, with these labels and these values of them.
 */
class OperationsFilesTest {
    private static final Path FOLDER = Path.of(System.getProperty("interlock.root", ".."), "docs", "operations");
    private static final Pattern SELECTOR = Pattern.compile("\\b((?:interlock|jvm|process|system)_\\w+)(\\{[^}]*})?");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)(=~|!~|!=|=)\"([^\"]*)\"");
    private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without|on|ignoring) *\\(([^)]*)\\)");
    private static final Pattern SHOWN_LABEL = Pattern.compile("\\{\\{ *(?:\\$labels\\.)?(\\w+) *}}");

    private static RunningServer server;
    private static Scrape scrape;

    @BeforeAll
    static void load() {
        server = new RunningServer();
        SmallLoad.run(server, "default");
        scrape = Scrape.of(server, "viewer@default");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void every_query_of_the_board_finds_something() throws IOException {
        JsonNode board =
                new ObjectMapper().readTree(FOLDER.resolve("grafana.json").toFile());
        List<JsonNode> panels = new ArrayList<>();
        board.get("panels").forEach(panels::add);
        assertThat(panels).hasSizeGreaterThan(10);
        Set<Integer> ids = new HashSet<>();
        for (JsonNode panel : panels) {
            String title = panel.get("title").asText();
            assertThat(ids.add(panel.get("id").asInt())).as(title).isTrue();
            assertThat(panel.get("targets")).as(title).isNotEmpty();
            for (JsonNode target : panel.get("targets")) {
                String query = target.get("expr").asText();
                check(title, query);
                checkShown(title, query, target.path("legendFormat").asText());
            }
        }
    }

    @Test
    void every_rule_finds_something_and_says_what_to_do() throws IOException {
        JsonNode rules = new YAMLMapper()
                .readTree(FOLDER.resolve("alerts.yaml").toFile())
                .at("/groups/0/rules");
        assertThat(rules).hasSizeGreaterThan(8);
        Set<String> names = new HashSet<>();
        for (JsonNode rule : rules) {
            String name = rule.get("alert").asText();
            assertThat(names.add(name)).as(name).isTrue();
            assertThat(rule.get("for").asText()).as(name).matches("\\d+[smh]");
            assertThat(rule.at("/labels/severity").asText()).as(name).isIn("page", "ticket");
            String query = rule.get("expr").asText();
            if (!query.startsWith("up")) { // what Prometheus itself knows
                check(name, query);
            }
            for (String text : List.of("summary", "description")) {
                String said = rule.at("/annotations/" + text).asText();
                assertThat(said).as(name + " " + text).isNotBlank();
                checkShown(name, query, said);
            }
        }
    }

    private static void check(String where, String query) {
        assertThat(selectors(query)).as("%s asks for nothing: %s", where, query).isNotEmpty();
        for (Matcher each : selectors(query)) {
            assertThat(matching(each))
                    .as("%s: nothing is %s", where, each.group())
                    .isNotEmpty();
        }
        Matcher grouping = GROUPING.matcher(query);
        while (grouping.find()) {
            for (String label : grouping.group(1).split(" *, *")) {
                assertThat(labels(query))
                        .as("%s groups by what is no label", where)
                        .contains(label.trim());
            }
        }
    }

    /** Labels that are shown are there, and not lost in a sum. */
    private static void checkShown(String where, String query, String text) {
        Matcher shown = SHOWN_LABEL.matcher(text);
        while (shown.find()) {
            String label = shown.group(1);
            assertThat(label.equals("instance") || labels(query).contains(label))
                    .as("%s shows %s, which is no label", where, label)
                    .isTrue();
            Matcher grouping = GROUPING.matcher(query);
            if (grouping.find()) {
                assertThat(grouping.group(1)).as("%s loses %s", where, label).contains(label);
            }
        }
    }

    private static List<Matcher> selectors(String query) {
        List<Matcher> found = new ArrayList<>();
        Matcher selector = SELECTOR.matcher(query);
        int from = 0;
        while (selector.find(from)) {
            Matcher one = SELECTOR.matcher(query);
            one.find(selector.start());
            found.add(one);
            from = selector.end();
        }
        return found;
    }

    private static List<Scrape.Sample> matching(Matcher selector) {
        Stream<Scrape.Sample> found =
                scrape.samples.stream().filter(each -> each.name().equals(selector.group(1)));
        if (selector.group(2) != null) {
            Matcher matcher = MATCHER.matcher(selector.group(2));
            while (matcher.find()) {
                String label = matcher.group(1);
                String kind = matcher.group(2);
                String wanted = matcher.group(3);
                found = found.filter(each -> {
                    String value = each.labels().get(label);
                    return value != null
                            && switch (kind) {
                                case "=" -> value.equals(wanted);
                                case "!=" -> !value.equals(wanted);
                                case "=~" -> value.matches(wanted);
                                default -> !value.matches(wanted);
                            };
                });
            }
        }
        return found.toList();
    }

    private static Set<String> labels(String query) {
        Set<String> labels = new HashSet<>(Set.of("instance"));
        selectors(query)
                .forEach(each -> matching(each)
                        .forEach(sample -> labels.addAll(sample.labels().keySet())));
        return labels;
    }
}
