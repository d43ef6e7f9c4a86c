package dev.interlock.server.permits;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a permit is asked for.
 *
 * @param dependencies what the call depends on
 * @param parent the text of the permit within whose call it is made, or null
 * @param caller who makes the call, if that is somebody else than who asks; else null
 * @param alternatives circuits that a refusal names while they are closed
 * @param execution the id of the execution that makes the call, or null
 */
record PermitRequest(
        List<String> dependencies,
        @Nullable String parent,
        @Nullable String caller,
        List<String> alternatives,
        @Nullable String execution) {
    static final PermitRequest PLAIN = new PermitRequest(List.of(), null, null, List.of());

    /** A request that names no execution. */
    PermitRequest(
            List<String> dependencies, @Nullable String parent, @Nullable String caller, List<String> alternatives) {
        this(dependencies, parent, caller, alternatives, null);
    }
}
