package dev.interlock.checks;

import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the simplest values that fail alike. It knows nothing of values: it leaves out and lowers choices and has
 * the values made of them again, so whatever was true of all drawn values is true of the shrunk ones, too. Passes go
 * from coarse to fine, and start over as long as one of them finds something simpler. It gives up looking after 10,000
 * attempts or 30 seconds; what it has found by then is a failure all the same.
 */
final class Shrinker {
    private static final int MOST_ATTEMPTS = 10_000;
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Property.Statement statement;
    private final long begun = System.nanoTime();
    private Failure simplest;
    private int attempts;

    Shrinker(Property.Statement statement, Failure first) {
        this.statement = statement;
        this.simplest = first;
    }

    int attempts() {
        return attempts;
    }

    @SuppressWarnings("ReferenceEquality") // as long as it is another one
    Failure shrink() {
        Failure before;
        do {
            before = simplest;
            leaveOutSpans();
            leaveOutRuns();
            zeroRuns();
            lowerEach();
        } while (simplest != before && !isOver());
        return simplest;
    }

    /** Elements of lists, the longest first and of those the last. Once one is gone, the others' places are a guess. */
    private void leaveOutSpans() {
        boolean found = true;
        while (found && !isOver()) {
            found = false;
            List<Choices.Span> spans = simplest.spans().stream()
                    .sorted(Comparator.comparingInt((Choices.Span span) -> span.begin() - span.end())
                            .thenComparing(
                                    Comparator.comparingInt(Choices.Span::begin).reversed()))
                    .toList();
            for (Choices.Span span : spans) {
                found |= span.end() <= simplest.choices().length && accept(without(span.begin(), span.end()));
            }
        }
    }

    private void leaveOutRuns() {
        for (int length = Integer.highestOneBit(Math.max(1, simplest.choices().length / 2)); length > 0; length /= 2) {
            for (int end = simplest.choices().length; end >= length; end--) {
                if (isOver()) {
                    return;
                }
                if (end <= simplest.choices().length) {
                    accept(without(end - length, end));
                }
            }
        }
    }

    private void zeroRuns() {
        for (int length = 8; length > 1; length /= 2) {
            for (int begin = 0; begin + length <= simplest.choices().length && !isOver(); begin += length) {
                long[] zeroed = simplest.choices().clone();
                Arrays.fill(zeroed, begin, begin + length, 0);
                accept(zeroed);
            }
        }
    }

    private void lowerEach() {
        for (int i = 0; i < simplest.choices().length && !isOver(); i++) {
            long tooLow = -1;
            while (i < simplest.choices().length && tooLow < simplest.choices()[i] - 1 && !isOver()) {
                long value = simplest.choices()[i];
                long lower = tooLow < 0 ? 0 : tooLow + (value - tooLow) / 2;
                long[] lowered = simplest.choices().clone();
                lowered[i] = lower;
                if (!accept(lowered)) {
                    tooLow = lower;
                }
            }
        }
    }

    private long[] without(int begin, int end) {
        long[] all = simplest.choices();
        long[] left = new long[all.length - (end - begin)];
        System.arraycopy(all, 0, left, 0, begin);
        System.arraycopy(all, end, left, begin, all.length - end);
        return left;
    }

    /** Whether these choices fail alike and are simpler; then they are the ones to go on from. */
    private boolean accept(long[] choices) {
        if (isOver() || Arrays.equals(choices, simplest.choices())) {
            return false;
        }
        attempts++;
        @Nullable Failure found = Property.attempt(statement, Choices.again(choices));
        if (found == null || !found.isLike(simplest) || !found.isSimplerThan(simplest)) {
            return false;
        }
        simplest = found;
        return true;
    }

    private boolean isOver() {
        return attempts >= MOST_ATTEMPTS || System.nanoTime() - begun > LONGEST.toNanos();
    }
}
