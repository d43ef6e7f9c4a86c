package dev.interlock.monitor;

import java.util.List;

/** Where the rows of the agent log lie. Implementations are safe for use by any thread. */
public interface LogStore {
    /**
     * Takes rows over. It is on the way of every batch, so it never waits for a database: what cannot be written now is
     * kept within bounds, and what is lost is counted by the store.
     *
     * @param rows of one batch; a row whose organization has one with the same entry id already is left out
     * @return how many of them the store did not take over, for example since a quota is used up; 0 in the usual case
     */
    int append(List<LogRow> rows);

    /**
     * Reads a page; may wait for a database.
     *
     * @param query which rows
     * @return the newest that came in after nothing, or else the page after the one that the query names
     * @throws IllegalArgumentException if the query's {@code after} is none that a page named
     */
    LogPage find(LogQuery query);
}
