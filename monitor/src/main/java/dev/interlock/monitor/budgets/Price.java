package dev.interlock.monitor.budgets;

import dev.interlock.NamePattern;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the tokens of a model cost, in US dollars a million. None is shipped: prices change, and contracts have their own.
 * Immutable.
 *
 * @param model a model's name without {@code model:}, or a pattern in which {@code *} stands for any characters
 * @param input tokens that went in and were not read from a cache
 * @param output tokens that came out
 * @param cacheRead tokens read from a cache; null for the price of {@code input}
 */
public record Price(
        NamePattern model,
        double input,
        double output,
        @Nullable Double cacheRead) {
    /** The most that a million tokens may cost, in US dollars. */
    public static final double MOST = 1_000_000;

    private static final String MODEL = "model:";
    private static final double NANO_DOLLARS_A_TOKEN = 1_000;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is negative, not finite or more than {@link #MOST}
     */
    public Price {
        check("input", input);
        check("output", output);
        if (cacheRead != null) {
            check("cache_read", cacheRead);
        }
    }

    /** {@return what a call cost by this price, in billionths of a dollar} */
    long nanos(Usage usage) {
        double read = cacheRead == null ? input : cacheRead;
        double millionths =
                (usage.inputTokens() - usage.cached()) * input + usage.cached() * read + usage.outputTokens() * output;
        return Math.round(millionths * NANO_DOLLARS_A_TOKEN);
    }

    /** {@return the most specific price of a model, or null} */
    static @Nullable Price of(@Nullable String model, List<Price> bySpecificity) {
        if (model != null) {
            for (Price each : bySpecificity) {
                if (each.model.matches(model)) {
                    return each;
                }
            }
        }
        return null;
    }

    /** {@return the model that a call uses: the first {@code model:} among its circuits' names, without that; or null} */
    static @Nullable String modelOf(Collection<String> names) {
        for (String each : names) {
            if (each.startsWith(MODEL)) {
                return each.substring(MODEL.length());
            }
        }
        return null;
    }

    private static void check(String what, double dollars) {
        if (!(dollars >= 0 && dollars <= MOST)) {
            throw new IllegalArgumentException(
                    what + " = " + dollars + ": must be a number of dollars a million tokens, 0 to " + (long) MOST);
        }
    }
}
