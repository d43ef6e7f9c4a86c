package dev.interlock.monitor;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes what was thrown, with its causes, as far as a log has room; user code in it may throw in turn. */
final class StackTraces {
    private static final int MOST_FRAMES = 60;
    private static final int MOST_CAUSES = 8;

    private StackTraces() {}

    static String of(Throwable thrown) {
        StringBuilder text = new StringBuilder(1024);
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Throwable each = thrown;
        for (int depth = 0; each != null && depth < MOST_CAUSES && seen.add(each); depth++) {
            text.append(depth == 0 ? "" : "Caused by: ").append(headline(each)).append('\n');
            StackTraceElement[] frames = each.getStackTrace();
            for (int i = 0; i < frames.length && i < MOST_FRAMES; i++) {
                text.append("\tat ").append(frames[i]).append('\n');
            }
            if (frames.length > MOST_FRAMES) {
                text.append("\t... ").append(frames.length - MOST_FRAMES).append(" more\n");
            }
            each = cause(each);
        }
        return text.toString();
    }

    /** The class and the message. */
    static String headline(Throwable thrown) {
        String message = message(thrown);
        String name = thrown.getClass().getName();
        return message == null ? name : name + ": " + message;
    }

    /** The message, or null where there is none. */
    static @Nullable String message(Throwable thrown) {
        try {
            return Clip.captured(thrown.getMessage());
        } catch (RuntimeException broken) {
            return "(its message cannot be had: " + broken.getClass().getName() + ")";
        }
    }

    private static @Nullable Throwable cause(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (RuntimeException broken) {
            return null;
        }
    }
}
