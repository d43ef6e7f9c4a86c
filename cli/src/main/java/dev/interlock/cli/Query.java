package dev.interlock.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The query of an address, of those parameters that have a value. */
final class Query {
    private final List<String> parts = new ArrayList<>();

    /** Adds a parameter, unless it is null. */
    Query with(String name, @Nullable Object value) {
        if (value != null) {
            parts.add(name + "=" + Remote.encoded(value.toString()));
        }
        return this;
    }

    /** Behind a path: nothing, or what begins with a question mark. */
    String behind(String path) {
        return parts.isEmpty() ? path : path + "?" + String.join("&", parts);
    }
}
