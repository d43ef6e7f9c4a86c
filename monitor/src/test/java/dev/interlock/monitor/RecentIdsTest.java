package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.ManualTimeSource;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RecentIdsTest {
    private final ManualTimeSource time = new ManualTimeSource();

    @Test
    void an_id_is_remembered_for_at_least_its_time_and_then_forgotten() {
        OwnedIds ids = new OwnedIds(time, Duration.ofMinutes(15), 1_000);
        assertThat(ids.add("a", null, "1")).isTrue();
        time.advance(Duration.ofMinutes(15));
        assertThat(ids.add("a", null, "1")).isFalse();
        time.advance(Duration.ofMinutes(5));

        assertThat(ids.add("a", null, "1")).isTrue();
    }

    @Test
    void ids_of_different_owners_and_parts_are_different() {
        OwnedIds ids = new OwnedIds(time, Duration.ofMinutes(15), 1_000);
        ids.add("a", "b", "1");

        assertThat(ids.contains("a", "b", "1")).isTrue();
        assertThat(ids.contains("ab", "", "1")).isFalse();
        assertThat(ids.contains("a", null, "b1")).isFalse();
    }

    @Test
    void a_hundred_thousand_ids_are_distinguished() {
        OwnedIds ids = new OwnedIds(time, Duration.ofMinutes(15), 1 << 20);
        for (int i = 0; i < 100_000; i++) {
            assertThat(ids.add("default", null, "entry-" + i)).isTrue();
        }
        for (int i = 0; i < 100_000; i++) {
            assertThat(ids.add("default", null, "entry-" + i)).isFalse();
        }
    }

    @Test
    void the_oldest_are_forgotten_early_when_there_are_too_many() {
        OwnedIds ids = new OwnedIds(time, Duration.ofMinutes(15), 1_000);
        for (int i = 0; i < 10_000; i++) {
            ids.add("default", null, "entry-" + i);
        }

        assertThat(ids.contains("default", null, "entry-0")).isFalse();
        assertThat(ids.contains("default", null, "entry-9999")).isTrue();
    }

    @Test
    void whoHasMostForgetsFirst() {
        ManualTimeSource time = new ManualTimeSource();
        OwnedIds ids = new OwnedIds(time, Duration.ofMinutes(15), 10_000);
        for (int i = 0; i < 100; i++) {
            ids.add("quiet", null, "q" + i);
        }
        for (int i = 0; i < 100_000; i++) {
            ids.add("loud", null, "l" + i);
        }

        assertThat(ids.size()).isLessThanOrEqualTo(10_100);
        for (int i = 0; i < 100; i++) {
            assertThat(ids.contains("quiet", null, "q" + i)).isTrue();
        }
        assertThat(ids.contains("loud", null, "l99999")).isTrue();
        assertThat(ids.contains("loud", null, "l0")).isFalse();
    }
}
