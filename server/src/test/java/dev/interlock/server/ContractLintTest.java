package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The contract is one from which generators make typed code: what a linter (redocly's recommended rules) says against it,
 * looked at here without a network.
 */
@Tag("texts")
class ContractLintTest {
    private static JsonNode contract;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream file = Server.class.getResourceAsStream("openapi.yaml")) {
            contract = new YAMLMapper().readTree(file);
        }
    }

    @Test
    void no_path_ends_with_a_slash() {
        List<String> wrong = new ArrayList<>();
        contract.get("paths").fieldNames().forEachRemaining(path -> {
            if (path.length() > 1 && path.endsWith("/")) {
                wrong.add(path);
            }
        });
        assertThat(wrong).isEmpty();
    }

    @Test
    void every_element_of_an_array_has_a_type() {
        List<String> wrong = new ArrayList<>();
        walk("", contract, (place, node) -> {
            JsonNode items = node.get("items");
            if (items != null && "array".equals(node.path("type").asText()) && items.isEmpty()) {
                wrong.add(place);
            }
        });
        assertThat(wrong).as("arrays of anything").isEmpty();
    }

    @Test
    void every_component_is_used() {
        Set<String> used = new TreeSet<>();
        walk("", contract, (place, node) -> {
            if (node.path("$ref").isTextual()) {
                used.add(node.get("$ref").asText());
            }
        });
        List<String> wrong = new ArrayList<>();
        for (String kind : List.of("schemas", "responses", "parameters")) {
            contract.at("/components/" + kind).fieldNames().forEachRemaining(name -> {
                if (!used.contains("#/components/" + kind + "/" + name)) {
                    wrong.add(kind + "/" + name);
                }
            });
        }
        assertThat(wrong).isEmpty();
    }

    /** Branches that differ by a constant say that it must be there; else a value without it is of several. */
    @Test
    void branches_of_one_of_exclude_each_other() {
        List<String> wrong = new ArrayList<>();
        walk("", contract, (place, node) -> {
            for (JsonNode branch : node.path("oneOf")) {
                for (Map.Entry<String, JsonNode> property :
                        branch.path("properties").properties()) {
                    boolean isRequired = false;
                    for (JsonNode required : branch.path("required")) {
                        isRequired |= required.asText().equals(property.getKey());
                    }
                    if (property.getValue().has("const") && !isRequired) {
                        wrong.add(place + ": " + property.getKey());
                    }
                }
            }
        });
        assertThat(wrong).isEmpty();
    }

    private static void walk(String place, JsonNode node, BiConsumer<String, JsonNode> visitor) {
        visitor.accept(place, node);
        for (Map.Entry<String, JsonNode> each : node.properties()) {
            walk(place + "/" + each.getKey(), each.getValue(), visitor);
        }
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                walk(place + "/" + i, node.get(i), visitor);
            }
        }
    }
}
