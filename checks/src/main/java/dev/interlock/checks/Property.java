package dev.interlock.checks;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A statement that holds for all values, tried on many random ones:
 *
 * <pre>{@code
 * @Test
 * void a_list_turned_twice_is_itself() {
 *     Property.tries(1_000).holds(draw -> {
 *         List<Integer> list = draw.named("list", draw.list(0, 50, () -> draw.integer(0, 9)));
 *         assertThat(turned(turned(list))).isEqualTo(list);
 *     });
 * }
 * }</pre>
 *
 * If it does not hold, the values are shrunk to the simplest that fail alike, and reported with the seed by which this
 * one try is made again: {@code -Dinterlock.seed=…} with {@code -Dtest=…}. Each run has other seeds.
 */
public final class Property {
    private static final int USUAL_TRIES = 1_000;

    private final int tries;

    private Property(int tries) {
        this.tries = tries;
    }

    /** What must hold; whatever it throws is a failure. */
    @FunctionalInterface
    public interface Statement {
        /** Draws values, always in the same way, and asserts. */
        void check(Draw draw) throws Exception;
    }

    /** Tried 1,000 times. */
    public static Property usual() {
        return new Property(USUAL_TRIES);
    }

    /** Tried this many times. */
    public static Property tries(int tries) {
        return new Property(tries);
    }

    /** Tried this many times in a full run, else the share that {@link Rounds} says. */
    public static Property rounds(int tries) {
        return new Property(Rounds.of(tries, 1));
    }

    /**
     * Tries it.
     *
     * @throws AssertionError with the shrunk values and the seed, and the failure as its cause
     */
    public void holds(Statement statement) {
        Long only = Long.getLong("interlock.seed");
        if (only == null) {
            holds(statement, new Random().nextLong());
        } else {
            tryOnce(statement, only, "the seed that was given");
        }
    }

    void holds(Statement statement, long firstSeed) {
        for (int i = 0; i < tries; i++) {
            tryOnce(statement, firstSeed + i, "try " + (i + 1) + " of " + tries);
        }
    }

    private static void tryOnce(Statement statement, long seed, String which) {
        Failure failure = attempt(statement, Choices.random(seed));
        if (failure != null) {
            Shrinker shrinker = new Shrinker(statement, failure);
            throw report(shrinker.shrink(), failure, shrinker.attempts(), seed, which);
        }
    }

    /** What a try came to, or null if it held. */
    static @Nullable Failure attempt(Statement statement, Choices choices) {
        Draw draw = new Draw(choices);
        try {
            statement.check(draw);
            return null;
        } catch (VirtualMachineError broken) {
            throw broken;
        } catch (Throwable thrown) {
            return new Failure(choices.made(), choices.spans(), draw.named(), thrown);
        }
    }

    private static AssertionError report(Failure simplest, Failure first, int attempts, long seed, String which) {
        StringBuilder text = new StringBuilder("Does not hold in ")
                .append(which)
                .append(", shrunk in ")
                .append(attempts)
                .append(" attempts from ")
                .append(first.choices().length)
                .append(" choices to ")
                .append(simplest.choices().length)
                .append(':');
        simplest.named()
                .forEach((name, value) ->
                        text.append("\n  ").append(name).append(" = ").append(value));
        text.append("\nIt failed with: ").append(simplest.thrown());
        text.append("\nAgain: -Dinterlock.seed=").append(seed);
        return new AssertionError(text.toString(), simplest.thrown());
    }
}
