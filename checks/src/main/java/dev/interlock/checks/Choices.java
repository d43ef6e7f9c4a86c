package dev.interlock.checks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The row of numbers from which one try makes all its values: random and recorded, or played again. A smaller number
 * makes a simpler value, and a shorter row fewer of them: that is what the {@link Shrinker} goes by. A row that ends too
 * early goes on with zeros, and a number that is too big becomes the biggest allowed.
 */
final class Choices {
    /** Numbers from {@code begin} to before {@code end} that make one value, and may go together. */
    record Span(int begin, int end) {}

    private final long[] given;
    private final @Nullable SplittableRandom random;
    private final List<Span> spans = new ArrayList<>();
    private long[] made = new long[64];
    private int count;

    private Choices(long[] given, @Nullable SplittableRandom random) {
        this.given = given;
        this.random = random;
    }

    static Choices random(long seed) {
        return new Choices(new long[0], new SplittableRandom(seed));
    }

    static Choices again(long[] given) {
        return new Choices(given, null);
    }

    /**
     * The next number.
     *
     * @param most the biggest allowed, at least 0
     * @param fresh how a random one is drawn, from 0 to {@code most}
     */
    long next(long most, ToLongFunction<SplittableRandom> fresh) {
        long value = random != null ? fresh.applyAsLong(random) : count < given.length ? given[count] : 0;
        if (count == made.length) {
            made = Arrays.copyOf(made, 2 * count);
        }
        made[count] = Math.min(value, most);
        return made[count++];
    }

    /** A random number that is not recorded: it may steer only how others are drawn, never what is made of them. */
    double chance() {
        return random == null ? 0 : random.nextDouble();
    }

    int position() {
        return count;
    }

    /** Notes that all from {@code begin} on made one value. */
    void close(int begin) {
        spans.add(new Span(begin, count));
    }

    List<Span> spans() {
        return spans;
    }

    long[] made() {
        return Arrays.copyOf(made, count);
    }
}
