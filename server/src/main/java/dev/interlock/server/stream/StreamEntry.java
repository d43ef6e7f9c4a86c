package dev.interlock.server.stream;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One agent in a snapshot.
 *
 * @param agent its name
 * @param epoch the number of its circuit's epoch
 * @param since when that epoch began, or null if the circuit has never changed
 * @param json what the snapshot says about it
 * @param health how it is, if that is worth telling
 * @param about what is known of it in addition to its circuit, if that is anything
 */
public record StreamEntry(
        String agent,
        long epoch,
        @Nullable Instant since,
        JsonObject json,
        @Nullable JsonObject health,
        @Nullable JsonObject about) {}
