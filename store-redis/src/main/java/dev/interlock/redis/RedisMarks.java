package dev.interlock.redis;

import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Marks that are set once, whichever process comes first: one bit for each number of a series. Numbers that are close
 * together lie close together, in runs; a run is forgotten a given time after its last mark. Safe for use by any thread;
 * nothing here blocks.
 *
 * <p>Runs of one series lie under different hash tags, so that a Cluster spreads them.
 */
public final class RedisMarks {
    /** What became of one mark. */
    public enum Mark {
        /** It was not set, and is now. */
        FIRST,
        /** It was set before. */
        REPEATED,
        /** There was no answer in time: it may have been set or not. */
        UNKNOWN
    }

    /**
     * A mark, and what was noted with it until then.
     *
     * @param mark what became of it
     * @param notes up to {@value #NOTES} bits; 0 if there is no answer
     */
    public record Marked(Mark mark, long notes) {
        static final Marked UNKNOWN = new Marked(Mark.UNKNOWN, 0);
    }

    /** How many bits may be noted with a mark. */
    public static final int NOTES = 51;

    private static final int NOTES_APART = 64;
    static final int RUN_SHIFT = 13;
    private static final long MASK = (1 << RUN_SHIFT) - 1;
    private static final int MOST_AT_ONCE = 1_000;

    private final RedisLink link;
    private final Keys keys;
    private final String name;
    private final String keptMillis;
    private final long patienceNanos;

    private record Run(long series, long run) {}

    RedisMarks(RedisLink link, Keys keys, String name, Duration kept) {
        this.link = link;
        this.keys = keys;
        this.name = name;
        this.keptMillis = Long.toString(kept.toMillis());
        this.patienceNanos = 2 * link.settings().slowAfter().toNanos();
    }

    /**
     * Whether marks are asked for in Redis.
     *
     * @return false while this process is detached: then every answer is {@link Mark#UNKNOWN}, at once
     */
    public boolean isAttached() {
        return link.isAttached();
    }

    /**
     * Sets marks, all in one round trip.
     *
     * @param series the series of each
     * @param numbers the number of each, 0 or higher
     * @return an answer to each, in their order; never fails, and is there after twice the time at the latest that makes
     *     an answer a slow one
     */
    public CompletionStage<Marked[]> mark(long[] series, long[] numbers) {
        Marked[] marks = new Marked[numbers.length];
        Arrays.fill(marks, Marked.UNKNOWN);
        List<CompletableFuture<?>> asked = new ArrayList<>();
        try {
            byRun(series, numbers).forEach((run, places) -> {
                for (int from = 0; from < places.size(); from += MOST_AT_ONCE) {
                    asked.add(ask(
                            run, places.subList(from, Math.min(places.size(), from + MOST_AT_ONCE)), numbers, marks));
                }
            });
        } catch (RuntimeException away) {
            return asked.isEmpty() ? CompletableFuture.completedFuture(marks) : all(asked, marks);
        }
        return all(asked, marks);
    }

    /**
     * Notes bits with marks, whether these are set or not, for the one that sets them.
     *
     * @param series the series of each
     * @param numbers the number of each, 0 or higher
     * @param bits what to note with each, in the lowest {@value #NOTES} bits
     * @return of each whether it is set ({@link Mark#REPEATED}) or not ({@link Mark#FIRST}), in their order; never fails, and
     *     is there after twice the time at the latest that makes an answer a slow one
     */
    public CompletionStage<Mark[]> note(long[] series, long[] numbers, long[] bits) {
        Mark[] marks = new Mark[numbers.length];
        Arrays.fill(marks, Mark.UNKNOWN);
        List<CompletableFuture<?>> asked = new ArrayList<>();
        try {
            for (int i = 0; i < numbers.length; i++) {
                int place = i;
                asked.add(note(series[i], numbers[i], bits[i]).thenAccept(set -> {
                    synchronized (marks) {
                        marks[place] = set == 0 ? Mark.FIRST : Mark.REPEATED;
                    }
                }));
            }
        } catch (RuntimeException away) {
            return asked.isEmpty() ? CompletableFuture.completedFuture(marks) : all(asked, marks);
        }
        return all(asked, marks);
    }

    private CompletableFuture<Long> note(long series, long number, long bits) {
        long run = number >>> RUN_SHIFT;
        long place = number & MASK;
        List<String> arguments = new ArrayList<>(List.of(keptMillis, Long.toString(place)));
        for (int bit = 0; bit < NOTES; bit++) {
            if ((bits >>> bit & 1) != 0) { // Redis counts bits from the highest on
                arguments.add(Long.toString(place * NOTES_APART + NOTES - 1 - bit));
            }
        }
        return Script.NOTE.run(
                link.attached().commands(),
                ScriptOutputType.INTEGER,
                new String[] {keys.marks(name, series, run), keys.notes(name, series, run)},
                arguments.toArray(String[]::new));
    }

    private <T> CompletionStage<T[]> all(List<CompletableFuture<?>> asked, T[] answers) {
        CompletableFuture<?> all =
                asked.size() == 1 ? asked.get(0) : CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new));
        return all.orTimeout(patienceNanos, TimeUnit.NANOSECONDS).handle((done, failed) -> {
            synchronized (answers) {
                return answers.clone(); // what is answered later changes nothing any more
            }
        });
    }

    private static Map<Run, List<Integer>> byRun(long[] series, long[] numbers) {
        Map<Run, List<Integer>> runs = new LinkedHashMap<>();
        for (int i = 0; i < numbers.length; i++) {
            runs.computeIfAbsent(new Run(series[i], numbers[i] >>> RUN_SHIFT), made -> new ArrayList<>())
                    .add(i);
        }
        return runs;
    }

    private CompletableFuture<?> ask(Run run, List<Integer> places, long[] numbers, Marked[] marks) {
        String[] arguments = new String[places.size() + 1];
        arguments[0] = keptMillis;
        for (int i = 0; i < places.size(); i++) {
            arguments[i + 1] = Long.toString(numbers[places.get(i)] & MASK);
        }
        return Script.MARK
                .<List<Long>>run(
                        link.attached().commands(),
                        ScriptOutputType.MULTI,
                        new String[] {
                            keys.marks(name, run.series(), run.run()), keys.notes(name, run.series(), run.run())
                        },
                        arguments)
                .thenAccept(answer -> {
                    int count = places.size();
                    synchronized (marks) {
                        for (int i = 0; i < count; i++) {
                            marks[places.get(i)] = new Marked(
                                    answer.get(i) == 0 ? Mark.FIRST : Mark.REPEATED,
                                    answer.size() == count ? 0 : answer.get(count + i));
                        }
                    }
                });
    }
}
