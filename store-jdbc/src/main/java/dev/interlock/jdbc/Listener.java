package dev.interlock.jdbc;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.UnreadableRecordException;
import dev.interlock.threads.Worker;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;

/**
 * Hears what other servers write to a PostgreSQL, on a connection and a thread of its own; both begin with the first
 * subscriber. A connection that is lost is made again, and then everybody is notified of the gap.
 */
final class Listener implements AutoCloseable {
    private static final Logger LOG = Logs.of(Listener.class);
    private static final int LISTEN_MILLIS = 2_000;
    private static final long FIRST_WAIT_MILLIS = 100;
    private static final long LONGEST_WAIT_MILLIS = 2_000;
    private static final long FIRST_CONNECTION_SECONDS = 10;
    private static final Duration AT_CLOSE = Duration.ofSeconds(5);

    private static final long NONE = -1;
    private static final long SEVERAL = -2;

    private final AtomicLong own = new AtomicLong(NONE);
    private final DatabaseSettings settings;
    private final Circuits circuits;
    private final Gates gates;
    private final List<CircuitSubscriber> subscribers = new CopyOnWriteArrayList<>();
    private final List<GateSubscriber> gateSubscribers = new CopyOnWriteArrayList<>();
    private final CountDownLatch listening = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Worker thread = new Worker("interlock-listen", this::turn);
    private long wait = FIRST_WAIT_MILLIS;
    private boolean reported;

    /** Whether somebody goes on who may have missed something. */
    private final AtomicBoolean owesGap = new AtomicBoolean();

    private volatile @Nullable Connection connection;

    Listener(DatabaseSettings settings, Circuits circuits, Gates gates) {
        this.settings = settings;
        this.circuits = circuits;
        this.gates = gates;
    }

    /** Where a circuit that was written is looked up. */
    @FunctionalInterface
    interface Circuits {
        @Nullable
        CircuitRecord find(String organization, String name);
    }

    /** Where a gate that was written is looked up. */
    @FunctionalInterface
    interface Gates {
        @Nullable
        GateRecord find(String organization, String id);
    }

    /** Returns when it listens, or after a while when the database is away: then a gap is reported later. */
    void subscribe(CircuitSubscriber subscriber) {
        subscribers.add(subscriber);
        awaitListening();
    }

    /** As {@link #subscribe(CircuitSubscriber)} does. */
    void subscribe(GateSubscriber subscriber) {
        gateSubscribers.add(subscriber);
        awaitListening();
    }

    private void awaitListening() {
        thread.wake();
        boolean heard = false;
        try {
            heard = listening.await(FIRST_CONNECTION_SECONDS, TimeUnit.SECONDS);
            if (!heard) {
                LOG.warn("Changes of other servers cannot be heard yet: the database does not answer");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            if (!heard) {
                owesGap.set(true);
                if (listening.getCount() == 0) {
                    payGap(); // it began to listen just now
                }
            }
        }
    }

    /** Notices of this generation need not be looked at, unless another one begins in this process too. */
    void own(long generation) {
        own.accumulateAndGet(generation, (known, next) -> known == NONE ? next : SEVERAL);
    }

    void unsubscribe(CircuitSubscriber subscriber) {
        subscribers.remove(subscriber);
    }

    void unsubscribe(GateSubscriber subscriber) {
        gateSubscribers.remove(subscriber);
    }

    @Override
    public void close() {
        closed.countDown();
        disconnect(); // ends the wait for notices
        thread.close(AT_CLOSE);
        disconnect();
    }

    /** Connects where that is needed, and waits for notices for a while; what is lost is found by a gap. */
    private long turn() {
        if (isClosed()) {
            disconnect(); // one that was made while this was closed
            return Worker.Turn.UNTIL_WOKEN;
        }
        boolean heard = false;
        try {
            Connection made = connection;
            if (made == null) {
                made = connect();
                begin(made);
            }
            hear(made);
            heard = true;
            wait = FIRST_WAIT_MILLIS;
            return 0;
        } catch (SQLException | RuntimeException lost) {
            if (!isClosed() && !reported) {
                LOG.warn("Changes of other servers are not heard: {}", lost.getMessage());
                reported = true;
            }
        } finally {
            if (!heard) {
                disconnect();
            }
        }
        long again = wait;
        wait = Math.min(2 * wait, LONGEST_WAIT_MILLIS);
        return TimeUnit.MILLISECONDS.toNanos(again);
    }

    private void begin(Connection made) throws SQLException {
        listen(made);
        if (reported || listening.getCount() == 0) {
            owesGap.set(true);
        }
        if (reported) {
            LOG.info("Changes of other servers are heard again");
            reported = false;
        }
        listening.countDown();
        payGap();
    }

    /** Says that something may have been missed, if anybody went on before this listened, or it was deaf since. */
    private void payGap() {
        if (owesGap.compareAndSet(true, false)) {
            subscribers.forEach(CircuitSubscriber::onGap);
            gateSubscribers.forEach(GateSubscriber::onGap);
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = PostgresDialect.properties(settings);
        properties.setProperty("ApplicationName", "interlock-listen");
        Connection made = DriverManager.getConnection(settings.url(), properties);
        connection = made;
        return made;
    }

    private static void listen(Connection made) throws SQLException {
        try (Statement statement = made.createStatement()) {
            statement.execute("LISTEN " + PostgresDialect.CHANNEL);
            statement.execute("LISTEN " + PostgresDialect.GATE_CHANNEL);
        }
    }

    private void hear(Connection made) throws SQLException {
        PGConnection postgres = made.unwrap(PGConnection.class);
        PGNotification[] notifications = postgres.getNotifications(LISTEN_MILLIS);
        if (notifications == null || notifications.length == 0) {
            try (Statement statement = made.createStatement()) {
                statement.execute("SELECT 1"); // a connection that is dead says nothing either
            }
        } else {
            notifySubscribers(notifications);
        }
    }

    private void notifySubscribers(PGNotification[] notifications) {
        Set<Notice> notices = new LinkedHashSet<>();
        Set<Notice> ofGates = new LinkedHashSet<>();
        for (PGNotification notification : notifications) {
            Notice notice = Notice.parse(notification.getParameter());
            if (notice != null && notification.getName().equals(PostgresDialect.GATE_CHANNEL)) {
                ofGates.add(notice);
            } else if (notice != null && notice.writer() != own.get()) {
                notices.add(notice);
            }
        }
        ofGates.forEach(this::reportGate); // first: a stop must not wait for anything
        for (Notice notice : notices) {
            CircuitRecord record = find(notice);
            if (record != null) {
                subscribers.forEach(subscriber -> subscriber.onChanged(record));
            }
        }
    }

    private void reportGate(Notice notice) {
        try {
            GateRecord record = gates.find(notice.organization(), notice.name());
            if (record != null) {
                gateSubscribers.forEach(subscriber -> subscriber.onChanged(record));
            }
        } catch (StoreUnavailableException away) {
            gateSubscribers.forEach(GateSubscriber::onGap);
        }
    }

    private @Nullable CircuitRecord find(Notice notice) {
        try {
            return circuits.find(notice.organization(), notice.name());
        } catch (StoreUnavailableException away) {
            subscribers.forEach(CircuitSubscriber::onGap);
            return null;
        } catch (UnreadableRecordException unreadable) {
            subscribers.forEach(subscriber -> subscriber.onUnreadable(unreadable));
            return null;
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException gone) {
                LOG.debug("A connection could not be closed", gone);
            }
        }
    }
}
