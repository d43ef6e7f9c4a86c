package dev.interlock;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntToLongFunction;

/** Several threads that do the same many times, each time as nearly at once as they can: races with a chance to show. */
final class AtTheSameTime {
    /** What a thread does. */
    @FunctionalInterface
    interface Step {
        void run(int thread, int round);
    }

    private AtTheSameTime() {}

    static void run(int threads, int rounds, Step step) throws Exception {
        ExecutorService all = Executors.newFixedThreadPool(threads);
        try {
            AtomicIntegerArray arrived = new AtomicIntegerArray(rounds);
            List<Future<?>> runs = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int number = thread;
                runs.add(all.submit(() -> {
                    for (int round = 0; round < rounds; round++) {
                        arrived.incrementAndGet(round);
                        for (int looks = 0; arrived.get(round) < threads; looks++) {
                            look(looks);
                        }
                        step.run(number, round);
                    }
                }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        } finally {
            all.shutdownNow();
        }
    }

    /** For who looks again and again: on a busy machine the other one needs this processor. */
    static void look(int looks) {
        if (looks < 1_000) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    static long sum(int threads, int rounds, IntToLongFunction step) throws Exception {
        long[] sums = new long[threads];
        run(threads, rounds, (thread, round) -> sums[thread] += step.applyAsLong(round));
        long sum = 0;
        for (long each : sums) {
            sum += each;
        }
        return sum;
    }
}
