package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the server sends, without a browser. */
class DashboardTest {
    private static final Path SOURCES = Path.of("src/main/resources/dashboard");
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
    void is_shown_to_anybody_and_lets_in_nothing_from_elsewhere() {
        HttpResponse<String> page = get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(header(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(header(page, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(page, "Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(header(page, "Content-Security-Policy"))
                .startsWith("default-src 'none'; script-src 'self'; style-src 'self'")
                .contains("frame-ancestors 'none'")
                .doesNotContain("unsafe")
                .doesNotContain("*");
    }

    @Test
    void every_file_comes_with_its_type_and_nothing_else_of_the_class_path_does() {
        for (String name : Dashboard.FILES) {
            if (!name.equals("index.html")) {
                HttpResponse<String> file = get("/dashboard/" + name);
                assertThat(file.statusCode()).as(name).isEqualTo(200);
                assertThat(file.body()).as(name).isNotEmpty();
                assertThat(header(file, "Content-Type")).as(name).isEqualTo(type(name));
            }
        }
        for (String path : List.of(
                "/dashboard/",
                "/dashboard",
                "/dashboard/index.html",
                "/dashboard/../logback.xml",
                "/dashboard/%2e%2e/dev/interlock/server/openapi.yaml",
                "/dashboard/vendor/",
                "/index.html")) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void all_files_of_the_folder_are_listed() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> SOURCES.relativize(file).toString().replace('\\', '/')))
                    .containsExactlyInAnyOrderElementsOf(Dashboard.FILES);
        }
    }

    @Test
    void a_file_that_the_browser_has_is_not_sent_again() {
        HttpResponse<String> first = get("/dashboard/main.js");
        String tag = header(first, "ETag");
        for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
            HttpResponse<String> second =
                    send(server.request("/dashboard/main.js", null).header("If-None-Match", known));
            assertThat(second.statusCode()).as(known).isEqualTo(304);
            assertThat(second.body()).as(known).isEmpty();
            assertThat(header(second, "ETag")).isEqualTo(tag);
        }
        assertThat(send(server.request("/dashboard/main.js", null).header("If-None-Match", "\"other\""))
                        .statusCode())
                .isEqualTo(200);
        assertThat(header(get("/"), "ETag")).isNotEqualTo(tag);
    }

    @Test
    void a_head_has_no_body_and_other_methods_are_refused() {
        HttpResponse<String> head = send(server.request("/", null).method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        HttpResponse<String> post = send(server.request("/", null).POST(BodyPublishers.ofString("{}")));
        assertThat(post.statusCode()).isEqualTo(405);
        assertThat(header(post, "Allow")).isEqualTo("GET, HEAD, OPTIONS");
        assertThat(post.body()).contains("\"type\":\"method-not-allowed\"");
    }

    @Test
    void own_files_hold_nothing_inline_and_no_address_of_another_host() throws IOException {
        Pattern elsewhere =
                Pattern.compile("https?://(?!www\\.w3\\.org/2000/svg)|//[a-z]+\\.[a-z]+/|\\son[a-z]+=\"|\\sstyle=\"");
        for (String name : Dashboard.FILES) {
            if (!name.startsWith("vendor/")) {
                assertThat(Files.readString(SOURCES.resolve(name))).as(name).doesNotContainPattern(elsewhere);
            }
        }
    }

    /** A reverse proxy may show the dashboard below a path of its host. */
    @Test
    void own_files_ask_for_nothing_from_the_root_of_the_host() throws IOException {
        Pattern fromRoot =
                Pattern.compile("(?:href|src)=[\"'`{ ]*/|['\"`]/dashboard/|fetch\\((?!address\\()|location\\.origin");
        for (String name : Dashboard.FILES) {
            if (!name.startsWith("vendor/")) {
                assertThat(Files.readString(SOURCES.resolve(name))).as(name).doesNotContainPattern(fromRoot);
            }
        }
    }

    @Test
    void shows_callers_who_they_are() {
        assertThat(RunningServer.json(server.get("/api/v1/me", "operator@acme")))
                .isEqualTo(new JsonObject()
                        .put("organization_id", "acme")
                        .put("role", "operator")
                        .put("actor", "operator (token of tests)")
                        .put("key_id", null)
                        .put("installation_admin", false)
                        .put("reason_required", false));
        assertThat(server.get("/api/v1/me", "agent@acme").statusCode()).isEqualTo(403);
        assertThat(server.get("/api/v1/me", null).statusCode()).isEqualTo(401);
    }

    private static HttpResponse<String> get(String path) {
        return send(server.request(path, null));
    }

    /** The dashboard's files are not in the API's contract, by which {@link RunningServer#send} judges. */
    private static HttpResponse<String> send(HttpRequest.Builder request) {
        return CLIENT.sendAsync(request.build(), BodyHandlers.ofString()).join();
    }

    private static String type(String name) {
        if (name.endsWith(".js")) {
            return "text/javascript; charset=utf-8";
        }
        if (name.endsWith(".css")) {
            return "text/css; charset=utf-8";
        }
        return name.endsWith(".svg") ? "image/svg+xml" : "text/plain; charset=utf-8";
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }
}
