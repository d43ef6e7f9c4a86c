package dev.interlock.monitor;

import dev.interlock.TimeSource;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What {@link AgentLogger.Builder} says about the way from the buffer to the sink. */
record ShipperSettings(
        TimeSource time,
        Redactor redactor,
        @Nullable String organization,
        int bufferSize,
        long bufferCharacters,
        int batchSize,
        Duration interval,
        BiConsumer<Long, String> onLost) {}
