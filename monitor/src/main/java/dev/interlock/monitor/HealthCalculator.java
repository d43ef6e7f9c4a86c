package dev.interlock.monitor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Makes a score, a status and issues out of figures. Pure: it knows no clock, and the same figures give the same score.
 *
 * <p>The score is 100 less a penalty for each {@link HealthIssue}, whatever it is made of. A {@linkplain #status status}
 * that gets worse needs evidence.
 */
public final class HealthCalculator {
    /**
     * A judgement. Immutable.
     *
     * @param score 0 to 100; 100 without calls
     * @param status what the score means; {@link HealthStatus#UNKNOWN} without calls
     * @param issues what lowers the score, in a fixed order
     */
    public record Assessment(int score, HealthStatus status, List<HealthIssue> issues) {
        /** Copies the list. */
        public Assessment {
            issues = List.copyOf(issues);
        }
    }

    /** Figures as they are, or a tenth worse: in tenths. */
    private static final int AS_THEY_ARE = 10;

    private static final int A_TENTH_WORSE = 11;

    /** Calls in 5 minutes below which nothing worse is found. */
    private static final int LEAST_CALLS = 10;

    /** 90 % of the normal distribution are within this many standard deviations. */
    private static final double DEVIATIONS = 1.6449;

    /** How a failure rate is taken. */
    private enum Rate {
        AS_IT_IS,
        /** As low as its 90 % interval allows. */
        SURE
    }

    private HealthCalculator() {}

    /**
     * Judges figures by themselves.
     *
     * @param figures of one agent
     * @return score, status and issues
     */
    public static Assessment assess(HealthFigures figures) {
        return assess(figures, Rate.AS_IT_IS);
    }

    private static Assessment assess(HealthFigures figures, Rate rate) {
        return assess(figures, AS_THEY_ARE, figures.streak(), rate);
    }

    /**
     * The status of an agent that had one before. It gets worse only on evidence: at least 10 calls in 5 minutes, and a
     * success rate counts for as low as its 90 % interval surely is. It gets better only if it would be so with failures,
     * errors and latency a tenth higher and 2 successes after a streak. So neither few calls nor figures at the edge make
     * it flicker.
     *
     * @param before the status that it had
     * @param figures of the agent
     * @return the status that it has
     */
    public static HealthStatus status(HealthStatus before, HealthFigures figures) {
        HealthStatus plain = assess(figures).status();
        if (plain == HealthStatus.UNKNOWN || plain == HealthStatus.HEALTHY && before == HealthStatus.UNKNOWN) {
            return plain;
        }
        if (!plain.isBetterThan(before)) {
            HealthStatus shown = figures.calls() < LEAST_CALLS
                    ? before
                    : assess(figures, Rate.SURE).status();
            return before.isBetterThan(shown) || before == HealthStatus.UNKNOWN ? shown : before;
        }
        HealthStatus surely = assess(figures, A_TENTH_WORSE, figures.recentStreak(), Rate.AS_IT_IS)
                .status();
        return surely.isBetterThan(before) ? surely : before;
    }

    private static Assessment assess(HealthFigures figures, int tenths, int streak, Rate rate) {
        if (figures.calls() == 0) {
            return new Assessment(100, HealthStatus.UNKNOWN, List.of());
        }
        List<HealthIssue> issues = new ArrayList<>(4);
        successRate(figures, tenths, rate, issues);
        latency(figures, tenths, issues);
        if (streak >= 5) {
            issues.add(issue(HealthIssue.Code.FAILURE_STREAK, 35, streak + " failures in a row"));
        }
        errors(figures, tenths, issues);
        int score =
                Math.max(0, 100 - issues.stream().mapToInt(HealthIssue::penalty).sum());
        return new Assessment(score, HealthStatus.ofScore(score), issues);
    }

    private static void successRate(HealthFigures figures, int tenths, Rate rate, List<HealthIssue> issues) {
        if (isAbove(figures, tenths, rate, 5)) {
            issues.add(issue(HealthIssue.Code.LOW_SUCCESS_RATE, 40, rate(figures)));
        } else if (isAbove(figures, tenths, rate, 20)) {
            issues.add(issue(HealthIssue.Code.REDUCED_SUCCESS_RATE, 20, rate(figures)));
        }
    }

    /** Whether more than one in this many calls fail. */
    private static boolean isAbove(HealthFigures figures, int tenths, Rate rate, int oneOf) {
        return figures.failures() * tenths * oneOf > figures.calls() * AS_THEY_ARE
                && (rate == Rate.AS_IT_IS || lowestRate(figures.failures(), figures.calls()) * oneOf > 1);
    }

    /** The lower end of the 90 % interval of a rate (E. B. Wilson, 1927). */
    static double lowestRate(long failures, long calls) {
        double rate = (double) failures / calls;
        double square = DEVIATIONS * DEVIATIONS / calls;
        double spread = DEVIATIONS * Math.sqrt((rate * (1 - rate) + square / 4) / calls);
        return (rate + square / 2 - spread) / (1 + square);
    }

    private static void latency(HealthFigures figures, int tenths, List<HealthIssue> issues) {
        Duration p95 = figures.p95();
        if (p95 == null) {
            return;
        }
        Duration compared = p95.multipliedBy(tenths).dividedBy(AS_THEY_ARE);
        String text = String.format(Locale.ROOT, "p95 latency is %.1f s", p95.toMillis() / 1000.0);
        if (compared.compareTo(Duration.ofSeconds(10)) > 0) {
            issues.add(issue(HealthIssue.Code.VERY_SLOW, 30, text));
        } else if (compared.compareTo(Duration.ofSeconds(3)) > 0) {
            issues.add(issue(HealthIssue.Code.SLOW, 15, text));
        }
    }

    private static void errors(HealthFigures figures, int tenths, List<HealthIssue> issues) {
        long errors = figures.hourFailures() * tenths;
        if (errors * 100 <= figures.hourCalls() * AS_THEY_ARE) {
            return;
        }
        String text = figures.hourFailures() + " errors in the last hour, of " + figures.hourCalls() + " calls";
        if (errors > 20 * AS_THEY_ARE) {
            issues.add(issue(HealthIssue.Code.MANY_ERRORS, 25, text));
        } else if (errors > 5 * AS_THEY_ARE) {
            issues.add(issue(HealthIssue.Code.SOME_ERRORS, 10, text));
        }
    }

    private static HealthIssue issue(HealthIssue.Code code, int penalty, String text) {
        return new HealthIssue(code, penalty, text);
    }

    private static String rate(HealthFigures figures) {
        return figures.failures() + " of " + figures.calls() + " calls failed in the last 5 minutes";
    }
}
