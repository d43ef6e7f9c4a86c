package dev.interlock.server.status;

import dev.interlock.threads.OwnThreads;
import dev.interlock.threads.ThreadFigures;
import java.util.List;
import java.util.function.ToLongFunction;

/** The threads of Interlock in the text format of Prometheus, by name. */
final class ThreadsText {
    private ThreadsText() {}

    static String write() {
        List<ThreadFigures> all = OwnThreads.figures();
        StringBuilder text = new StringBuilder();
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
        return text.toString();
    }

    private static void write(
            StringBuilder text,
            String name,
            String type,
            String help,
            List<ThreadFigures> all,
            ToLongFunction<ThreadFigures> value) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        for (ThreadFigures each : all) {
            text.append(name)
                    .append("{name=\"")
                    .append(each.name())
                    .append("\"} ")
                    .append(value.applyAsLong(each))
                    .append('\n');
        }
    }
}
