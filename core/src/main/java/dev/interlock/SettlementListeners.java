package dev.interlock;

import dev.interlock.threads.Reporting;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The listeners that hear how the calls of a manager end. Safe for use by any thread. While nobody listens, a call only
 * reads one more field; else it is timed, by the coarse clock, and reported.
 */
@Beta
public final class SettlementListeners {
    private final List<SettlementListener> all = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final List<WeakReference<Timed>> timed = new ArrayList<>();
    private final String process = "process:" + UUID.randomUUID();
    private volatile @Nullable SettlementListener heard;

    SettlementListeners() {}

    /**
     * Names the process that hears these settlements, as {@link Guard#process()} does: so that code that learns of a
     * guarded call in another way knows whether it was heard here.
     *
     * @return a name that no other manager has, in this process or another
     */
    public String process() {
        return process;
    }

    /** What each good call reads anyway, and where it sees whether anybody listens: one more step costs a nanosecond. */
    interface Timed {
        /** Whether calls are to be timed, since somebody listens. */
        void timed(boolean heard);
    }

    /** From now on something carries the right mark; to be called before any circuit has it. */
    void serve(Timed made) {
        lock.lock();
        try {
            timed.removeIf(each -> each.get() == null);
            timed.add(new WeakReference<>(made));
            made.timed(heard != null);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds a listener; it hears how calls end from now on.
     *
     * @param listener called on the threads of the calls
     */
    public void add(SettlementListener listener) {
        lock.lock();
        try {
            all.add(listener);
            show();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Removes a listener; it may still hear of calls that end at this moment.
     *
     * @param listener one that was added
     */
    public void remove(SettlementListener listener) {
        lock.lock();
        try {
            all.remove(listener);
            show();
        } finally {
            lock.unlock();
        }
    }

    /** Reports what became of an outcome, if anybody listens. */
    void settled(CircuitId circuit, Outcome outcome, long tookNanos, long agoNanos, long epoch, Settlement settlement) {
        SettlementListener present = heard;
        if (present != null) {
            try {
                present.onSettled(circuit, outcome, tookNanos, agoNanos, epoch, settlement);
            } catch (Throwable broken) {
                Reporting.report(broken); // the call has been settled, and is not to blame
            }
        }
    }

    /** Whether anybody listens. */
    boolean isHeard() {
        return heard != null;
    }

    /** Reports that a call was refused, if anybody listens. */
    void refused(CircuitId circuit, Refusal refusal) {
        SettlementListener present = heard;
        if (present != null) {
            try {
                present.onRefused(circuit, refusal);
            } catch (Throwable broken) {
                Reporting.report(broken);
            }
        }
    }

    /** Reports that a circuit was forgotten, if anybody listens. */
    void forgotten(CircuitId circuit) {
        SettlementListener present = heard;
        if (present != null) {
            try {
                present.onForgotten(circuit);
            } catch (Throwable broken) {
                Reporting.report(broken);
            }
        }
    }

    /** Of one listener itself, so that a call to it can be inlined. */
    private void show() {
        heard = all.isEmpty()
                ? null
                : all.size() == 1 ? all.get(0) : new Several(all.toArray(SettlementListener[]::new));
        for (WeakReference<Timed> reference : timed) {
            Timed each = reference.get();
            if (each != null) {
                each.timed(heard != null);
            }
        }
    }

    /** All of several, over an array, since a good call must not make an iterator. */
    private static final class Several implements SettlementListener {
        private final SettlementListener[] all;

        Several(SettlementListener[] all) {
            this.all = all;
        }

        @Override
        public void onSettled(
                CircuitId circuit, Outcome outcome, long tookNanos, long agoNanos, long epoch, Settlement settlement) {
            for (SettlementListener each : all) {
                try {
                    each.onSettled(circuit, outcome, tookNanos, agoNanos, epoch, settlement);
                } catch (Throwable broken) {
                    Reporting.report(broken);
                }
            }
        }

        @Override
        public void onRefused(CircuitId circuit, Refusal refusal) {
            for (SettlementListener each : all) {
                try {
                    each.onRefused(circuit, refusal);
                } catch (Throwable broken) {
                    Reporting.report(broken);
                }
            }
        }

        @Override
        public void onForgotten(CircuitId circuit) {
            for (SettlementListener each : all) {
                try {
                    each.onForgotten(circuit);
                } catch (Throwable broken) {
                    Reporting.report(broken);
                }
            }
        }
    }
}
