package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A publisher; each subscription to it is a guarded call: the first that of the method which returned it, each further
 * one a call of its own, which the circuits may refuse.
 */
final class GuardedPublisher<T> implements Flow.Publisher<T> {
    private final Flow.Publisher<T> source;
    private final AtomicReference<@Nullable StreamPermit> first;
    private final Supplier<StreamPermit> further;

    GuardedPublisher(Flow.Publisher<T> source, StreamPermit first, Supplier<StreamPermit> further) {
        first.pause();
        this.source = source;
        this.first = new AtomicReference<>(first);
        this.further = further;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber, "A publisher needs a subscriber");
        StreamPermit permit = first.getAndSet(null);
        if (permit == null) {
            try {
                permit = further.get();
                permit.pause();
            } catch (CircuitOpenException | TooManyCircuitsException refused) {
                subscriber.onSubscribe(Refused.INSTANCE);
                subscriber.onError(refused);
                return;
            }
        }
        Guarded<T> guarded = new Guarded<>(permit, subscriber);
        permit.cancelWith(guarded::cancelSource).onTimeout(guarded::endWith);
        try {
            source.subscribe(guarded);
        } catch (Throwable thrown) {
            permit.fail(thrown);
            throw thrown;
        }
    }

    /** What a refused subscriber gets: nothing to ask for, nothing to cancel. */
    private enum Refused implements Flow.Subscription {
        INSTANCE;

        @Override
        public void request(long pieces) {}

        @Override
        public void cancel() {}
    }

    /**
     * One subscription. The source owes a piece while the subscriber has asked for more than came. Signals of the source
     * come one after the other; that of a limit comes from outside, and waits while the subscriber is busy.
     */
    private static final class Guarded<T> implements Flow.Subscriber<T>, Flow.Subscription {
        private static final VarHandle DEMAND;
        private static final VarHandle SIGNALS;
        private static final VarHandle LAST;

        static {
            try {
                MethodHandles.Lookup lookup = MethodHandles.lookup();
                DEMAND = lookup.findVarHandle(Guarded.class, "demand", long.class);
                SIGNALS = lookup.findVarHandle(Guarded.class, "signals", int.class);
                LAST = lookup.findVarHandle(Guarded.class, "last", Throwable.class);
            } catch (ReflectiveOperationException impossible) {
                throw new ExceptionInInitializerError(impossible);
            }
        }

        /** Added to the signals under way once no further one may begin. */
        private static final int OVER = 1 << 30;

        private final StreamPermit permit;
        private final Flow.Subscriber<? super T> subscriber;
        private volatile Flow.@Nullable Subscription subscription;
        private volatile long demand;
        private volatile int signals;

        @SuppressWarnings("UnusedVariable") // read and written through its handle
        private volatile @Nullable Throwable last;

        private boolean subscribed;

        Guarded(StreamPermit permit, Flow.Subscriber<? super T> subscriber) {
            this.permit = permit;
            this.subscriber = subscriber;
        }

        @Override
        public void onSubscribe(Flow.Subscription ofSource) {
            if (!begin()) {
                ofSource.cancel();
                return;
            }
            try {
                if (subscribed) {
                    ofSource.cancel(); // a source that subscribes twice
                    return;
                }
                subscribed = true;
                subscription = ofSource;
                if (permit.isEnded()) {
                    ofSource.cancel();
                }
                subscriber.onSubscribe(this);
            } finally {
                done();
            }
        }

        @Override
        public void onNext(T piece) {
            if (!begin()) {
                return;
            }
            try {
                if (!permit.arrive()) {
                    return;
                }
                permit.look(piece);
                if (demand != Long.MAX_VALUE) {
                    DEMAND.getAndAdd(this, -1L);
                }
                try {
                    subscriber.onNext(piece);
                } catch (Throwable thrown) {
                    permit.consumerFailed(thrown);
                    throw thrown;
                }
            } finally {
                done();
            }
            if (demand > 0) { // looked at last: who asks while this piece is on its way leaves the clock to it
                permit.resume();
            }
        }

        @Override
        public void onError(Throwable thrown) {
            Throwable why = thrown == null ? new NullPointerException("A source failed with null") : thrown;
            if (permit.fail(why)) {
                subscriber.onError(why);
            }
        }

        @Override
        public void onComplete() {
            if (permit.complete()) {
                subscriber.onComplete();
            }
        }

        @Override
        public void request(long pieces) {
            Flow.Subscription source = subscription;
            if (source == null) {
                return;
            }
            if (pieces > 0) {
                long before;
                long after;
                do {
                    before = demand;
                    after = before > Long.MAX_VALUE - pieces ? Long.MAX_VALUE : before + pieces;
                } while (!DEMAND.compareAndSet(this, before, after));
                if (before <= 0 && signals == 0) {
                    permit.resume();
                }
            }
            source.request(pieces);
        }

        @Override
        public void cancel() {
            if (!permit.cancel()) {
                cancelSource();
            }
        }

        void cancelSource() {
            Flow.Subscription source = subscription;
            if (source != null) {
                source.cancel();
            }
        }

        /** A limit has passed: the subscriber hears it now, or once it is no longer busy. */
        void endWith(Throwable late) {
            last = late;
            if ((int) SIGNALS.getAndAdd(this, OVER) == 0) {
                deliver();
            }
        }

        private boolean begin() {
            if ((int) SIGNALS.getAndAdd(this, 1) >= OVER) {
                done();
                return false;
            }
            return true;
        }

        private void done() {
            if ((int) SIGNALS.getAndAdd(this, -1) - 1 == OVER) {
                deliver();
            }
        }

        private void deliver() {
            Throwable late = (Throwable) LAST.getAndSet(this, null);
            if (late != null) {
                if (!subscribed) {
                    subscribed = true;
                    subscriber.onSubscribe(Refused.INSTANCE);
                }
                subscriber.onError(late);
            }
        }
    }
}
