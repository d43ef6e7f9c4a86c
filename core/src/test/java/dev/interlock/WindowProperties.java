package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.interlock.checks.Draw;
import dev.interlock.checks.Property;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The windows alone, against a list of everything that was ever recorded. */
class WindowProperties {
    /** A call that ends so many nanoseconds after the one before. */
    record Call(long gap, boolean failed, boolean slow) {}

    @Test
    void windowOfCallsHoldsTheLastOnes() {
        Property.usual().holds(draw -> {
            int size = draw.named("size", draw.integer(1, 200));
            List<Boolean> calls = draw.named("calls", draw.list(0, 500, () -> draw.coin(0.5)));
            RollingWindow window = Windows.of(new WindowShape(Window.ofCalls(size), false));
            for (int i = 0; i < calls.size(); i++) {
                window.record(0, calls.get(i), false);
                List<Boolean> last = calls.subList(Math.max(0, i + 1 - size), i + 1);
                long sum = window.sum(0);
                assertThat(RollingWindow.Sum.calls(sum)).isEqualTo(last.size());
                assertThat(RollingWindow.Sum.bad(sum))
                        .isEqualTo((int) last.stream().filter(bad -> bad).count());
            }
        });
    }

    /** Beyond the first thousand places bits come with failures, so failures come in flocks here, and places come round. */
    @Test
    void longWindowOfCallsHoldsTheLastOnes() {
        Property.tries(60).holds(draw -> {
            int size = draw.named("size", draw.integer(1_000, 9_000));
            List<Integer> flocks = draw.named("flocks", draw.list(1, 12, () -> draw.integer(1, 4_000)));
            RollingWindow window = Windows.of(new WindowShape(Window.ofCalls(size), false));
            BitSet calls = new BitSet();
            int count = 0;
            boolean bad = draw.named("begins with failures", draw.coin(0.5));
            for (int flock : flocks) {
                for (int i = 0; i < flock; i++) {
                    window.record(0, bad, false);
                    calls.set(count++, bad);
                }
                bad = !bad;
                long sum = window.sum(0);
                int first = Math.max(0, count - size);
                assertThat(RollingWindow.Sum.calls(sum)).isEqualTo(count - first);
                assertThat(RollingWindow.Sum.bad(sum))
                        .isEqualTo(calls.get(first, count).cardinality());
            }
        });
    }

    @Test
    void outcomeCountsForAtLeastTheWindowAndAtMostATenthLonger() {
        Property.tries(2000).holds(draw -> {
            Duration span = draw.named("span", span(draw));
            long start = draw.named("start", draw.number(0, 1L << 55));
            List<Call> calls = draw.named("calls", draw.list(1, 60, () -> call(draw)));
            RollingWindow window = Windows.of(new WindowShape(Window.ofTime(span), true));
            long length = span.toNanos();
            List<Long> ends = new ArrayList<>();
            long now = start;
            for (int i = 0; i < calls.size(); i++) {
                Call call = calls.get(i);
                now += (long) (call.gap * (length / 1e6));
                assertBand(window, calls, ends, length, now);
                window.record(now, call.failed, call.slow);
                ends.add(now);
                assertBand(window, calls, ends, length, now);
            }
        });
    }

    /**
     * Up to the 2^20 cycles of about 1.1 windows after which their numbers recur, less the 2^12 by which a bucket may
     * be ahead of a thread that slept.
     */
    @Test
    void callIsCountedHoweverLongTheWindowWasIdle() {
        Property.tries(500).holds(draw -> {
            Duration span = draw.named("span", span(draw));
            int idleness = draw.named("idleness", draw.integer(0, 999_000));
            boolean failed = draw.named("failed", draw.coin(0.5));
            RollingWindow window = Windows.of(new WindowShape(Window.ofTime(span), false));
            window.record(0, false, false);
            double longest = Math.min(
                    span.toNanos() * 1.095 * ((1 << 20) - (1 << 12)),
                    Duration.ofDays(3650).toNanos());
            long now = (long) (span.toNanos() * 1.2 + idleness / 1e6 * (longest - span.toNanos() * 1.2));
            window.record(now, failed, false);
            long sum = window.sum(now);
            assertThat(RollingWindow.Sum.calls(sum)).isEqualTo(1);
            assertThat(RollingWindow.Sum.bad(sum)).isEqualTo(failed ? 1 : 0);
        });
    }

    /** More calls in one bucket than it can count: its counts are halved, several times, and the rate stays. */
    @Test
    void rateStaysWhatItIsWhenCountsAreHalved() {
        Property.tries(8).holds(draw -> {
            double rate = draw.named("rate", draw.fraction(0, 1));
            int calls = draw.named("calls", draw.of(1_000_000, 2_097_152, 2_097_153, 3_500_000, 4_194_304, 6_000_000));
            RollingWindow window = Windows.of(new WindowShape(Window.ofTime(Duration.ofSeconds(60)), false));
            double owed = 0;
            for (int i = 0; i < calls; i++) {
                owed += rate;
                boolean failed = owed >= 1;
                owed -= failed ? 1 : 0;
                window.record(0, failed, false);
            }
            long sum = window.sum(0);
            assertThat((double) RollingWindow.Sum.bad(sum) / RollingWindow.Sum.calls(sum))
                    .isEqualTo(rate, within(1e-4));
            assertThat(RollingWindow.Sum.calls(sum)).isBetween(65_000, calls);
        });
    }

    /** The worst order: all the bad ones first. Counted in one bucket, and not more than ten times as many good ones. */
    @Test
    void rateStaysCloseWhenAllBadCallsComeFirst() {
        RollingWindow window = Windows.of(new WindowShape(Window.ofTime(Duration.ofSeconds(60)), false));
        for (int i = 0; i < 100_000; i++) {
            window.record(0, true, false);
        }
        for (int i = 0; i < 900_000; i++) {
            window.record(0, false, false);
        }
        long sum = window.sum(0);
        assertThat(RollingWindow.Sum.bad(sum)).isEqualTo(100_000);
        assertThat(RollingWindow.Sum.calls(sum)).isEqualTo(1_000_000);
    }

    private static void assertBand(RollingWindow window, List<Call> calls, List<Long> ends, long length, long now) {
        int[] least = new int[3];
        int[] most = new int[3];
        for (int i = 0; i < ends.size(); i++) {
            long age = now - ends.get(i);
            boolean sure = age < length;
            boolean possible = age <= length + length / 10;
            Call call = calls.get(i);
            boolean[] counts = {true, call.failed, call.slow};
            for (int figure = 0; figure < counts.length; figure++) {
                least[figure] += sure && counts[figure] ? 1 : 0;
                most[figure] += possible && counts[figure] ? 1 : 0;
            }
        }
        long sum = window.sum(now);
        long slow = window.slowSum(now);
        assertThat(RollingWindow.Sum.calls(sum)).as("calls").isBetween(least[0], most[0]);
        assertThat(RollingWindow.Sum.bad(sum)).as("failures").isBetween(least[1], most[1]);
        assertThat(RollingWindow.Sum.calls(slow)).as("timed").isEqualTo(RollingWindow.Sum.calls(sum));
        assertThat(RollingWindow.Sum.bad(slow)).as("slow").isBetween(least[2], most[2]);
    }

    private static Duration span(Draw draw) {
        return draw.coin(0.5)
                ? Duration.ofMillis(draw.number(10, 7 * 86_400_000L))
                : draw.of(
                        Duration.ofMillis(10),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(60),
                        Duration.ofHours(1),
                        Duration.ofDays(7));
    }

    /** Gaps in millionths of the window: within a bucket, around a bucket's width, around the window, and far beyond. */
    private static Call call(Draw draw) {
        long gap = switch (draw.weighted(4, 4, 1, 1)) {
            case 0 -> draw.number(0, 20_000);
            case 1 -> draw.number(80_000, 100_000);
            case 2 -> draw.of(999_999L, 1_000_000L, 1_000_001L, 1_099_999L, 1_100_001L);
            default -> draw.number(1_000_000, 3_000_000);
        };
        return new Call(gap, draw.coin(0.5), draw.coin(0.5));
    }
}
