package dev.interlock.redis;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.UnreadableRecordException;
import dev.interlock.threads.OwnThreads;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what other processes write. Messages may be lost, so a gap is reported whenever that may have been: after each new subscription, after a time of being detached, and every now and then.
 */
final class Changes implements Pulse.Watcher, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Changes.class);
    private static final long RECONCILE_SECONDS = 10;
    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LONGEST_RETRY_MILLIS = 2_000;

    private final RedisLink link;
    private final Keys keys;
    private final String channel;
    private final RecordCodec codec;
    private final GateCodec gates;
    private final String place;

    /** Subscribing takes its time, which the heartbeat does not have. */
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(OwnThreads.factory("interlock-changes"));

    private final List<CircuitSubscriber> subscribers = new CopyOnWriteArrayList<>();
    private final List<GateSubscriber> gateSubscribers = new CopyOnWriteArrayList<>();

    /** Only for the thread, as the next two. */
    private @Nullable StatefulRedisPubSubConnection<String, String> listening;

    /** How long until it is tried again to subscribe; 0 while changes are heard. */
    private long retryMillis;

    /** Rises with each attempt that is not a repeated one: those before it are not repeated any more. */
    private int attempt;

    private volatile boolean deaf;

    Changes(RedisLink link, Keys keys, RecordCodec codec, GateCodec gates) {
        this.link = link;
        this.keys = keys;
        this.channel = keys.changes();
        this.place = "Redis at " + link.settings().place();
        this.codec = codec;
        this.gates = gates;
    }

    void start() {
        link.watch(this);
        thread.scheduleWithFixedDelay(
                () -> safely(this::reconcile), RECONCILE_SECONDS, RECONCILE_SECONDS, TimeUnit.SECONDS);
    }

    void add(CircuitSubscriber subscriber) {
        subscribers.add(subscriber);
    }

    void remove(CircuitSubscriber subscriber) {
        subscribers.remove(subscriber);
    }

    void add(GateSubscriber subscriber) {
        gateSubscribers.add(subscriber);
    }

    void remove(GateSubscriber subscriber) {
        gateSubscribers.remove(subscriber);
    }

    /** The old connection may be dead without knowing it. */
    @Override
    public void onAttached() {
        submit(() -> {
            attempt++;
            retryMillis = 0;
            listen(attempt);
        });
        gap();
    }

    @Override
    public void onForgotten() {
        each(CircuitSubscriber::onForgotten);
        eachGate(GateSubscriber::onGap);
    }

    /** The connection ends with its client. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** Somebody may have written what was not heard of. */
    void reconcile() {
        if (link.isAttached()) {
            each(CircuitSubscriber::onReconcile);
            eachGate(GateSubscriber::onGap);
        }
    }

    private void listen(int number) {
        if (number != attempt) {
            return; // another one has begun meanwhile
        }
        Connected connected = link.connected();
        hangUp();
        try {
            StatefulRedisPubSubConnection<String, String> fresh = connected.listen();
            listening = fresh;
            fresh.addListener(new Listener());
            fresh.async()
                    .subscribe(channel, keys.gateChanges())
                    .toCompletableFuture()
                    .get(link.settings().timeout().toMillis(), TimeUnit.MILLISECONDS);
            if (deaf) {
                LOG.info("Changes of other processes are heard again");
            }
            deaf = false;
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } catch (Exception | Error unreachable) {
            listenLater(number, unreachable);
        }
    }

    /** While this process is detached there is nothing to hear: attaching subscribes again. */
    private void listenLater(int number, Throwable why) {
        if (!deaf && link.isAttached()) {
            LOG.warn("Changes of other processes are not heard, which is tried again: {}", why.toString());
            deaf = true;
        }
        retryMillis = Math.min(LONGEST_RETRY_MILLIS, Math.max(FIRST_RETRY_MILLIS, 2 * retryMillis));
        try {
            thread.schedule(() -> safely(() -> listenIfAttached(number)), retryMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.debug("Closed before changes were heard again", closed);
        }
    }

    private void listenIfAttached(int number) {
        if (link.isAttached()) {
            listen(number);
        }
    }

    private void hangUp() {
        StatefulRedisPubSubConnection<String, String> before = listening;
        listening = null;
        if (before != null) {
            before.closeAsync();
        }
    }

    private void submit(Runnable task) {
        try {
            thread.execute(() -> safely(task));
        } catch (RejectedExecutionException closed) {
            LOG.debug("Closed before changes were heard", closed);
        }
    }

    /** A periodic task that throws would not be run again. */
    private static void safely(Runnable task) {
        try {
            task.run();
        } catch (Throwable failed) {
            LOG.warn("Something that hears changes of other processes failed", failed);
        }
    }

    private void each(Consumer<CircuitSubscriber> report) {
        subscribers.forEach(subscriber -> safely(() -> report.accept(subscriber)));
    }

    private void eachGate(Consumer<GateSubscriber> report) {
        gateSubscribers.forEach(subscriber -> safely(() -> report.accept(subscriber)));
    }

    private void gap() {
        each(CircuitSubscriber::onGap);
        eachGate(GateSubscriber::onGap);
    }

    private final class Listener extends RedisPubSubAdapter<String, String> {
        @Override
        public void message(String from, String message) {
            if (!link.isAttached()) {
                return; // what others do is heard when this process is attached again
            }
            if (from.equals(keys.gateChanges())) {
                gate(message);
                return;
            }
            Map<String, String> fields = RecordCodec.fields(RecordCodec.texts(message));
            try {
                CircuitRecord record = codec.record(fields);
                if (record != null) {
                    each(subscriber -> subscriber.onChanged(record));
                }
            } catch (RuntimeException unreadable) {
                unreadable(fields, unreadable);
            }
        }

        private void gate(String message) {
            try {
                GateRecord record = gates.record(message);
                eachGate(subscriber -> subscriber.onChanged(record));
            } catch (RuntimeException unreadable) {
                LOG.warn("A message on the channel '{}' is no gate: {}", keys.gateChanges(), unreadable.toString());
            }
        }

        private void unreadable(Map<String, String> fields, RuntimeException why) {
            String organization = fields.get("organization");
            String name = fields.get("name");
            if (organization == null || name == null) {
                LOG.warn("A message on the channel '{}' is no change of a circuit", channel);
                return;
            }
            UnreadableRecordException unreadable = new UnreadableRecordException(
                    organization, name, "the key '" + keys.record(organization, name) + "' of " + place, why);
            each(subscriber -> subscriber.onUnreadable(unreadable));
        }

        @Override
        public void subscribed(String to, long count) {
            gap();
        }
    }
}
