package dev.interlock.test;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link FakeProvider} was sent. Immutable.
 *
 * @param method such as {@code POST}
 * @param target path and query as they came
 * @param headers the last value of each, by its name in lower case
 * @param body decoded as UTF-8, empty if there was none
 */
public record ReceivedRequest(String method, String target, Map<String, String> headers, String body) {
    /** Copies the headers. */
    public ReceivedRequest {
        headers = Map.copyOf(headers);
    }

    /**
     * A header's value.
     *
     * @param name in any case
     * @return the last one sent, or null
     */
    public @Nullable String header(String name) {
        return headers.get(name.toLowerCase(java.util.Locale.ROOT));
    }
}
