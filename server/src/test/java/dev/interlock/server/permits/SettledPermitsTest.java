package dev.interlock.server.permits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.permits.SettledPermits.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** One bit a settled permit: never two first settlements, whatever is forgotten meanwhile. */
class SettledPermitsTest {
    private static final long DAY = 24L * 3_600_000_000_000L;
    private static final int SEGMENT = SettledPermits.PERMITS_PER_SEGMENT;

    private final SettledPermits settled = new SettledPermits(16, DAY);

    @Test
    void a_permit_is_settled_once() {
        assertThat(settled.settle("acme", 1, 5, 0)).isEqualTo(Answer.FIRST);
        assertThat(settled.settle("acme", 1, 5, 0)).isEqualTo(Answer.REPEATED);
        assertThat(settled.settle("acme", 1, 6, 0)).isEqualTo(Answer.FIRST);
    }

    @Test
    void each_life_of_a_server_counts_for_itself() {
        assertThat(settled.settle("acme", 1, 5, 0)).isEqualTo(Answer.FIRST);
        assertThat(settled.settle("acme", 2, 5, 0)).isEqualTo(Answer.FIRST);
    }

    @Test
    void a_segment_that_is_full_still_knows_its_permits() {
        for (int permit = 0; permit < SEGMENT; permit++) {
            assertThat(settled.settle("acme", 1, permit, 0)).isEqualTo(Answer.FIRST);
        }
        assertThat(settled.settle("acme", 1, 0, 0)).isEqualTo(Answer.REPEATED);
        assertThat(settled.settle("acme", 1, SEGMENT - 1, 0)).isEqualTo(Answer.REPEATED);
        assertThat(settled.settle("acme", 1, SEGMENT, 0)).isEqualTo(Answer.FIRST);
    }

    @Test
    void what_nobody_can_settle_any_more_is_forgotten() {
        settled.settle("acme", 1, 5, 0);
        settled.settle("acme", 1, SEGMENT, DAY);
        assertThat(settled.segments()).isEqualTo(2);
        settled.settle("acme", 1, 2 * SEGMENT, DAY + 1);
        assertThat(settled.segments()).isEqualTo(2);
    }

    @Test
    void past_the_limit_the_oldest_are_refused_rather_than_settled_twice() {
        for (int segment = 0; segment <= 16; segment++) {
            assertThat(settled.settle("acme", 1, (long) segment * SEGMENT, segment))
                    .isEqualTo(Answer.FIRST);
        }
        assertThat(settled.segments()).isEqualTo(16);
        assertThat(settled.settle("acme", 1, 0, 17)).isEqualTo(Answer.FORGOTTEN);
        assertThat(settled.settle("acme", 1, 1, 17)).isEqualTo(Answer.FORGOTTEN);
        assertThat(settled.settle("acme", 1, SEGMENT, 17)).isEqualTo(Answer.REPEATED);
        assertThat(settled.settle("acme", 1, SEGMENT + 1, 17)).isEqualTo(Answer.FIRST);
    }

    @Test
    void of_settlements_at_one_time_the_first_counts_even_while_segments_are_forgotten() throws Exception {
        int permits = 40 * SEGMENT;
        SettledPermits few = new SettledPermits(4, DAY);
        AtomicIntegerArray firsts = new AtomicIntegerArray(permits);
        CyclicBarrier start = new CyclicBarrier(3);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Random random = new Random(i);
            threads.add(new Thread(() -> {
                await(start);
                for (int round = 0; round < 300_000; round++) {
                    int permit = Math.min(permits - 1, Math.max(0, round * 4 + random.nextInt(2 * SEGMENT)));
                    if (few.settle("acme", 1, permit, round) == Answer.FIRST) {
                        firsts.incrementAndGet(permit);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        for (int permit = 0; permit < permits; permit++) {
            assertThat(firsts.get(permit)).isLessThanOrEqualTo(1);
        }
        assertThat(few.segments()).isLessThanOrEqualTo(4);
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void who_has_most_is_forgotten_first() {
        settled.settle("quiet", 1, 0, 0);
        for (int segment = 1; segment <= 100; segment++) {
            settled.settle("loud", 1, (long) segment * SEGMENT, segment);
        }

        assertThat(settled.segments()).isLessThanOrEqualTo(16);
        assertThat(settled.settle("quiet", 1, 0, 200)).isEqualTo(Answer.REPEATED);
        assertThat(settled.settle("quiet", 1, 1, 200)).isEqualTo(Answer.FIRST);
        assertThat(settled.settle("loud", 1, SEGMENT, 200)).isEqualTo(Answer.FORGOTTEN);
    }
}
