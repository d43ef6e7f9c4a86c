package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Times in Redis go by Redis' clock, whatever ours says. */
class SkewTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final Skew skew = new Skew();

    @Test
    void clocksThatAgreeAreLeftAlone() {
        skew.answered(NOON, micros(NOON.plusMillis(3)), NOON.plusMillis(5));

        assertThat(skew.toRedis(NOON)).isEqualTo(micros(NOON));
        assertThat(skew.fromRedis(micros(NOON))).isEqualTo(NOON);
    }

    @Test
    void aClockThatIsAnHourOffIsSeenThrough() {
        Duration off = Duration.ofHours(1);
        skew.answered(NOON, micros(NOON.plus(off)), NOON.plusMillis(4));

        assertThat(skew.fromRedis(skew.toRedis(NOON))).isEqualTo(NOON);
        assertThat(Duration.between(NOON.plus(off), Instant.EPOCH.plusNanos(1_000 * skew.toRedis(NOON))))
                .isBetween(Duration.ofMillis(-5), Duration.ofMillis(5));
    }

    @Test
    void whatIsBelievedStaysUntilAnAnswerContradictsIt() {
        skew.answered(NOON, micros(NOON.plusSeconds(60)), NOON.plusMillis(40));
        long before = skew.toRedis(NOON);
        skew.answered(NOON, micros(NOON.plusSeconds(60).minusMillis(17)), NOON.plusMillis(10));
        assertThat(skew.toRedis(NOON)).isEqualTo(before);

        skew.answered(NOON, micros(NOON), NOON.plusMillis(1));
        assertThat(skew.toRedis(NOON)).isBetween(micros(NOON) - 1_000, micros(NOON) + 1_000);
    }

    @Test
    void aClockMayBeWrongByAMillisecondWithoutBeingSet() {
        skew.answered(NOON, micros(NOON) + 1_000, NOON);
        skew.answered(NOON, micros(NOON) - 1_000, NOON);
        assertThat(skew.toRedis(NOON)).isEqualTo(micros(NOON));

        skew.answered(NOON, micros(NOON) + 1_001, NOON);
        assertThat(skew.toRedis(NOON)).isEqualTo(micros(NOON) + 1_001);
    }

    private static long micros(Instant instant) {
        return Duration.between(Instant.EPOCH, instant).toNanos() / 1_000;
    }
}
