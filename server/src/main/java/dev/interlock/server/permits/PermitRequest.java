package dev.interlock.server.permits;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a permit is asked for.
 *
 * @param dependencies what the call depends on
 * @param parent the text of the permit within whose call it is made, or null
 */
record PermitRequest(List<String> dependencies, @Nullable String parent) {
    static final PermitRequest PLAIN = new PermitRequest(List.of(), null);
}
