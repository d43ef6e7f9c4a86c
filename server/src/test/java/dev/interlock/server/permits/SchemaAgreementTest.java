package dev.interlock.server.permits;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interlock.checks.Rounds;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The reader of the hot path's bodies and the schemas of openapi.yaml say yes and no to the same bodies. */
@Tag("heavy")
class SchemaAgreementTest {
    private static final int ROUNDS = Rounds.of(100_000, 1);
    private static final List<Object> VALUES = values();

    private static JsonObject contract;
    private static SchemaRepository schemas;

    private interface Reading {
        void read(byte[] body) throws BadBodyException;
    }

    @BeforeAll
    @SuppressWarnings("unchecked")
    static void readContract() throws Exception {
        try (InputStream in = SchemaAgreementTest.class.getResourceAsStream("/dev/interlock/server/openapi.yaml")) {
            contract = new JsonObject((Map<String, Object>) new YAMLMapper().readValue(in, Map.class));
        }
        schemas = SchemaRepository.create(new JsonSchemaOptions()
                .setDraft(Draft.DRAFT202012)
                .setBaseUri("app://interlock/")
                .setOutputFormat(OutputFormat.Flag));
        schemas.dereference(JsonSchema.of(contract));
        contract = schemas.resolve(contract);
    }

    @Test
    void about_outcomes() {
        agree(
                "Outcome",
                BodyReader::report,
                List.of("permit", "outcome", "kind", "duration_ms", "retry_after_ms", "concerning", "agent_id", "x"));
    }

    @Test
    void about_entries_of_batches() {
        agree(
                "BatchOutcome",
                body -> BodyReader.entry(body, 0, body.length),
                List.of("permit", "outcome", "kind", "duration_ms", "retry_after_ms", "concerning", "agent_id", "x"));
    }

    @Test
    void about_permits() {
        agree("PermitRequest", BodyReader::request, List.of("depends_on", "parent", "x"));
    }

    /** What names belong to a call no schema can say. */
    @Test
    void about_outcomes_of_clients() {
        agree(
                "ClientOutcome",
                body -> {
                    try {
                        ClientReportReader.read(body, 0, body.length);
                    } catch (BadBodyException bad) {
                        if (!bad.detail().contains("is no circuit around this call")
                                && !bad.detail().contains("epochs: lacks ")) {
                            throw bad;
                        }
                    }
                },
                List.of(
                        "permit",
                        "outcome",
                        "kind",
                        "duration_ms",
                        "retry_after_ms",
                        "concerning",
                        "agent_id",
                        "agent_id",
                        "depends_on",
                        "age_ms",
                        "epochs",
                        "inner",
                        "x"));
    }

    private static void agree(String schema, Reading reading, List<String> fields) {
        Validator validator = schemas.validator(JsonSchema.of(
                contract.getJsonObject("components").getJsonObject("schemas").getJsonObject(schema)));
        Random random = new Random(schema.hashCode());
        int accepted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Object body = body(random, fields);
            String text = Json.encode(body);
            boolean valid = validator.validate(Json.decodeValue(text)).getValid();
            String complaint = complaint(reading, text);
            assertThat(complaint == null)
                    .as("%s says %s, the reader %s", text, valid, complaint)
                    .isEqualTo(valid);
            accepted += valid ? 1 : 0;
        }
        assertThat(accepted).as("bodies that both accept").isGreaterThan(ROUNDS / 50);
    }

    private static String complaint(Reading reading, String text) {
        try {
            reading.read(text.getBytes(UTF_8));
            return null;
        } catch (BadBodyException bad) {
            assertThat(bad.detail()).isNotBlank().hasSizeLessThan(1_000).doesNotContain("\n");
            return bad.detail();
        }
    }

    private static Object body(Random random, List<String> fields) {
        if (random.nextInt(50) == 0) {
            return pick(random);
        }
        JsonObject body = new JsonObject();
        for (int i = random.nextInt(5); i > 0; i--) {
            body.put(fields.get(random.nextInt(fields.size())), pick(random));
        }
        if (random.nextInt(4) > 0 && fields.contains("outcome")) {
            body.put("outcome", List.of("success", "failure", "cancelled").get(random.nextInt(3)));
        }
        if (random.nextInt(3) > 0) {
            body.remove("x");
        }
        if (random.nextBoolean() && body.containsKey("kind")) {
            body.put("kind", random.nextBoolean() ? "TIMEOUT" : "CANCELLED");
        }
        if (body.containsKey("depends_on") && random.nextInt(3) > 0) {
            JsonArray names = new JsonArray();
            for (int i = random.nextInt(20); i > 0; i--) {
                names.add(random.nextInt(30) > 0 ? "model:" + i : pick(random));
            }
            body.put("depends_on", names);
        }
        return body;
    }

    private static Object pick(Random random) {
        return VALUES.get(random.nextInt(VALUES.size()));
    }

    private static List<Object> values() {
        List<Object> values = new ArrayList<>(List.of(
                "success",
                "failure",
                "cancelled",
                "Success",
                "TIMEOUT",
                "CANCELLED",
                "timeout",
                "",
                " ",
                "\t",
                "planner"));
        values.addAll(
                List.of("a\u0000b", "a\nb", "a\u0085b", "\u007f", "ünïcödé", "🔑", "a".repeat(256), "a".repeat(257)));
        values.addAll(List.of(0, 1, -1, 1.5, -0.0, 0.1, 31_536_000_000L, 31_536_000_001L, 1e300, Long.MAX_VALUE));
        values.addAll(List.of(true, false, new JsonObject(), new JsonArray(), new JsonArray().add("planner")));
        values.add(new JsonObject().put("planner", 4_294_967_297L));
        values.add(new JsonObject().put("planner", -1));
        values.add(
                new JsonObject().put("admitted", new JsonArray().add("planner")).put("failed", new JsonArray()));
        values.add(null);
        return values;
    }
}
