package dev.interlock;

import dev.interlock.threads.Reporting;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The probes of one manager: which circuit has which, and those that are under way. At most ten run at a time, so that a
 * restart or another policy of thousands of circuits is no storm, and a few more of suspicions, which calls wait for; the
 * others wait for their turn ({@link ProbeTurns}), and their time begins with it.
 *
 * <p>A probe that takes too long is interrupted. If it ignores that, it hangs on. Then its circuit gets no second
 * probe, since that would hang as well, and the others get a thread in place of the one that it keeps.
 */
final class Probes {
    /** A circuit's probe under way; of a suspicion there are several at once, by number. */
    private record Slot(CircuitId id, int number) {}

    private final Map<NamePattern, Probe> byPattern;
    private final Executor executor;
    private final IntConsumer onHung;
    private final ConcurrentMap<Slot, Attempt> underWay = new ConcurrentHashMap<>();

    /** Guards what runs where, so that an interrupt reaches a probe and nothing else. Never held while one runs. */
    private final ReentrantLock lock = new ReentrantLock();

    private final ProbeTurns<Attempt> turns = new ProbeTurns<>();
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
        return prepare(new Attempt(new Slot(id, 0), probe, answer, true));
    }

    /** One of several probes of a circuit at once, by its number from 0; null while such a one is under way. */
    @Nullable
    Attempt prepareAtOnce(CircuitId id, int number, Probe probe, Consumer<Boolean> answer) {
        return prepare(new Attempt(new Slot(id, number), probe, answer, false));
    }

    private @Nullable Attempt prepare(Attempt attempt) {
        return underWay.putIfAbsent(attempt.slot, attempt) == null ? attempt : null;
    }

    private void keeps(int threads) {
        hung += threads;
        Reporting.safely(() -> onHung.accept(hung));
    }

    /** One probe: prepared, waiting for its turn, running, and over or given up. Answers once, unless it is given up. */
    final class Attempt {
        private final Slot slot;
        private final Probe probe;
        private final Consumer<Boolean> answer;

        /** Whether no call waits for it. */
        private final boolean patient;

        private final AtomicBoolean answered = new AtomicBoolean();
        private volatile @Nullable Runnable begin;

        /** Where it runs, while it runs. */
        private @Nullable Thread thread;

        private boolean givenUp;
        private boolean hasTurn;

        private Attempt(Slot slot, Probe probe, Consumer<Boolean> answer, boolean patient) {
            this.slot = slot;
            this.probe = probe;
            this.answer = answer;
            this.patient = patient;
        }

        /**
         * Hands the probe to the executor once it is its turn; if that refuses, it has failed.
         *
         * @param limit how long it may take, in ticks; then it has failed
         */
        void start(Timers timers, TimeSource time, long limit) {
            begin = () -> {
                Timers.Timer end = timers.at(time.ticks() + limit, () -> {
                    answer(false); // first: whatever it answers from now on is nobody's
                    giveUp();
                });
                try {
                    executor.execute(() -> run(timers, end));
                } catch (RuntimeException | Error cannotRun) {
                    timers.cancel(end);
                    leave();
                    answer(false);
                }
            };
            if (takesTurn()) {
                begin();
            }
        }

        /** Interrupts a probe that runs, and lets one that has not begun never begin. Its answer is nobody's. */
        void giveUp() {
            boolean waited;
            lock.lock();
            try {
                if (!givenUp && thread != null) {
                    thread.interrupt();
                    keeps(1);
                }
                givenUp = true;
                waited = turns.remove(slot.id.organization(), patient, this);
            } finally {
                lock.unlock();
            }
            if (waited) {
                underWay.remove(slot, this);
            }
            endTurn();
        }

        private void begin() {
            Runnable now = begin;
            if (now != null) {
                now.run();
            }
        }

        private boolean takesTurn() {
            lock.lock();
            try {
                if (givenUp) {
                    underWay.remove(slot, this); // before it was started: nothing else will
                    return false;
                }
                hasTurn = turns.take(slot.id.organization(), patient, this);
                return hasTurn;
            } finally {
                lock.unlock();
            }
        }

        /** Gives the turn to the one that is next. */
        private void endTurn() {
            Attempt next = null;
            lock.lock();
            try {
                if (hasTurn) {
                    hasTurn = false;
                    next = turns.end(patient);
                    if (next != null) {
                        next.hasTurn = true;
                    }
                }
            } finally {
                lock.unlock();
            }
            if (next != null) {
                next.begin();
            }
        }

        private void run(Timers timers, Timers.Timer end) {
            boolean good = begins() && ask();
            timers.cancel(end);
            ends();
            endTurn();
            answer(good);
        }

        private void answer(boolean good) {
            if (answered.compareAndSet(false, true)) {
                answer.accept(good);
            }
        }

        private boolean ask() {
            try {
                return probe.probe(slot.id);
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
            underWay.remove(slot, this);
            if (hung) {
                Thread.interrupted(); // it was meant for the probe, not for what the executor runs next
                keeps(-1);
            }
        }

        private void leave() {
            underWay.remove(slot, this);
            endTurn();
        }
    }
}
