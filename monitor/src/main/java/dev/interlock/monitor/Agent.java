package dev.interlock.monitor;

import dev.interlock.CircuitId;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is known about an agent itself. Immutable.
 *
 * @param id which agent
 * @param displayName what people call it; null for its id
 * @param metadata whatever was given with it
 * @param firstSeen when it was heard of or registered first
 * @param lastSeen when it was heard of last, to about a minute
 * @param dependencies the circuits that it was seen to use, such as {@code model:kimi-k2}, {@code tool:search} or the
 *     name of another agent
 */
public record Agent(
        CircuitId id,
        @Nullable String displayName,
        Map<String, String> metadata,
        Instant firstSeen,
        Instant lastSeen,
        SortedSet<String> dependencies) {
    /** Copies map and set. */
    public Agent {
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
        dependencies = Collections.unmodifiableSortedSet(new TreeSet<>(dependencies));
    }

    Agent named(@Nullable String name, Map<String, String> newMetadata) {
        return new Agent(id, name, newMetadata, firstSeen, lastSeen, dependencies);
    }

    Agent seen(Instant at) {
        return new Agent(id, displayName, metadata, firstSeen, at, dependencies);
    }

    Agent dependingOn(String name) {
        SortedSet<String> more = new TreeSet<>(dependencies);
        more.add(name);
        return new Agent(id, displayName, metadata, firstSeen, lastSeen, more);
    }
}
