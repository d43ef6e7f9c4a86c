package dev.interlock.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interlock.server.security.Role;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A call as {@code openapi.yaml} writes it, read apart from the server's own reading: what it needs, and an example of it.
 *
 * @param needed the role, or null if anybody may call
 * @param webSocket whether it is a handshake
 * @param parameters those of the path, with an example each
 * @param query names of those of the query
 * @param body an example, or null if it takes none
 */
record WrittenOperation(
        String id,
        String method,
        String path,
        Role needed,
        boolean webSocket,
        Map<String, String> parameters,
        List<String> query,
        String body) {
    private static final List<String> METHODS = List.of("get", "post", "put", "delete", "patch", "head", "options");

    /** All that the contract has. */
    static List<WrittenOperation> all() {
        try (InputStream in = WrittenOperation.class.getResourceAsStream("/dev/interlock/server/openapi.yaml")) {
            JsonNode contract = new YAMLMapper().readTree(in);
            List<WrittenOperation> all = new ArrayList<>();
            contract.get("paths")
                    .fields()
                    .forEachRemaining(path -> path.getValue().fields().forEachRemaining(operation -> {
                        if (METHODS.contains(operation.getKey())) {
                            all.add(read(
                                    contract,
                                    path.getKey(),
                                    path.getValue(),
                                    operation.getKey(),
                                    operation.getValue()));
                        }
                    }));
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The path with these values, or the examples, in place of its parameters. */
    String path(Map<String, String> values) {
        String filled = path;
        for (Map.Entry<String, String> each : parameters.entrySet()) {
            filled = filled.replace("{" + each.getKey() + "}", values.getOrDefault(each.getKey(), each.getValue()));
        }
        return filled;
    }

    @Override
    public String toString() {
        return method + " " + path;
    }

    private static WrittenOperation read(
            JsonNode contract, String path, JsonNode item, String method, JsonNode operation) {
        JsonNode security = operation.has("security") ? operation.get("security") : contract.get("security");
        Map<String, String> inPath = new TreeMap<>();
        List<String> inQuery = new ArrayList<>();
        for (JsonNode holder : List.of(item, operation)) {
            for (JsonNode parameter : holder.path("parameters")) {
                JsonNode resolved = resolve(contract, parameter);
                String name = resolved.get("name").asText();
                if (resolved.get("in").asText().equals("path")) {
                    inPath.put(name, resolved.path("example").asText("example").replace("*", "%2A"));
                } else {
                    inQuery.add(name);
                }
            }
        }
        return new WrittenOperation(
                operation.get("operationId").asText(),
                method.toUpperCase(Locale.ROOT),
                path,
                security.isEmpty()
                        ? null
                        : Role.of(security.get(0).get("bearer").get(0).asText()),
                operation.path("responses").has("101"),
                inPath,
                inQuery,
                body(operation.path("requestBody").path("content").path("application/json")));
    }

    private static String body(JsonNode content) {
        if (content.has("example")) {
            return content.get("example").toString();
        }
        return content.has("examples")
                ? content.get("examples").elements().next().get("value").toString()
                : null;
    }

    private static JsonNode resolve(JsonNode contract, JsonNode node) {
        return node.has("$ref") ? contract.at(node.get("$ref").asText().substring(1)) : node;
    }
}
