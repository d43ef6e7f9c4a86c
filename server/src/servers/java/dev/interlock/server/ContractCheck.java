package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** Compares answers with {@code openapi.yaml}: status, media type, required headers, and the body by its schema. */
public final class ContractCheck {
    private static final JsonObject WRITTEN = read();
    private static final SchemaRepository SCHEMAS = SchemaRepository.create(new JsonSchemaOptions()
                    .setDraft(Draft.DRAFT202012)
                    .setBaseUri("app://tests/")
                    .setOutputFormat(OutputFormat.Basic))
            .dereference(JsonSchema.of(WRITTEN));
    private static final JsonObject CONTRACT = SCHEMAS.resolve(WRITTEN);

    /** What each path of the contract matches, and what its schemas allow: kept, since thousands of answers are checked. */
    private static final Map<String, Pattern> PATHS = paths();

    private static final Map<JsonObject, Validator> VALIDATORS = Collections.synchronizedMap(new IdentityHashMap<>());

    private ContractCheck() {}

    /** The file as a tree, references unresolved. */
    public static JsonObject written() {
        return read();
    }

    /** Fails unless the contract allows this answer to this request. */
    public static void check(String method, URI uri, HttpResponse<String> answer) {
        String asked = method + " " + uri.getRawPath() + " -> " + answer.statusCode() + " " + answer.body();
        JsonObject operation = operation(method, uri.getRawPath());
        String body = answer.body();
        if (operation == null || method.equals("OPTIONS")) {
            if (answer.statusCode() != 204) {
                assertThat(answer.statusCode()).as(asked).isGreaterThanOrEqualTo(400);
                matches(schema("Problem"), body, method, asked);
            }
            return;
        }
        JsonObject responses = operation.getJsonObject("responses");
        JsonObject response = responses.getJsonObject(Integer.toString(answer.statusCode()));
        if (response == null) {
            assertThat(answer.statusCode()).as("not in the contract: " + asked).isGreaterThanOrEqualTo(400);
            response = responses.getJsonObject("default");
        }
        JsonObject headers = response.getJsonObject("headers", new JsonObject());
        for (String header : headers.fieldNames()) {
            if (!header.startsWith("__") && headers.getJsonObject(header).getBoolean("required", false)) {
                assertThat(answer.headers().firstValue(header))
                        .as(header + " of " + asked)
                        .isPresent();
            }
        }
        JsonObject content = response.getJsonObject("content");
        if (content == null) {
            assertThat(body).as(asked).isEmpty();
            return;
        }
        String mediaType =
                answer.headers().firstValue("Content-Type").orElse("none").replaceFirst(";.*", "");
        JsonObject media = content.getJsonObject(mediaType);
        assertThat(media).as("media type " + mediaType + " of " + asked).isNotNull();
        if (mediaType.endsWith("json")) {
            matches(media.getJsonObject("schema"), body, method, asked);
        }
    }

    private static void matches(JsonObject schema, String body, String method, String asked) {
        if (method.equals("HEAD")) {
            assertThat(body).as(asked).isEmpty();
            return;
        }
        OutputUnit result = VALIDATORS
                .computeIfAbsent(schema, each -> SCHEMAS.validator(JsonSchema.of(each)))
                .validate(Json.decodeValue(body));
        assertThat(result.getValid())
                .as(() -> asked + ": "
                        + result.getErrors().stream()
                                .map(error -> error.getInstanceLocation() + " " + error.getError())
                                .toList())
                .isTrue();
    }

    private static JsonObject schema(String name) {
        return CONTRACT.getJsonObject("components").getJsonObject("schemas").getJsonObject(name);
    }

    private static JsonObject operation(String method, String path) {
        String found = null;
        for (Map.Entry<String, Pattern> each : PATHS.entrySet()) {
            if (each.getValue().matcher(path).matches()
                    && (found == null || !each.getKey().contains("{"))) {
                found = each.getKey();
            }
        }
        String wanted = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
        return found == null
                ? null
                : CONTRACT.getJsonObject("paths").getJsonObject(found).getJsonObject(wanted);
    }

    private static Map<String, Pattern> paths() {
        Map<String, Pattern> paths = new LinkedHashMap<>();
        for (String template : CONTRACT.getJsonObject("paths").fieldNames()) {
            if (template.startsWith("/")) {
                String quoted =
                        Pattern.quote(template.replaceFirst("/$", "")).replaceAll("\\{[a-z_]+}", "\\\\E[^/]*\\\\Q");
                paths.put(template, Pattern.compile(quoted + "/?"));
            }
        }
        return paths;
    }

    private static JsonObject read() {
        try (InputStream in = ContractCheck.class.getResourceAsStream("openapi.yaml")) {
            @SuppressWarnings("unchecked")
            Map<String, Object> tree = new YAMLMapper().readValue(Objects.requireNonNull(in), Map.class);
            return new JsonObject(tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
