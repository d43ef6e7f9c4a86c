package dev.interlock.server.http;

import dev.interlock.server.security.Role;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.SchemaRepository;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The API as {@code openapi.yaml} describes it. Immutable once read; that the file itself is valid OpenAPI is a test's
 * business, so that a start need not wait for it.
 */
public final class Contract {
    private static final String RESOURCE = "/dev/interlock/server/openapi.yaml";
    private static final String BASE = "app://interlock/";
    private static final int MAX_BYTES = 65_536;

    private final Buffer text;
    private final List<Operation> operations;

    private Contract(Buffer text, List<Operation> operations) {
        this.text = text;
        this.operations = operations;
    }

    /**
     * Returns the contract of this build, which is read the first time: a tenth of the work of a start, and the same for
     * all servers of a process.
     *
     * @return the contract
     */
    public static Contract ofThisBuild() {
        return OfThisBuild.CONTRACT;
    }

    private static Contract read() {
        try (InputStream in = Contract.class.getResourceAsStream(RESOURCE)) {
            byte[] yaml = Objects.requireNonNull(in, "openapi.yaml is missing from the jar")
                    .readAllBytes();
            // Not by Jackson: what it takes to get ready is a fifth of the server's start.
            Map<String, Object> tree =
                    new Yaml(new SafeConstructor(new LoaderOptions())).load(new String(yaml, StandardCharsets.UTF_8));
            return new Contract(Buffer.buffer(yaml), operations(new JsonObject(tree)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file as it lies in the jar. */
    public Buffer text() {
        return text;
    }

    List<Operation> operations() {
        return operations;
    }

    private static List<Operation> operations(JsonObject written) {
        SchemaRepository schemas = SchemaRepository.create(new JsonSchemaOptions()
                .setDraft(Draft.DRAFT202012)
                .setBaseUri(BASE)
                .setOutputFormat(OutputFormat.Basic));
        schemas.dereference(JsonSchema.of(written));
        JsonObject contract = schemas.resolve(written);
        List<Operation> operations = new ArrayList<>();
        JsonObject paths = contract.getJsonObject("paths");
        for (String path : paths.fieldNames()) {
            if (path.startsWith("/")) {
                JsonObject item = paths.getJsonObject(path);
                JsonArray shared = item.getJsonArray("parameters", new JsonArray());
                for (String method : item.fieldNames()) {
                    if (item.getValue(method) instanceof JsonObject operation && operation.containsKey("operationId")) {
                        operations.add(operation(path, method, operation, shared, schemas));
                    }
                }
            }
        }
        return List.copyOf(operations);
    }

    private static Operation operation(
            String path, String method, JsonObject json, JsonArray shared, SchemaRepository schemas) {
        Map<String, Parameter> inPath = new LinkedHashMap<>();
        Map<String, Parameter> inQuery = new LinkedHashMap<>();
        JsonArray own = json.getJsonArray("parameters", new JsonArray());
        for (Object each : shared.copy().addAll(own)) {
            JsonObject parameter = (JsonObject) each;
            JsonObject schema = parameter.getJsonObject("schema");
            String name = parameter.getString("name");
            (parameter.getString("in").equals("path") ? inPath : inQuery)
                    .put(
                            name,
                            new Parameter(
                                    name,
                                    parameter.getBoolean("required", false),
                                    "integer".equals(schema.getValue("type")),
                                    schema,
                                    schemas.validator(JsonSchema.of(schema))));
        }
        return new Operation(
                json.getString("operationId"),
                HttpMethod.valueOf(method.toUpperCase(Locale.ROOT)),
                path,
                role(json.getJsonArray("security")),
                inPath,
                inQuery,
                body(json.getJsonObject("requestBody"), schemas));
    }

    /** What {@code security: [{bearer: [role]}]} says; where there is a choice, the operation sees to it itself. */
    private static @Nullable Role role(JsonArray security) {
        if (security.size() != 1) {
            return null;
        }
        return Role.of(security.getJsonObject(0).getJsonArray("bearer").getString(0));
    }

    private static @Nullable Body body(@Nullable JsonObject json, SchemaRepository schemas) {
        if (json == null) {
            return null;
        }
        JsonObject content = json.getJsonObject("content");
        Set<String> mediaTypes = new LinkedHashSet<>();
        content.fieldNames().stream().filter(each -> each.contains("/")).forEach(mediaTypes::add);
        JsonObject schema = content.getJsonObject("application/json").getJsonObject("schema");
        return new Body(
                json.getBoolean("required", false),
                mediaTypes,
                json.getJsonArray("x-content-encodings", new JsonArray()).contains("gzip"),
                json.getInteger("x-max-bytes", MAX_BYTES),
                schema,
                schemas.validator(JsonSchema.of(schema)));
    }

    private static final class OfThisBuild {
        static final Contract CONTRACT = read();
    }
}
