package dev.interlock.server.status;

import dev.interlock.threads.OwnThreads;
import dev.interlock.threads.ThreadFigures;
import java.util.List;
import java.util.function.ToLongFunction;

/** The threads of Interlock, by name. */
final class ThreadsText {
    private ThreadsText() {}

    static void write(MetricText text) {
        List<ThreadFigures> all = OwnThreads.figures();
        write(
                text,
                "interlock_threads",
                "gauge",
                "Threads of Interlock at this moment; many have none while there is nothing to do",
                all,
                ThreadFigures::alive);
        write(
                text,
                "interlock_threads_lost_total",
                "counter",
                "Threads that died or could not be started; they are replaced",
                all,
                ThreadFigures::losses);
        write(
                text,
                "interlock_thread_failures_total",
                "counter",
                "Turns of threads that failed, and were taken again",
                all,
                ThreadFigures::failures);
    }

    private static void write(
            MetricText text,
            String name,
            String type,
            String help,
            List<ThreadFigures> all,
            ToLongFunction<ThreadFigures> value) {
        text.family(name, type, help);
        all.forEach(each -> text.sample(name, value.applyAsLong(each), "name", each.name()));
    }
}
