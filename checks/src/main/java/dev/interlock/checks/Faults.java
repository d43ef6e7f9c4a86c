package dev.interlock.checks;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * What happens at the failpoints of a JVM that is started with {@code -Dinterlock.failpoints=dev.interlock.checks.Faults},
 * as that of every test is: nothing, until a test {@linkplain #arm arms} one. A process that is to die at one is started
 * with {@code -Dinterlock.faults=NAME:N} as well, and is killed by signal 9 when it comes there for the Nth time. Safe for
 * use by any thread.
 */
public final class Faults implements Consumer<Object> {
    private static final Map<String, AtomicLong> VISITS = new ConcurrentHashMap<>();
    private static final Map<String, LongConsumer> ARMED = new ConcurrentHashMap<>();

    static {
        String wanted = System.getProperty("interlock.faults");
        if (wanted != null) {
            String[] words = wanted.split(":");
            long at = Long.parseLong(words[1]);
            ARMED.put(words[0], visit -> {
                if (visit == at) {
                    die();
                }
            });
        }
    }

    /**
     * Lets something happen each time that a place is reached, on the thread that reaches it.
     *
     * @param name the place
     * @param fault takes how often it was reached since it was armed, from 1; may throw what is not checked
     */
    public static void arm(String name, LongConsumer fault) {
        VISITS.put(name, new AtomicLong());
        ARMED.put(name, fault);
    }

    /**
     * Lets nothing happen there any more.
     *
     * @param name the place
     */
    public static void disarm(String name) {
        ARMED.remove(name);
    }

    /**
     * How often a place was reached since it was armed last, or since the process began.
     *
     * @param name the place
     * @return how often
     */
    public static long visits(String name) {
        AtomicLong visits = VISITS.get(name);
        return visits == null ? 0 : visits.get();
    }

    @Override
    public void accept(Object place) {
        String name = place.toString();
        long visit = VISITS.computeIfAbsent(name, first -> new AtomicLong()).incrementAndGet();
        LongConsumer fault = ARMED.get(name);
        if (fault != null) {
            fault.accept(visit);
        }
    }

    /** By signal 9, which lets nothing of this process end in order; this thread goes no further meanwhile. */
    private static void die() {
        try {
            new ProcessBuilder(
                            "kill", "-9", Long.toString(ProcessHandle.current().pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            Runtime.getRuntime().halt(128 + 9);
        } catch (IOException | InterruptedException unkilled) {
            Runtime.getRuntime().halt(1);
        }
    }
}
