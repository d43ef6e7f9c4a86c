package dev.interlock.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Calls are looked at when they could be late, whatever their number and order, and those that have ended never. */
class DeadlinesTest {
    private record Set(long at, Runnable task) {}

    private final List<Set> timers = new ArrayList<>();
    private final List<String> looked = new ArrayList<>();
    private long now = Long.MAX_VALUE - 1_000; // nanoTime may pass over the greatest number
    private int timersSet;
    private final Deadlines deadlines = new Deadlines(() -> now, (millis, task) -> {
        timersSet++;
        timers.add(new Set(now + TimeUnit.MILLISECONDS.toNanos(millis), task));
    });

    private class Call extends Deadlines.Watched {
        private final String name;
        private final long[] waits;
        private int looks;

        Call(String name, long... waits) {
            this.name = name;
            this.waits = waits;
        }

        @Override
        long look(long at) {
            looked.add(name);
            if (looks == waits.length) {
                deadlines.remove(this);
                return at;
            }
            return at + TimeUnit.MILLISECONDS.toNanos(waits[looks++]);
        }
    }

    private Call added(Call call, long millis) {
        deadlines.add(call, now, now + TimeUnit.MILLISECONDS.toNanos(millis));
        return call;
    }

    private void pass(long millis) {
        long end = now + TimeUnit.MILLISECONDS.toNanos(millis);
        while (true) {
            Set next = null;
            for (Set each : timers) {
                next = each.at - end <= 0 && (next == null || each.at - next.at < 0) ? each : next;
            }
            if (next == null) {
                break;
            }
            timers.remove(next);
            now = next.at;
            next.task.run();
        }
        now = end;
    }

    @Test
    void a_call_is_looked_at_when_it_could_be_late_and_again_when_it_says() {
        added(new Call("a", 500), 1_000);

        pass(999);
        assertThat(looked).isEmpty();
        pass(20);
        assertThat(looked).containsExactly("a");
        pass(480);
        assertThat(looked).containsExactly("a");
        pass(20);
        assertThat(looked).containsExactly("a", "a");
        pass(10_000);
        assertThat(looked).as("it has ended").hasSize(2);
        assertThat(timers).isEmpty();
    }

    @Test
    void one_that_could_be_late_sooner_does_not_wait_for_an_earlier_one() {
        added(new Call("slow"), 60_000);
        added(new Call("quick"), 100);

        pass(120);
        assertThat(looked).containsExactly("quick");
        pass(60_000);
        assertThat(looked).containsExactly("quick", "slow");
    }

    @Test
    void many_calls_that_end_in_time_set_one_timer() {
        Call longest = added(new Call("longest"), 1_000);
        for (int i = 0; i < 100; i++) {
            Call first = added(new Call("first"), 2_000);
            Call second = added(new Call("second"), 2_000);
            deadlines.remove(first);
            deadlines.remove(first);
            deadlines.remove(second);
        }
        deadlines.remove(longest);

        pass(10_000);
        assertThat(looked).isEmpty();
        assertThat(timersSet).isEqualTo(1);
    }

    @Test
    void a_call_that_takes_others_with_it_leaves_the_rest_to_be_looked_at() {
        List<Call> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(new Call("call-" + i) {
                @Override
                long look(long at) {
                    all.subList(0, 2).forEach(deadlines::remove);
                    return super.look(at);
                }
            });
        }
        all.forEach(each -> added(each, 50));

        pass(1_000);
        assertThat(looked).containsExactly("call-2");
        added(new Call("later"), 50);
        pass(1_000);
        assertThat(looked).containsExactly("call-2", "later");
    }
}
