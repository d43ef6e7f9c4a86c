package dev.interlock.server.http;

import dev.interlock.server.security.Role;
import dev.interlock.server.text.Texts;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call of the contract. Immutable.
 *
 * @param id its {@code operationId}
 * @param method its method
 * @param path its path, with parameters in braces
 * @param role the role that it needs; null if it needs none, or sees to its callers itself
 * @param inPath parameters in the path
 * @param inQuery parameters in the query, by name
 * @param body what its body must be, or null if it has none
 */
record Operation(
        String id,
        HttpMethod method,
        String path,
        @Nullable Role role,
        Map<String, Parameter> inPath,
        Map<String, Parameter> inQuery,
        @Nullable Body body) {

    /** Refuses a query that the contract does not allow, and names that it does not have. */
    void checkQuery(Map<String, String> query) {
        query.forEach((name, value) -> {
            Parameter parameter = inQuery.get(name);
            if (parameter == null) {
                throw Problem.invalid("There is no query parameter '" + Texts.shown(name) + "' here" + allowed(name));
            }
            parameter.check(value);
        });
        for (Parameter each : inQuery.values()) {
            if (each.required() && !query.containsKey(each.name())) {
                throw Problem.invalid("The query parameter '" + each.name() + "' is missing");
            }
        }
    }

    private String allowed(String name) {
        List<String> names = inQuery.keySet().stream().sorted().toList();
        String guess = Texts.guess(name, names);
        return guess
                + (names.isEmpty()
                        ? "; this call has none"
                        : (guess.isEmpty() ? ";" : "") + " allowed: " + String.join(", ", names));
    }
}
