package dev.interlock.server.outbound;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request with its secrets filled in, made to be sent at once and to be forgotten. Prints nothing but where it goes.
 *
 * @param target where to
 * @param method such as {@code GET}
 * @param headers name to value
 * @param body what is sent, or null
 * @param timeout how long all of it may take: finding the address, connecting, and the head of the answer
 */
public record OutboundRequest(
        Target target,
        String method,
        Map<String, String> headers,
        @Nullable String body,
        Duration timeout) {

    /** Where it goes, so that no secret is printed by accident. */
    @Override
    public String toString() {
        return method + " " + target.host();
    }
}
