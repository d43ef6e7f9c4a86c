package dev.interlock.jdbc;

import dev.interlock.store.StoreUnavailableException;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;

/**
 * What one of the processes of a database does for all: who does it, until when, and how far it has come. Safe for use by
 * any thread.
 */
final class Duty {
    private static final String HOLD = """
            INSERT INTO duty (name, holder, until, progress) VALUES (:name, :holder, :until, 0)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
            WHERE duty.holder = excluded.holder OR duty.until < :now
            """;

    private static final String SEIZE = """
            INSERT INTO duty (name, holder, until, progress) VALUES (:name, :holder, :until, 0)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
            """;

    private static final Logger LOG = Logs.of(Duty.class);

    private final Connections database;
    private final String name;

    /** @param name of the duty, the same in all processes */
    Duty(Connections database, String name) {
        this.database = database;
        this.name = name;
    }

    /** Takes it, or keeps it; false if another process has it. */
    boolean hold(long process, Instant now, Instant until) {
        Dialect dialect = database.dialect();
        return database.write(handle -> handle.createUpdate(HOLD)
                        .bind("name", name)
                        .bind("holder", process)
                        .bindByType("until", dialect.time(until), dialect.timeType())
                        .bindByType("now", dialect.time(now), dialect.timeType())
                        .execute())
                == 1;
    }

    /** Takes it from the one that has it: only where no other process can be alive. */
    void seize(long process, Instant until) {
        Dialect dialect = database.dialect();
        database.write(handle -> handle.createUpdate(SEIZE)
                .bind("name", name)
                .bind("holder", process)
                .bindByType("until", dialect.time(until), dialect.timeType())
                .execute());
    }

    /** Gives it back, so that another process need not wait; with the database away it waits until it is over. */
    void release(long process) {
        Dialect dialect = database.dialect();
        try {
            database.write(handle -> handle.createUpdate(
                            "UPDATE duty SET until = :past WHERE name = :name AND holder = :holder")
                    .bindByType("past", dialect.time(Instant.EPOCH), dialect.timeType())
                    .bind("name", name)
                    .bind("holder", process)
                    .execute());
        } catch (StoreUnavailableException away) {
            LOG.atDebug().addKeyValue("reason", away.getMessage()).log("The duty {} could not be given back", name);
        }
    }

    /** How far it has come; 0 if nowhere yet. */
    long progress(Handle handle) {
        return handle.createQuery("SELECT progress FROM duty WHERE name = :name")
                .bind("name", name)
                .mapTo(Long.class)
                .findOne()
                .orElse(0L);
    }

    /** Whether a process has it, and keeps it until the end of a transaction. */
    boolean isHeldBy(Handle handle, long process) {
        return handle.createUpdate("UPDATE duty SET holder = holder WHERE name = :name AND holder = :holder")
                        .bind("name", name)
                        .bind("holder", process)
                        .execute()
                == 1;
    }

    /** Notes in a transaction how far it has come; false if another process has it by now. */
    boolean advance(Handle handle, long process, long progress) {
        return handle.createUpdate("UPDATE duty SET progress = :progress WHERE name = :name AND holder = :holder")
                        .bind("progress", progress)
                        .bind("name", name)
                        .bind("holder", process)
                        .execute()
                == 1;
    }
}
