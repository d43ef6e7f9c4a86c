package dev.interlock.server.traces;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interlock.monitor.spans.CallSpan;
import dev.interlock.server.RunningServer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page on traces: its variables, its request and its collector's file work as they are written. */
class TracesPageTest {
    private static final String TOKEN = RunningServer.token("agent@page");
    private static RunningServer server;
    private static String page;

    @BeforeAll
    static void start() throws IOException {
        server = new RunningServer();
        page = Files.readString(Path.of("..", "docs", "traces.md"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void the_first_line_says_that_traces_only_observe() {
        assertThat(page.lines().filter(line -> !line.startsWith("#") && !line.isBlank()))
                .first()
                .asString()
                .startsWith("Traces only observe")
                .contains("refuse nothing");
    }

    @Test
    void the_variables_lead_the_real_exporter_to_the_server() {
        Map<String, String> variables = new HashMap<>();
        for (String block : blocks("properties")) {
            block.lines().forEach(line -> variables.put(line.split("=", 2)[0], line.split("=", 2)[1]));
        }
        assertThat(variables.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")).isEqualTo("http/protobuf");
        assertThat(variables.get("OTEL_RESOURCE_ATTRIBUTES")).startsWith(Sender.AGENT + "=");
        URI endpoint = URI.create(variables.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"));
        String[] header = variables.get("OTEL_EXPORTER_OTLP_TRACES_HEADERS").split("=", 2);
        String value = URLDecoder.decode(header[1], StandardCharsets.UTF_8).replace("il_your-key", TOKEN);
        try (OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(server.uri(endpoint.getPath()).toString())
                .addHeader(header[0], value)
                .build()) {
            assertThat(exporter.export(List.of()).join(30, TimeUnit.SECONDS).isSuccess())
                    .isTrue();
        }
    }

    @Test
    void the_request_shows_the_agent_and_its_model() throws Exception {
        ProcessBuilder curl =
                new ProcessBuilder("bash", "-e", "-u", "-c", blocks("bash").get(0)).redirectErrorStream(true);
        curl.environment().put("INTERLOCK_URL", server.uri("").toString());
        curl.environment().put("INTERLOCK_KEY", TOKEN);
        Process process = curl.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).endsWith("{}");
        assertThat(json(server.get("/api/v1/circuits/model:kimi-k2", "viewer@page"))
                        .getInteger("failure_count"))
                .isEqualTo(1);
        assertThat(server.get("/api/v1/agents/planner", "viewer@page").statusCode())
                .isEqualTo(200);
    }

    @Test
    void the_collectors_file_leads_to_the_server_and_keeps_what_is_read() throws IOException {
        Map<?, ?> file = new YAMLMapper().readValue(blocks("yaml").get(0), Map.class);
        Map<?, ?> exporter = (Map<?, ?>) ((Map<?, ?>) file.get("exporters")).get("otlphttp/interlock");
        assertThat(URI.create((String) exporter.get("traces_endpoint")).getPath())
                .isEqualTo("/v1/traces");
        assertThat(exporter.get("compression")).isEqualTo("gzip");

        Matcher attributes = Pattern.compile("attributes\\[\"([^\"]+)\"]")
                .matcher(blocks("yaml").get(0));
        int kept = 0;
        while (attributes.find()) {
            assertThat(CallSpan.reads(attributes.group(1)))
                    .as(attributes.group(1))
                    .isTrue();
            kept++;
        }
        assertThat(kept).isGreaterThan(3);
    }

    @Test
    void every_framework_that_it_names_has_a_file() throws IOException {
        try (var files = Files.list(Path.of("src/test/resources/dev/interlock/server/traces/frameworks"))) {
            assertThat(files.toList()).hasSizeGreaterThanOrEqualTo(14);
        }
        assertThat(page)
                .contains("Spring AI", "LangChain4j", "Koog", "Pydantic AI", "Strands", "CrewAI", "Vercel AI SDK");
    }

    private static List<String> blocks(String language) {
        return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(page)
                .results()
                .map(block -> block.group(1).strip())
                .toList();
    }
}
