package dev.interlock.checks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtherThreadsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Thread made = new Thread(task, \"a\");",
                "new Thread(null, this::run, \"a\", 0, false).start();",
                "x = Executors.newFixedThreadPool(2);",
                "x = Executors\n    .newSingleThreadScheduledExecutor(task -> thread(task));",
                "x = new ScheduledThreadPoolExecutor(\n    1, task -> bare(task));",
                "new Timer(true);",
                "new ForkJoinPool(4);"
            })
    void a_thread_of_others_is_found(String statement) {
        assertThat(OtherThreads.in("a = 1;\n" + statement + "\nb = 2;")).hasSize(1);
    }

    @Test
    void what_own_threads_makes_and_themselves_are_not() {
        assertThat(OtherThreads.in("x = Executors.newFixedThreadPool(\n  2, OwnThreads.factory(\"a\"));"))
                .isEmpty();
        assertThat(OtherThreads.in("y = new ThreadPoolExecutor(1, 1, queue, OwnThreads.factory(\"a\"));"))
                .isEmpty();
        assertThat(OtherThreads.in("final class OwnThreads { Thread a = new Thread(task); }"))
                .isEmpty();
        assertThat(OtherThreads.in("throw new ThreadDeath();")).isEmpty();
    }
}
