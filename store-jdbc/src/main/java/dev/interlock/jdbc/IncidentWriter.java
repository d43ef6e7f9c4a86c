package dev.interlock.jdbc;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.monitor.incidents.IncidentChange;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Writes incidents for all processes that share a database: one of them at a time has that duty, and what it writes is
 * written only while it has. How far in the audit trail it has come is written with what it made of that, so that nothing
 * counts twice when another process goes on. Every method but {@link #release} throws {@code StoreUnavailableException} if the database cannot be reached.
 * Safe for use by any thread.
 */
public final class IncidentWriter {
    private static final String DUTY = "incidents";
    private static final int LINES_AT_ONCE = 2_000;

    private final Connections database;
    private final Duty duty;

    IncidentWriter(Connections database) {
        this.database = database;
        this.duty = new Duty(database, DUTY);
    }

    /**
     * Takes the duty, or keeps it.
     *
     * @param process the number of this process' life
     * @param now the wall clock's time
     * @param until when others may take it
     * @return false if another process has it
     */
    public boolean hold(long process, Instant now, Instant until) {
        return duty.hold(process, now, until);
    }

    /**
     * Gives the duty back, so that another process need not wait. With the database away it does nothing: the others wait
     * until the duty is over.
     *
     * @param process the number of this process' life
     */
    public void release(long process) {
        duty.release(process);
    }

    /**
     * How far the audit trail has been looked through.
     *
     * @param notBefore lines before this are left out by who begins
     * @return the number of the last line
     */
    public long progress(Instant notBefore) {
        Dialect dialect = database.dialect();
        return database.read(handle -> {
            long known = duty.progress(handle);
            return known > 0
                    ? known
                    : handle.createQuery("SELECT coalesce(max(id), 0) FROM circuit_transition WHERE at < :before")
                            .bindByType("before", dialect.time(notBefore), dialect.timeType())
                            .mapTo(Long.class)
                            .one();
        });
    }

    /**
     * Incidents that go on, or that ended a moment ago, with their circuits.
     *
     * @param endedSince those that ended before this are left out
     * @return them, by organization
     */
    public Map<String, List<Incident>> recent(Instant endedSince) {
        return database.read(handle -> Incidents.recent(handle, database.dialect(), endedSince));
    }

    /** {@return a reader of the audit trail of all organizations} */
    public TrailReader trail() {
        return new TrailReader(new Transitions(database), LINES_AT_ONCE, System::nanoTime);
    }

    /**
     * Writes what became of incidents, what is to be sent of that to whom, and how far the trail has been looked through.
     *
     * @param process the number of this process' life
     * @param changes what changed, by organization
     * @param progress the number of the last line that counted
     * @param now the wall clock's time
     * @return false if another process has the duty by now: nothing was written
     */
    public boolean write(long process, Map<String, List<IncidentChange>> changes, long progress, Instant now) {
        return database.write(handle -> {
            if (!duty.advance(handle, process, progress)) {
                return false;
            }
            changes.forEach((organization, some) -> {
                Incidents.write(handle, database.dialect(), organization, some);
                Failpoint.INCIDENTS_WRITTEN.reach();
                IncidentMessages.note(handle, database.dialect(), organization, some, now);
            });
            return true;
        });
    }
}
