package dev.interlock.redis;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitSubscriber;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what other processes write. Messages may be lost, so whoever listens is told of a gap whenever that may have
 * been: after each new subscription, after a time of being detached, and every now and then.
 */
final class Changes implements RedisLink.Watcher, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Changes.class);
    private static final long RECONCILE_SECONDS = 10;

    private final RedisLink link;
    private final String channel;
    private final RecordCodec codec;
    private final List<CircuitSubscriber> subscribers = new CopyOnWriteArrayList<>();
    private final ReentrantLock changing = new ReentrantLock();
    private @Nullable StatefulRedisPubSubConnection<String, String> listening;
    private boolean closed;

    Changes(RedisLink link, Keys keys, RecordCodec codec) {
        this.link = link;
        this.channel = keys.changes();
        this.codec = codec;
    }

    void start() {
        link.watch(this);
        link.thread().scheduleWithFixedDelay(this::reconcile, RECONCILE_SECONDS, RECONCILE_SECONDS, TimeUnit.SECONDS);
    }

    void add(CircuitSubscriber subscriber) {
        subscribers.add(subscriber);
    }

    void remove(CircuitSubscriber subscriber) {
        subscribers.remove(subscriber);
    }

    /** The old connection may be dead without knowing it. */
    @Override
    public void onAttached() {
        listen(link.connected());
        gap();
    }

    @Override
    public void onForgotten() {
        subscribers.forEach(CircuitSubscriber::onForgotten);
    }

    @Override
    public void close() {
        changing.lock();
        try {
            closed = true; // the connection ends with its client
        } finally {
            changing.unlock();
        }
    }

    private void reconcile() {
        if (link.isAttached()) {
            gap();
        }
    }

    private void listen(Connected connected) {
        changing.lock();
        try {
            if (closed) {
                return;
            }
            hangUp();
            StatefulRedisPubSubConnection<String, String> fresh = connected.listen();
            listening = fresh;
            fresh.addListener(new Listener());
            fresh.async()
                    .subscribe(channel)
                    .toCompletableFuture()
                    .get(link.settings().timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (Exception unreachable) {
            LOG.debug("Changes of others are not heard", unreachable);
        } finally {
            changing.unlock();
        }
    }

    private void hangUp() {
        StatefulRedisPubSubConnection<String, String> before = listening;
        listening = null;
        if (before != null) {
            before.closeAsync();
        }
    }

    private void gap() {
        subscribers.forEach(CircuitSubscriber::onGap);
    }

    private final class Listener extends RedisPubSubAdapter<String, String> {
        @Override
        public void message(String from, String message) {
            if (!link.isAttached()) {
                return; // what others do is heard when this process is attached again
            }
            try {
                CircuitRecord record = codec.record(RecordCodec.texts(message));
                if (record != null) {
                    subscribers.forEach(subscriber -> subscriber.onChanged(record));
                }
            } catch (RuntimeException unreadable) {
                LOG.warn("A change that another process told cannot be read", unreadable);
                gap();
            }
        }

        @Override
        public void subscribed(String to, long count) {
            gap();
        }
    }
}
