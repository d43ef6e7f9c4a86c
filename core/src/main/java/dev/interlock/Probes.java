package dev.interlock;

import dev.interlock.threads.Reporting;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The probes of one manager: which circuit has which, and those that are under way, at most one a circuit.
 *
 * <p>A probe that takes too long is interrupted. One that does not care hangs on: then its circuit gets no second one
 * beside it, since that would hang as well, and the others get a thread in place of the one that it keeps.
 */
final class Probes {
    private final Map<NamePattern, Probe> byPattern;
    private final Executor executor;
    private final IntConsumer onHung;
    private final ConcurrentMap<CircuitId, Attempt> underWay = new ConcurrentHashMap<>();

    /** Guards what runs where, so that an interrupt reaches a probe and nothing else. Never held while one runs. */
    private final ReentrantLock lock = new ReentrantLock();

    private int hung;

    /**
     * Probes that run on an executor.
     *
     * @param byPattern the most specific pattern counts
     * @param executor where they run
     * @param onHung is given how many threads are kept at this moment by probes that were given up
     */
    Probes(Map<NamePattern, Probe> byPattern, Executor executor, IntConsumer onHung) {
        this.byPattern = new TreeMap<>(byPattern);
        this.executor = executor;
        this.onHung = onHung;
    }

    /** The probe of the most specific pattern, or null. */
    @Nullable
    Probe of(CircuitId id) {
        for (Map.Entry<NamePattern, Probe> entry : byPattern.entrySet()) {
            if (entry.getKey().matches(id.name())) {
                return entry.getValue();
            }
        }
        return null;
    }

    /** A probe of a circuit, to be {@linkplain Attempt#start started}; null while one that was given up hangs on. */
    @Nullable
    Attempt prepare(CircuitId id, Probe probe, Consumer<Boolean> answer) {
        Attempt attempt = new Attempt(id, probe, answer);
        return underWay.putIfAbsent(id, attempt) == null ? attempt : null;
    }

    private void keeps(int threads) {
        hung += threads;
        Reporting.safely(() -> onHung.accept(hung));
    }

    /** One probe: prepared, running, and over or given up. */
    final class Attempt {
        private final CircuitId id;
        private final Probe probe;
        private final Consumer<Boolean> answer;

        /** Where it runs, while it runs. */
        private @Nullable Thread thread;

        private boolean givenUp;

        private Attempt(CircuitId id, Probe probe, Consumer<Boolean> answer) {
            this.id = id;
            this.probe = probe;
            this.answer = answer;
        }

        /** Hands the probe to the executor; if that refuses, it has failed. */
        void start() {
            try {
                executor.execute(this::run);
            } catch (RuntimeException | Error cannotRun) {
                underWay.remove(id, this);
                answer.accept(false);
            }
        }

        /** Interrupts a probe that runs, and lets one that has not begun never begin. Its answer is nobody's. */
        void giveUp() {
            lock.lock();
            try {
                if (!givenUp && thread != null) {
                    thread.interrupt();
                    keeps(1);
                }
                givenUp = true;
            } finally {
                lock.unlock();
            }
        }

        private void run() {
            boolean good = begins() && ask();
            ends();
            answer.accept(good);
        }

        private boolean ask() {
            try {
                return probe.probe(id);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return false;
            } catch (Throwable failed) {
                return false;
            }
        }

        private boolean begins() {
            lock.lock();
            try {
                if (!givenUp) {
                    thread = Thread.currentThread();
                }
                return !givenUp;
            } finally {
                lock.unlock();
            }
        }

        private void ends() {
            lock.lock();
            try {
                over();
            } finally {
                lock.unlock();
            }
        }

        private void over() {
            boolean hung = thread != null && givenUp;
            thread = null;
            givenUp = true;
            underWay.remove(id, this);
            if (hung) {
                Thread.interrupted(); // it was meant for the probe, not for what the executor runs next
                keeps(-1);
            }
        }
    }
}
