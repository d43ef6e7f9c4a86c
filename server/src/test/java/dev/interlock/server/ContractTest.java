package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.openapi.contract.OpenAPIVersion;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract itself, and that every operation of it is answered; each answer that a test gets is compared with it. */
class ContractTest {
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
    void is_valid_openapi_3_1() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            SchemaRepository schemas =
                    OpenAPIVersion.V3_1.getRepository(vertx, "app://").await(30, TimeUnit.SECONDS);
            OutputUnit result = OpenAPIVersion.V3_1
                    .validateContract(vertx, schemas, ContractCheck.written())
                    .await(30, TimeUnit.SECONDS);
            assertThat(result.getErrors()).isNullOrEmpty();
            assertThat(result.getValid()).isTrue();
        } finally {
            vertx.close().await(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void every_operation_is_answered_and_wants_a_credential_unless_it_is_open_or_sees_to_it_later() {
        List<String> open = new ArrayList<>();
        JsonObject paths = ContractCheck.written().getJsonObject("paths");
        for (String path : paths.fieldNames()) {
            JsonObject item = paths.getJsonObject(path);
            for (String method : item.fieldNames()) {
                if (!method.equals("parameters")) {
                    String url = path.replaceAll("\\{[a-z_]+}", "some");
                    HttpResponse<String> answer = server.send(method.toUpperCase(Locale.ROOT), url, null, null);
                    if (answer.statusCode() != 401) {
                        // 403: of sessions, which only pages of the server ask for
                        assertThat(answer.statusCode()).as(method + url).isIn(200, 403, 426);
                        open.add(url);
                    }
                }
            }
        }
        assertThat(open)
                .containsExactlyInAnyOrder(
                        "/healthz",
                        "/readyz",
                        "/openapi.yaml",
                        "/api/v1/stream",
                        "/api/v1/session",
                        "/api/v1/session",
                        "/api/v1/session/refresh");
    }

    @Test
    void shows_itself() {
        assertThat(server.get("/openapi.yaml", null).body()).startsWith("openapi: 3.1.0");
    }
}
