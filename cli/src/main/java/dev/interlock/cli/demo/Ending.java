package dev.interlock.cli.demo;

import dev.interlock.FailureKind;
import org.jspecify.annotations.Nullable;

/**
 * How a call ends. Immutable.
 *
 * @param kind why it failed, or null if it went well
 * @param took how long it took, in milliseconds of the story
 */
record Ending(@Nullable FailureKind kind, long took) {

    boolean isGood() {
        return kind == null;
    }
}
