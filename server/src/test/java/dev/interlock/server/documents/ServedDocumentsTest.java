package dev.interlock.server.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The documents as a real server shows them, without a browser. */
class ServedDocumentsTest {
    private static final Path ROOT =
            Path.of(System.getProperty("interlock.root", "..")).toAbsolutePath().normalize();
    private static final Path DOCS = ROOT.resolve("docs");
    private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]*)\"");
    private static final Pattern ANCHOR = Pattern.compile(" id=\"([^\"]+)\"");
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void every_document_is_a_page_that_anybody_may_read_and_that_holds_nothing_inline() throws IOException {
        for (String address : addresses()) {
            HttpResponse<String> page = get("/docs/" + address);
            assertThat(page.statusCode()).as(address).isEqualTo(200);
            assertThat(header(page, "Content-Type")).as(address).isEqualTo("text/html; charset=utf-8");
            assertThat(page.body())
                    .as(address)
                    .containsOnlyOnce("<main ")
                    .containsOnlyOnce("<h1 ")
                    .contains("<title>")
                    .doesNotContain("%title%", "%up%", "%body%", "<p>&lt;!--")
                    .doesNotContain("<title> ·")
                    .doesNotContain("<script", "<style", " style=\"", " onclick", "<table>\n</table>");
        }
    }

    /** What is read at night must not end nowhere: not at a page that is missing, and not at a part that is. */
    @Test
    void every_link_of_every_page_leads_to_something_that_is_served_or_to_https() throws IOException {
        Map<URI, HttpResponse<String>> fetched = new HashMap<>();
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (String address : addresses()) {
            URI from = server.uri("/docs/" + address);
            Matcher link = LINK.matcher(
                    fetched.computeIfAbsent(from, ServedDocumentsTest::get).body());
            while (link.find()) {
                links++;
                URI to = from.resolve(link.group(1).replace("&amp;", "&"));
                if (to.getHost().equals(from.getHost())
                        ? !leads(to, fetched)
                        : !to.getScheme().equals("https")) {
                    broken.add(address + ": " + link.group(1));
                }
            }
        }
        assertThat(links).isGreaterThan(10_000);
        assertThat(broken).isEmpty();
    }

    @Test
    void the_index_lists_every_page_but_decisions_which_have_an_index_of_their_own() throws IOException {
        String index = get("/docs/").body();
        String decisions = get("/docs/decisions/").body();
        for (String address : addresses()) {
            boolean isDecision = address.startsWith("decisions/") && !address.equals("decisions/");
            assertThat(isDecision ? decisions : index)
                    .contains("href=\"" + (address.isEmpty() ? "./" : up(isDecision) + address) + "\"");
        }
    }

    @Test
    void a_page_may_load_styles_and_pictures_of_the_server_and_nothing_else() {
        for (String path :
                List.of("/docs/", "/docs/budgets.html", "/docs/documents.css", "/docs/images/concepts.svg")) {
            HttpResponse<String> page = get(path);
            assertThat(page.statusCode()).as(path).isEqualTo(200);
            assertThat(header(page, "Content-Security-Policy"))
                    .isEqualTo(
                            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none';"
                                    + " frame-ancestors 'none'");
            assertThat(header(page, "X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(header(page, "Referrer-Policy")).isEqualTo("no-referrer");
        }
    }

    @Test
    void a_page_that_the_browser_has_is_not_sent_again() {
        String tag = header(get("/docs/budgets.html"), "ETag");
        assertThat(tag).isNotEmpty().isNotEqualTo(header(get("/docs/gates.html"), "ETag"));
        HttpResponse<String> again =
                send(server.request("/docs/budgets.html", null).header("If-None-Match", tag));
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    @Test
    void pages_can_only_be_read() {
        HttpResponse<String> head =
                send(server.request("/docs/budgets.html", null).method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
            HttpResponse<String> other =
                    send(server.request("/docs/budgets.html", null).method(method, BodyPublishers.ofString("{}")));
            assertThat(other.statusCode()).as(method).isEqualTo(405);
            assertThat(header(other, "Allow")).isEqualTo("GET, HEAD, OPTIONS");
        }
        assertThat(send(server.request("/docs/nothing.html", null).method("OPTIONS", BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/docs/nothing.html",
                "/docs/operations/nothing.html",
                "/docs/images/",
                "/docs/images/fleet-dark-1600.png",
                "/docs/model/Protocol.java",
                "/docs/..%2f..%2flogback.xml",
                "/docs/%2e%2e/%2e%2e/dev/interlock/server/openapi.yaml",
                "/docs/operations%2Frunbook.html",
                "/docs/budgets.html/",
                "/docs/pages/budgets.md",
                "/docs/.",
                "/docs/%00"
            })
    void what_is_no_document_is_not_found_and_leads_to_those_that_there_are(String path) {
        HttpResponse<String> page = get(path);
        assertThat(page.statusCode()).as(path).isEqualTo(404);
        assertThat(header(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(header(page, "ETag")).isEmpty();
        Matcher index =
                Pattern.compile("<a href=\"([^\"]+)\">All documents</a>").matcher(page.body());
        assertThat(index.find()).isTrue();
        assertThat(server.uri(path).resolve(index.group(1))).isEqualTo(server.uri("/docs/"));
    }

    /** As no browser sends them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/docs/../openapi.yaml",
                "/docs/../docs/budgets.html",
                "/docs/../../logback.xml",
                "/docs/./budgets.html",
                "/docs//budgets.html",
                "/docs//",
                "/docs/operations/../budgets.html"
            })
    void dots_and_empty_names_lead_to_nothing(String path) {
        assertThat(get(path).statusCode()).as(path).isEqualTo(404);
    }

    @Test
    void an_address_of_many_folders_makes_no_long_page() {
        HttpResponse<String> page = get("/docs/" + "a/".repeat(2_000));
        assertThat(page.statusCode()).isEqualTo(404);
        assertThat(page.body().length()).isLessThan(6_000);
    }

    /** Messages name a page by its source, and people leave endings out. */
    @ParameterizedTest
    @CsvSource({
        "/docs, /docs/",
        "/docs/README.md, /docs/",
        "/docs/index.html, /docs/",
        "/docs/budgets.md, /docs/budgets.html",
        "/docs/budgets, /docs/budgets.html",
        "/docs/operations/runbook.md, /docs/operations/runbook.html",
        "/docs/decisions, /docs/decisions/",
        "/docs/decisions/README.md, /docs/decisions/"
    })
    void other_names_of_a_page_lead_to_it(String asked, String page) {
        HttpResponse<String> answer = get(asked);
        assertThat(answer.statusCode()).as(asked).isEqualTo(308);
        assertThat(server.uri(asked).resolve(header(answer, "Location"))).isEqualTo(server.uri(page));
    }

    @Test
    void the_server_does_not_look_at_what_asks_for_something_else() {
        for (String path : List.of("/docsx", "/doc", "/DOCS/", "/docs.html")) {
            HttpResponse<String> answer = get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(404);
            assertThat(header(answer, "Content-Type")).as(path).isEqualTo("application/problem+json");
        }
    }

    @Test
    void a_refusal_leads_to_what_it_means() {
        server.post("/api/v1/circuits/planner/action", "operator@acme", "{\"action\":\"open\"}");
        for (HttpResponse<String> refusal : List.of(
                server.get("/api/v1/circuits/", null),
                server.get("/api/v1/keys", "viewer@acme"),
                server.post("/api/v1/circuits/planner/permits", "agent@acme", "{}"))) {
            Matcher link = Pattern.compile("<([^>]+)>; rel=\"help\"").matcher(header(refusal, "Link"));
            assertThat(link.matches()).as(refusal.body()).isTrue();
            URI part = refusal.uri().resolve(link.group(1));
            assertThat(part.getFragment()).isEqualTo(RunningServer.json(refusal).getString("type"));
            assertThat(leads(part, new HashMap<>())).as(part.toString()).isTrue();
        }
    }

    @Test
    void every_type_of_refusal_has_a_part_of_the_page_of_errors() throws IOException {
        Pattern type = Pattern.compile("\\(\\s*\\d{3},\\s*\"([a-z-]+)\",");
        Set<String> types = new TreeSet<>();
        for (Path file : below(ROOT.resolve("server/src/main/java"), ".java")) {
            type.matcher(Files.readString(file)).results().forEach(found -> types.add(found.group(1)));
        }
        assertThat(types).hasSizeGreaterThan(20);
        assertThat(anchors(get("/docs/errors.html").body())).containsAll(types);
    }

    /** The dashboard and the command line lead to pages by their addresses. */
    @Test
    void no_message_of_a_program_leads_to_a_page_that_is_not_there() throws IOException {
        Pattern address = Pattern.compile("(?:docs/|page=[\"'])([\\w/-]+\\.html(?:#[\\w-]+)?)");
        Map<URI, HttpResponse<String>> fetched = new HashMap<>();
        List<String> broken = new ArrayList<>();
        int named = 0;
        List<Path> files = new ArrayList<>(below(ROOT.resolve("server/src/main/resources/dashboard"), ".js"));
        files.addAll(below(ROOT.resolve("cli/src/main/java"), ".java"));
        for (Path file : files) {
            Matcher found = address.matcher(Files.readString(file));
            while (found.find()) {
                named++;
                if (!leads(server.uri("/docs/" + found.group(1)), fetched)) {
                    broken.add(file.getFileName() + ": " + found.group(1));
                }
            }
        }
        assertThat(named).isGreaterThan(15);
        assertThat(broken).isEmpty();
    }

    private static boolean leads(URI to, Map<URI, HttpResponse<String>> fetched) {
        URI page = URI.create(to.toString().replaceFirst("#.*", ""));
        HttpResponse<String> answer = fetched.computeIfAbsent(page, ServedDocumentsTest::get);
        return answer.statusCode() == 200
                && (to.getFragment() == null || anchors(answer.body()).contains(to.getFragment()));
    }

    private static Set<String> anchors(String page) {
        return ANCHOR.matcher(page).results().map(found -> found.group(1)).collect(Collectors.toSet());
    }

    private static String up(boolean inFolder) {
        return inFolder ? "../" : "";
    }

    /** Where the documents of the folder are to be found, below {@code /docs/}. */
    private static List<String> addresses() throws IOException {
        List<String> addresses = below(DOCS, ".md").stream()
                .map(file -> DOCS.relativize(file).toString().replace('\\', '/'))
                .map(name -> name.replaceFirst("README\\.md$", "").replaceFirst("\\.md$", ".html"))
                .sorted()
                .toList();
        assertThat(addresses).hasSizeGreaterThan(200);
        return addresses;
    }

    private static List<Path> below(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    private static HttpResponse<String> get(String path) {
        return send(server.request(path, null));
    }

    private static HttpResponse<String> get(URI address) {
        return send(HttpRequest.newBuilder(address));
    }

    /** The documents are not in the API's contract, by which {@link RunningServer#send} judges. */
    private static HttpResponse<String> send(HttpRequest.Builder request) {
        return CLIENT.sendAsync(request.build(), BodyHandlers.ofString()).join();
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }
}
