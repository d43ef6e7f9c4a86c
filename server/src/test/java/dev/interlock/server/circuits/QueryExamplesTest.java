package dev.interlock.server.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.checks.Needed;
import dev.interlock.server.circuits.FleetQuery.Member;
import dev.interlock.server.http.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server and the dashboard read a query in the same way: the examples of {@code query/examples.json}, and random ones. */
class QueryExamplesTest {
    private static final Path MODULES = Path.of("src/main/resources/dashboard");
    private static final JsonObject SHARED = new JsonObject(resource("examples.json"));
    private static final JsonArray FLEET = SHARED.getJsonArray("fleet");
    private static final List<Member> MEMBERS =
            objects(FLEET).map(QueryMembers::of).toList();
    private static final long SEED = 20_261_129;
    private static final int RANDOM_QUERIES = 800;

    @TempDir
    Path folder;

    @Test
    void the_server_finds_what_the_examples_say_and_reports_their_mistakes() {
        List<JsonObject> examples = objects(SHARED.getJsonArray("examples")).toList();
        assertThat(examples).hasSizeGreaterThan(100);
        for (JsonObject example : examples) {
            String query = example.getString("query");
            assertThat(read(query)).as(query).isEqualTo(expected(example));
        }
    }

    @Test
    void the_dashboard_finds_what_the_examples_say_and_reports_their_mistakes() throws Exception {
        List<JsonObject> examples = objects(SHARED.getJsonArray("examples")).toList();
        List<JsonObject> answers = dashboard(
                examples.stream().map(example -> example.getString("query")).toList());
        for (int i = 0; i < examples.size(); i++) {
            JsonObject example = examples.get(i);
            assertThat(answers.get(i)).as(example.getString("query")).isEqualTo(expected(example));
        }
    }

    @Test
    void both_read_hundreds_of_random_queries_alike() throws Exception {
        Set<String> queries = new LinkedHashSet<>();
        RandomQueries random = new RandomQueries(new Random(SEED), FLEET);
        while (queries.size() < RANDOM_QUERIES) {
            queries.add(random.next());
        }
        List<String> all = List.copyOf(queries);
        List<JsonObject> answers = dashboard(all);
        List<JsonObject> expected = all.stream().map(QueryExamplesTest::read).toList();
        for (int i = 0; i < all.size(); i++) {
            assertThat(answers.get(i)).as("seed %d, query %s", SEED, all.get(i)).isEqualTo(expected.get(i));
        }
        assertThat(expected.stream().filter(each -> each.containsKey("mistakes")))
                .as("wrong ones")
                .hasSizeBetween(RANDOM_QUERIES / 10, RANDOM_QUERIES * 9 / 10);
        assertThat(expected.stream().map(each -> each.getJsonArray("finds")).distinct())
                .as("different answers")
                .hasSizeGreaterThan(40);
    }

    @Test
    void a_refusal_has_all_mistakes_with_their_columns() {
        assertThatThrownBy(() -> FleetQuery.parse("state:opne planner team="))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem)
                                .hasMessageContaining("At column 7: state:opne: there is no such state. Did you mean"
                                        + " state:open? At column 20: team= needs a value; * means any."));
    }

    /** What the server makes of a query, as the examples write it. */
    private static JsonObject read(String text) {
        QueryReading reading = QueryReading.of(text);
        JsonArray mistakes = new JsonArray();
        reading.mistakes()
                .forEach(each -> mistakes.add(
                        new JsonObject().put("column", each.column()).put("text", each.text())));
        if (!mistakes.isEmpty()) {
            return new JsonObject().put("mistakes", mistakes);
        }
        if (reading.words().isEmpty()) { // the dashboard shows all; an action needs an explicit pattern
            assertThatThrownBy(() -> FleetQuery.parse(text)).hasMessageContaining("the pattern * means all");
        }
        FleetQuery query = reading.words().isEmpty() ? FleetQuery.named("*") : FleetQuery.parse(text);
        JsonArray finds = new JsonArray();
        MEMBERS.stream()
                .filter(query::matches)
                .forEach(each -> finds.add(each.known().name()));
        return new JsonObject().put("finds", finds);
    }

    private static JsonObject expected(JsonObject example) {
        JsonObject expected = example.copy();
        expected.remove("query");
        return expected;
    }

    /** What the dashboard makes of queries: its own modules, run by Node. */
    private List<JsonObject> dashboard(List<String> queries) throws Exception {
        Needed.program("node", "nodejs", "how the dashboard reads queries");
        Path modules = Files.createDirectory(folder.resolve("dashboard"));
        Files.writeString(modules.resolve("package.json"), "{\"type\": \"module\"}");
        try (Stream<Path> files = Files.list(MODULES)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".js")).toList()) {
                Files.copy(file, modules.resolve(file.getFileName()));
            }
        }
        Path script = Files.writeString(folder.resolve("read.mjs"), resource("read.mjs"));
        Path input = Files.writeString(
                folder.resolve("queries.json"),
                new JsonObject()
                        .put("fleet", FLEET)
                        .put("queries", new JsonArray(queries))
                        .encode());
        Process process = new ProcessBuilder("node", script.toString(), modules.toString())
                .redirectInput(input.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        List<JsonObject> answers = objects(new JsonArray(said)).collect(Collectors.toCollection(ArrayList::new));
        assertThat(answers).hasSameSizeAs(queries);
        return answers;
    }

    private static Stream<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast);
    }

    private static String resource(String name) {
        try (InputStream in = QueryExamplesTest.class.getResourceAsStream("/query/" + name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
