package dev.interlock.checks;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A try that failed: from which choices, with which values, and how. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Failure(long[] choices, List<Choices.Span> spans, Map<String, @Nullable Object> named, Throwable thrown) {

    /** Whether the other fails in the same way: its values may show the same fault. */
    boolean isLike(Failure other) {
        return thrown.getClass() == other.thrown.getClass();
    }

    /** Whether this one has fewer choices than the other, or as many and the first that differs is smaller. */
    boolean isSimplerThan(Failure other) {
        return choices.length != other.choices.length
                ? choices.length < other.choices.length
                : Arrays.compare(choices, other.choices) < 0;
    }
}
