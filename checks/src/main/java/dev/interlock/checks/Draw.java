package dev.interlock.checks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The values of one try of a {@link Property}. Each comes with its direction: numbers shrink towards their lower end,
 * coins towards false, choices towards the first, lists towards the short. A generator is an ordinary method that takes
 * a {@code Draw} and returns a value. For one thread.
 */
public final class Draw {
    private static final long FINEST = 1L << 30;

    private final Choices choices;
    private final Map<String, @Nullable Object> named = new LinkedHashMap<>();

    Draw(Choices choices) {
        this.choices = choices;
    }

    /** A value that a failure reports under this name, as it was when it was drawn or, if it can change, at the end. */
    public <T extends @Nullable Object> T named(String name, T value) {
        named.put(name, value);
        return value;
    }

    Map<String, @Nullable Object> named() {
        return named;
    }

    /**
     * A whole number, both ends included. Of eight, one lies at an end or next to it, and three near the lower end.
     *
     * @throws IllegalArgumentException if {@code most} is below {@code least}, or the two are more than 2^63 − 1 apart
     */
    public long number(long least, long most) {
        long range = most - least;
        if (most < least || range < 0) {
            throw new IllegalArgumentException("from " + least + " to " + most + ": must be a range below 2^63");
        }
        return least + choices.next(range, random -> fresh(range, random));
    }

    /** The same for an {@code int}. */
    public int integer(int least, int most) {
        return (int) number(least, most);
    }

    private static long fresh(long range, SplittableRandom random) {
        return switch (random.nextInt(8)) {
            case 0 ->
                switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> Math.min(1, range);
                    case 2 -> Math.max(0, range - 1);
                    default -> range;
                };
            case 1, 2, 3 -> upTo(range, random) >>> random.nextInt(64 - Long.numberOfLeadingZeros(range | 1));
            default -> upTo(range, random);
        };
    }

    private static long upTo(long range, SplittableRandom random) {
        return range == Long.MAX_VALUE ? random.nextLong() >>> 1 : random.nextLong(range + 1);
    }

    /** A number with a fraction, both ends included, in 2^30 steps. */
    public double fraction(double least, double most) {
        return Math.min(most, least + (most - least) * number(0, FINEST) / FINEST);
    }

    /** True with this chance, from 0 to 1. */
    public boolean coin(double chance) {
        return choices.next(1, random -> random.nextDouble() < chance ? 1 : 0) == 1;
    }

    /** One of these, each as likely as the others. */
    @SuppressWarnings("varargs") // they are only read
    @SafeVarargs
    public final <T> T of(T... values) {
        return of(List.of(values));
    }

    /** One of these, each as likely as the others. */
    public <T> T of(List<T> values) {
        return values.get((int) choices.next(values.size() - 1, random -> random.nextInt(values.size())));
    }

    /** The number of one of these weights, drawn by them. */
    public int weighted(int... weights) {
        int sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        int all = sum;
        return (int) choices.next(weights.length - 1, random -> {
            int left = random.nextInt(all);
            int which = 0;
            while (left >= weights[which]) {
                left -= weights[which++];
            }
            return which;
        });
    }

    /** Null with this chance, from 0 to 1; otherwise a value. Shrinks towards null. */
    public <T> @Nullable T orNull(double chance, Supplier<T> value) {
        return coin(1 - chance) ? value.get() : null;
    }

    /** A list with a least and a greatest length; lists of one property differ much in length. */
    public <T> List<T> list(int least, int most, Supplier<T> element) {
        List<T> list = new ArrayList<>();
        double expected = (most - least) * choices.chance();
        double more = expected / (expected + 1);
        while (list.size() < most) {
            int begin = choices.position();
            if (list.size() >= least && !coin(more)) {
                break;
            }
            list.add(element.get());
            choices.close(begin);
        }
        return list;
    }

    /** Some of these, in their order; each with an even chance. */
    public <T> List<T> some(List<T> values) {
        return values.stream().filter(value -> coin(0.5)).toList();
    }

    /** A text of these characters, with a least and a greatest length. */
    public String text(String characters, int least, int most) {
        StringBuilder text = new StringBuilder();
        list(least, most, () -> characters.charAt(integer(0, characters.length() - 1)))
                .forEach(text::append);
        return text.toString();
    }
}
