package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.redis.RedisMarks.Mark;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Marks that two processes set in one Redis. */
class RedisMarksTest {
    private static final int RUN = 1 << RedisMarks.RUN_SHIFT;
    private static final Duration KEPT = Duration.ofHours(25);
    private static final Duration PATIENT = Duration.ofSeconds(1);

    private final RedisServer redis = RedisServer.start();
    private final Proxy proxy = new Proxy(redis.port());
    private final RedisCircuitStore one = open(proxy.url());
    private final RedisCircuitStore two = open(redis.url());
    private final RedisMarks a = one.marks("permits", KEPT);
    private final RedisMarks b = two.marks("permits", KEPT);

    @AfterEach
    void close() {
        one.close();
        two.close();
        proxy.close();
        redis.close();
    }

    @Test
    void aMarkIsFirstOnceWithAnySetter() {
        assertThat(mark(a, 7, 0, 1, RUN)).containsExactly(Mark.FIRST, Mark.FIRST, Mark.FIRST);
        assertThat(mark(b, 7, 1, 2, RUN, RUN + 1))
                .containsExactly(Mark.REPEATED, Mark.FIRST, Mark.REPEATED, Mark.FIRST);
        assertThat(mark(b, 8, 1)).containsExactly(Mark.FIRST);
        assertThat(mark(two.marks("others", KEPT), 7, 1)).containsExactly(Mark.FIRST);
        assertThat(mark(a, 7)).isEmpty();
    }

    @Test
    void whatIsNotedWithAMarkIsReadByTheOneThatSetsIt() {
        long all = (1L << RedisMarks.NOTES) - 1;
        assertThat(note(a, 7, 3, 0b101)).isEqualTo(Mark.FIRST);
        assertThat(note(b, 7, 3, 0b010)).isEqualTo(Mark.FIRST);
        assertThat(note(b, 7, 4, 1L << RedisMarks.NOTES - 1)).isEqualTo(Mark.FIRST);
        assertThat(note(a, 7, RUN - 1, all)).isEqualTo(Mark.FIRST);
        RedisMarks.Marked[] marked = b.mark(new long[] {7, 7, 7, 7, 8}, new long[] {3, 4, RUN - 1, 5, 3})
                .toCompletableFuture()
                .join();
        assertThat(Arrays.stream(marked).map(RedisMarks.Marked::mark)).containsOnly(Mark.FIRST);
        assertThat(Arrays.stream(marked).mapToLong(RedisMarks.Marked::notes))
                .containsExactly(0b111L, 1L << RedisMarks.NOTES - 1, all, 0L, 0L);
        assertThat(note(a, 7, 3, 1)).as("its mark is set").isEqualTo(Mark.REPEATED);
    }

    /** The first of a run has nothing before it, where one bit too many would lie. */
    @Test
    void bitsAboveThoseThatMayBeNotedAreLeftOut() {
        assertThat(note(a, 7, 0, -1)).isEqualTo(Mark.FIRST);

        assertThat(a.mark(new long[] {7}, new long[] {0}).toCompletableFuture().join())
                .extracting(RedisMarks.Marked::notes)
                .containsExactly((1L << RedisMarks.NOTES) - 1);
    }

    @Test
    void notesWhileRedisIsAwayAreUnknownAtOnce() {
        proxy.mode(Proxy.Mode.CUT);
        eventually(() -> !a.isAttached());
        assertThat(note(a, 7, 3, 1)).isEqualTo(Mark.UNKNOWN);
    }

    private static Mark note(RedisMarks marks, long series, long number, long bits) {
        return marks.note(new long[] {series}, new long[] {number}, new long[] {bits})
                .toCompletableFuture()
                .join()[0];
    }

    @Test
    void ofManyAtRandomByTwoAtOnceEachIsFirstOnce() {
        int numbers = 20_000;
        AtomicIntegerArray first = new AtomicIntegerArray(numbers);
        Random random = new Random(42);
        try (RedisCircuitStore here = openPatiently(redis.url());
                RedisCircuitStore there = openPatiently(redis.url())) {
            RedisMarks c = here.marks("permits", KEPT);
            RedisMarks d = there.marks("permits", KEPT);
            CompletableFuture<?>[] all = IntStream.range(0, 400)
                    .mapToObj(i -> {
                        long[] some = random.longs(200, 0, numbers).toArray();
                        return (i % 2 == 0 ? c : d)
                                .mark(new long[some.length], some)
                                .thenAccept(marks -> {
                                    for (int j = 0; j < some.length; j++) {
                                        assertThat(marks[j].mark()).isNotEqualTo(Mark.UNKNOWN);
                                        first.addAndGet((int) some[j], marks[j].mark() == Mark.FIRST ? 1 : 0);
                                    }
                                });
                    })
                    .map(stage -> stage.toCompletableFuture())
                    .toArray(CompletableFuture[]::new);
            CompletableFuture.allOf(all).join();
        }
        assertThat(IntStream.range(0, numbers).map(first::get).max()).hasValue(1);
        assertThat(IntStream.range(0, numbers).map(first::get).sum()).isGreaterThan(numbers * 9 / 10);
    }

    @Test
    void whatIsAskedWhileRedisIsAwayIsUnknownAtOnce() {
        proxy.mode(Proxy.Mode.CUT);
        eventually(() -> !a.isAttached());
        assertThat(mark(a, 7, 1, 2)).containsExactly(Mark.UNKNOWN, Mark.UNKNOWN);
        proxy.mode(Proxy.Mode.PASS);
        eventually(a::isAttached);
        assertThat(mark(a, 7, 1)).containsExactly(Mark.FIRST);
    }

    @Test
    void whatIsNotAnsweredInTimeIsUnknown() {
        proxy.mode(Proxy.Mode.SILENT);
        assertThat(mark(a, 7, 1)).containsExactly(Mark.UNKNOWN);
    }

    @Test
    void aRunIsSmallAndExpires() {
        mark(a, 7, LongStream.range(0, RUN).toArray());
        String key = redis.run(
                commands -> commands.keys("interlock:{marks/permits/7/*").get(0));
        assertThat(redis.<Long>run(commands -> commands.strlen(key))).isEqualTo(RUN / 8);
        assertThat(redis.<Long>run(commands -> commands.pttl(key)))
                .isBetween(Duration.ofHours(24).toMillis(), Duration.ofHours(25).toMillis());
    }

    @Test
    void runsLieUnderManyTags() {
        mark(a, 7, LongStream.range(0, 32).map(i -> i * RUN).toArray());
        Set<String> tags = new HashSet<>();
        redis.<java.util.List<String>>run(commands -> commands.keys("interlock:{marks/*"))
                .forEach(key -> tags.add(key.substring(key.indexOf('{'), key.indexOf('}'))));
        assertThat(tags).hasSize(32);
    }

    private static Mark[] mark(RedisMarks marks, long series, long... numbers) {
        long[] all = new long[numbers.length];
        Arrays.fill(all, series);
        return Arrays.stream(marks.mark(all, numbers).toCompletableFuture().join())
                .map(RedisMarks.Marked::mark)
                .toArray(Mark[]::new);
    }

    private static RedisCircuitStore open(String url) {
        return RedisCircuitStore.open(RedisSettings.of(url).withSlowAfter(PATIENT));
    }

    /** However busy the machine is, all is answered in time. */
    private static RedisCircuitStore openPatiently(String url) {
        Duration ever = Duration.ofMinutes(1);
        return RedisCircuitStore.open(new RedisSettings(url, "interlock", ever, ever, 0));
    }
}
