package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a process makes of the answers of Redis, and who hears of it; time is moved by hand, and there is no Redis. */
class PulseTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final long BEGUN = 1_000_000_000_000L;

    private final Skew skew = new Skew();
    private final List<String> heard = new ArrayList<>();
    private boolean clockFails;
    private final Pulse pulse = new Pulse("one:6379", new Lives(new Keys("interlock")), skew, this::wallTime, BEGUN);

    PulseTest() {
        pulse.watch(noting("one"));
    }

    @Test
    void it_is_attached_once_redis_is_found_and_says_so() {
        assertThat(pulse.isAttached()).isFalse();
        pulse.found(NOON, answer("first"));

        assertThat(pulse.isAttached()).isTrue();
        assertThat(heard).containsExactly("one attached");
    }

    @Test
    void three_beats_in_a_row_without_an_answer_detach_and_ten_answers_attach_again_each_is_heard_once() {
        pulse.found(NOON, answer("first"));
        heard.clear();
        pulse.bad();
        pulse.judge(NOON, BEGUN, null, BEGUN);
        assertThat(pulse.isAttached()).isTrue();
        assertThat(heard).isEmpty();
        pulse.bad();
        pulse.bad();
        assertThat(pulse.isAttached()).isFalse();
        assertThat(heard).containsExactly("one detached");

        for (int i = 0; i < 9; i++) {
            pulse.judge(NOON, BEGUN, answer("first"), BEGUN);
        }
        assertThat(pulse.isAttached()).isFalse();
        pulse.judge(NOON, BEGUN, answer("first"), BEGUN);
        pulse.judge(NOON, BEGUN, answer("first"), BEGUN);
        assertThat(pulse.isAttached()).isTrue();
        assertThat(heard).containsExactly("one detached", "one attached");
    }

    @Test
    void an_answer_of_which_nothing_can_be_made_is_a_bad_one() {
        pulse.found(NOON, answer("first"));
        pulse.judge(NOON, BEGUN, new Pulse.Answer(null, "", "soon", "0"), BEGUN);
        pulse.judge(NOON, BEGUN, new Pulse.Answer(null, "", "0", ""), BEGUN);
        assertThat(pulse.isAttached()).isTrue();
        clockFails = true;
        pulse.judge(NOON, BEGUN, answer("first"), BEGUN);

        assertThat(pulse.isAttached()).isFalse();
    }

    @Test
    void a_watcher_that_throws_keeps_no_other_from_hearing() {
        pulse.watch(new Pulse.Watcher() {
            @Override
            public void onAttached() {
                throw new AssertionError("a watcher that fails");
            }
        });
        pulse.watch(noting("two"));
        pulse.found(NOON, answer("first"));

        assertThat(heard).containsExactly("one attached", "two attached");
        assertThat(pulse.isAttached()).isTrue();
    }

    @Test
    void another_life_of_its_memory_means_that_redis_forgot_what_it_knew() {
        pulse.found(NOON, answer("first"));
        heard.clear();
        pulse.judge(NOON, BEGUN, answer("first"), BEGUN);
        pulse.judge(NOON, BEGUN, new Pulse.Answer(null, "", seconds(NOON), "0"), BEGUN);
        pulse.judge(NOON, BEGUN, new Pulse.Answer("another master's", "second", seconds(NOON), "0"), BEGUN);
        assertThat(heard).isEmpty();
        pulse.judge(NOON, BEGUN, answer("second"), BEGUN);

        assertThat(heard).containsExactly("one forgotten");
        assertThat(pulse.isAttached()).isTrue();
    }

    @Test
    void one_that_was_found_with_another_memory_than_before_forgot_too() {
        pulse.judge(NOON, BEGUN, answer("first"), BEGUN);
        pulse.found(NOON, answer("second"));

        assertThat(heard).containsExactly("one forgotten", "one attached");
    }

    @Test
    void each_answer_says_what_time_redis_has() {
        pulse.found(NOON, new Pulse.Answer(null, "", seconds(NOON.plusSeconds(3_600)), "250000"));
        assertThat(ahead()).isEqualTo(Duration.ofHours(1).plusMillis(250));

        pulse.judge(NOON, BEGUN, new Pulse.Answer(null, "", seconds(NOON.minusSeconds(60)), "0"), BEGUN);
        assertThat(ahead()).isEqualTo(Duration.ofMinutes(-1));
    }

    @Test
    void its_lag_is_what_an_answer_took_and_then_for_how_long_there_is_none() {
        assertThat(pulse.lag(BEGUN + millis(200))).isZero();
        assertThat(pulse.lag(BEGUN + millis(230))).isEqualTo(Duration.ofMillis(30));

        long sent = BEGUN + millis(1_000);
        pulse.judge(NOON, sent, answer("first"), sent + millis(40));
        assertThat(pulse.lag(sent + millis(40))).isEqualTo(Duration.ofMillis(40));
        assertThat(pulse.lag(sent + millis(240))).isEqualTo(Duration.ofMillis(40));
        assertThat(pulse.lag(sent + millis(250))).isEqualTo(Duration.ofMillis(50));
        assertThat(pulse.lag(sent + millis(60_200))).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void what_is_not_answered_shortens_no_lag() {
        long later = BEGUN + millis(5_200);
        pulse.judge(NOON, later, null, later);
        pulse.judge(NOON, later, new Pulse.Answer(null, "", "soon", "0"), later);
        pulse.bad();

        assertThat(pulse.lag(later)).isEqualTo(Duration.ofSeconds(5));
    }

    private Instant wallTime() {
        if (clockFails) {
            throw new AssertionError("a clock that fails");
        }
        return NOON;
    }

    private Duration ahead() {
        return Duration.ofNanos(1_000
                * (skew.toRedis(NOON) - Duration.between(Instant.EPOCH, NOON).toMillis() * 1_000));
    }

    private static Pulse.Answer answer(String life) {
        return new Pulse.Answer("life", life, seconds(NOON), "0");
    }

    private static String seconds(Instant time) {
        return Long.toString(time.getEpochSecond());
    }

    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }

    private Pulse.Watcher noting(String who) {
        return new Pulse.Watcher() {
            @Override
            public void onAttached() {
                heard.add(who + " attached");
            }

            @Override
            public void onDetached() {
                heard.add(who + " detached");
            }

            @Override
            public void onForgotten() {
                heard.add(who + " forgotten");
            }
        };
    }
}
