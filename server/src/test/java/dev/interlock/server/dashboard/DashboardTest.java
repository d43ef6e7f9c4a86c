package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
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
        HttpResponse<String> page = server.get("/", null);
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
                HttpResponse<String> file = server.get("/dashboard/" + name, null);
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
            assertThat(server.get(path, null).statusCode()).as(path).isEqualTo(404);
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
        HttpResponse<String> first = server.get("/dashboard/main.js", null);
        String tag = header(first, "ETag");
        for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
            HttpResponse<String> second = server.send(server.request("/dashboard/main.js", null)
                    .header("If-None-Match", known)
                    .build());
            assertThat(second.statusCode()).as(known).isEqualTo(304);
            assertThat(second.body()).as(known).isEmpty();
            assertThat(header(second, "ETag")).isEqualTo(tag);
        }
        assertThat(server.send(server.request("/dashboard/main.js", null)
                                .header("If-None-Match", "\"other\"")
                                .build())
                        .statusCode())
                .isEqualTo(200);
        assertThat(header(server.get("/", null), "ETag")).isNotEqualTo(tag);
    }

    @Test
    void a_head_has_no_body_and_other_methods_are_refused() {
        HttpResponse<String> head = server.send("HEAD", "/", null, null);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        HttpResponse<String> post = server.send("POST", "/", null, "{}");
        assertThat(post.statusCode()).isEqualTo(405);
        assertThat(header(post, "Allow")).isEqualTo("GET, HEAD, OPTIONS");
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

    @Test
    void tells_callers_who_they_are() {
        assertThat(RunningServer.json(server.get("/api/v1/me", "operator@acme")))
                .isEqualTo(new JsonObject()
                        .put("organization_id", "acme")
                        .put("role", "operator")
                        .put("actor", "operator (token of tests)")
                        .put("key_id", null)
                        .put("installation_admin", false));
        assertThat(server.get("/api/v1/me", "agent@acme").statusCode()).isEqualTo(403);
        assertThat(server.get("/api/v1/me", null).statusCode()).isEqualTo(401);
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
