package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.FailureKind;
import dev.interlock.settings.PolicySettings;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Recorded calls answer for probes. */
class ProbeLogTest {
    private static final long SECOND = 1_000_000_000L;

    /** As a quick policy, with probes 5 s apart of which two must be good. */
    private static final CircuitBreakerConfig PROBING = Recorded.QUICK.toBuilder()
            .probe(PolicySettings.read(Map.of(
                            "probe", Map.of("interval", "5s", "needed", 2, "spacing", "1s", "real_trial_after", "1h")))
                    .probe())
            .build();

    private final Names names = new Names();
    private final ProbeLog log = new ProbeLog();

    @Test
    void the_nearest_call_answers_if_it_is_within_a_second() {
        add(100, null);
        add(101.5, FailureKind.SERVER_ERROR);

        assertThat(log.isGood("model:m", at(100.4), 0)).isTrue();
        assertThat(log.isGood("model:m", at(99), 0)).isTrue();
        assertThat(log.isGood("model:m", at(100.9), 0)).isFalse();
        assertThat(log.isGood("model:m", at(102.5), 0)).isFalse();
    }

    @Test
    void else_one_of_the_nearest_eight_does_each_as_often() {
        for (int i = 0; i < 20; i++) {
            boolean isNear = i >= 6 && i < 14;
            add(60 * i, isNear && i % 4 != 0 ? null : FailureKind.SERVER_ERROR); // of the eight two fail
        }
        int good = 0;
        for (int i = 0; i < 4_000; i++) {
            good += log.isGood("model:m", at(570) + i * 1_000_000L, 0) ? 1 : 0;
        }

        assertThat(good / 4_000.0).isCloseTo(0.75, within(0.03));
    }

    @Test
    void the_draw_is_the_same_each_time() {
        add(0, null);
        add(60, FailureKind.SERVER_ERROR);

        for (int second = 2; second < 50; second++) {
            assertThat(log.isGood("model:m", at(second), 0)).isEqualTo(log.isGood("model:m", at(second), 0));
        }
    }

    @Test
    void of_probes_at_one_time_each_looks_at_another_call() {
        add(100, null);
        add(100.6, FailureKind.SERVER_ERROR);

        assertThat(log.isGood("model:m", at(100.1), 0)).isTrue();
        assertThat(log.isGood("model:m", at(100.1), 1)).isFalse();
    }

    @Test
    void a_probe_fails_where_no_call_is_within_ten_minutes() {
        add(1_000, null);

        assertThat(log.isGood("model:m", at(401), 0)).isTrue();
        assertThat(log.isGood("model:m", at(399), 0)).isFalse();
        assertThat(log.isGood("model:m", at(1_599), 0)).isTrue();
        assertThat(log.isGood("model:m", at(1_601), 0)).isFalse();
        assertThat(log.isGood("model:other", at(1_000), 0)).isFalse();
    }

    @Test
    void who_refuses_a_wrong_request_is_well_and_what_was_cancelled_says_nothing() {
        add(10, FailureKind.CONTEXT_LENGTH);
        add(20, FailureKind.SERVER_ERROR);
        add(29.9, FailureKind.CANCELLED);

        assertThat(log.isGood("model:m", at(10), 0)).isTrue();
        assertThat(log.isGood("model:m", at(20), 0)).isFalse();
        add(30.5, null);
        assertThat(log.isGood("model:m", at(29.9), 0)).isTrue();
    }

    /** Without probes trials fail again and again; probes see when it is over. */
    @Test
    void a_replay_probes_in_place_of_trials() {
        JsonNode passive = outage().policy("passive", Recorded.QUICK).by(By.AGENT);
        JsonNode probing = outage().policy("probing", PROBING).probesFromLog().by(By.AGENT);
        JsonNode without = outage().policy("probing", PROBING).by(By.AGENT);

        assertThat(passive.has("probes")).isFalse();
        assertThat(probing.get("probes").asInt()).isBetween(50, 400);
        assertThat(probing.get("openings").asInt())
                .as("by failed probes, and by the real trial that follows the first cooldown")
                .isEqualTo(2);
        assertThat(passive.get("openings").asInt()).isGreaterThan(3);
        assertThat(probing.get("failed_avoided").asInt())
                .isGreaterThan(passive.get("failed_avoided").asInt());
        assertThat(probing.get("good_blocked").asInt()).isLessThanOrEqualTo(10);
        assertThat(without.get("openings")).as("nothing answers").isEqualTo(passive.get("openings"));
    }

    @Test
    void the_report_says_how_many_probes_there_were() {
        assertThat(outage().policy("probing", PROBING).probesFromLog().run(By.AGENT, false, false))
                .containsPattern("probes of probing: \\d+\n");
    }

    /** Two good hours, in which a probe may earn trust, twenty bad minutes, a good one. */
    private static Recorded outage() {
        Recorded calls = Recorded.calls();
        for (int second = 0; second < 7_200; second += 20) {
            calls.good(second, 1);
        }
        for (int second = 7_200; second < 8_400; second += 4) {
            calls.failed(second, 1, "SERVER_ERROR");
        }
        for (int second = 8_400; second < 8_460; second += 4) {
            calls.good(second, 1);
        }
        return calls;
    }

    private void add(double second, @org.jspecify.annotations.Nullable FailureKind kind) {
        try {
            Name model = names.of("target", "model:m");
            log.add(new Call(0, at(second), 0, null, model, kind == null, kind, Call.NO_WAIT, null), By.TARGET);
        } catch (BadRowException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static long at(double second) {
        return (long) (second * SECOND);
    }
}
