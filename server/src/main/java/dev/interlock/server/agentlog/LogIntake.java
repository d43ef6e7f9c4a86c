package dev.interlock.server.agentlog;

import dev.interlock.jdbc.JdbcLogStore;
import dev.interlock.monitor.LogBatch;
import dev.interlock.monitor.LogBatchReader;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.Receipt;
import dev.interlock.monitor.Redactor;
import dev.interlock.server.http.Problem;
import dev.interlock.server.security.Caller;
import dev.interlock.server.text.Texts;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads batches of the agent log and takes their entries in. Its methods take long: for workers. Safe for use by any thread. */
public final class LogIntake {
    private final LogProcessor log;
    private final JdbcLogStore store;
    private final Counter taken;
    private final Counter refused;

    /**
     * An intake.
     *
     * @param log takes entries in
     * @param store where they lie
     * @param meters where figures are kept
     */
    public LogIntake(LogProcessor log, JdbcLogStore store, MeterRegistry meters) {
        this.log = log;
        this.store = store;
        this.taken = counter(meters, "taken");
        this.refused = counter(meters, "refused");
    }

    /**
     * Reads a batch; nothing of it counts yet.
     *
     * @param caller who sent it
     * @param body JSON
     * @return what could be read, without secrets
     * @throws Problem 400 if it is no batch, 403 if it is another organization's
     */
    public LogBatchReader.Read read(Caller caller, InputStream body) {
        try {
            LogBatchReader.Read read = LogBatchReader.read(body, entry -> checked(caller, entry));
            String organization = read.batch().organization();
            if (organization != null && !organization.equals(caller.organization())) {
                throw Problem.forbidden("organization_id must be the caller's own, or absent");
            }
            return read;
        } catch (IllegalArgumentException noBatch) {
            throw Problem.invalid(Texts.sentence(String.valueOf(noBatch.getMessage())));
        }
    }

    /**
     * Takes in what was read.
     *
     * @param caller who sent it
     * @param read what could be read
     * @return what became of each entry; null, and nothing has counted, if more come in than the database takes
     */
    public @Nullable Receipt take(Caller caller, LogBatchReader.Read read) {
        Receipt receipt = take(new LogBatch(
                caller.organization(), read.batch().sentAt(), read.batch().entries(), caller.source()));
        if (receipt == null) {
            return null;
        }
        Receipt whole = read.receipt(receipt);
        taken.increment(whole.accepted());
        refused.increment(whole.refused().size());
        return whole;
    }

    Receipt take(Caller caller, InputStream body, Runnable giveRoom) {
        LogBatchReader.Read read = read(caller, body);
        giveRoom.run();
        Receipt receipt = take(caller, read);
        if (receipt == null) {
            throw behind();
        }
        return receipt;
    }

    /** Room is kept first: what counts is stored, too, and a batch that has to be sent again has not counted. */
    private @Nullable Receipt take(LogBatch batch) {
        if (batch.entries().isEmpty()) {
            return Receipt.ofAll(0);
        }
        try (JdbcLogStore.Room room = store.reserve(String.valueOf(batch.organization()), batch.entries())) {
            return room == null ? null : log.take(batch);
        }
    }

    static Problem behind() {
        return Problem.tooMany(
                "More entries of this organization come in than the database takes; send this batch again later", 1);
    }

    private static LogEntry checked(Caller caller, LogEntry entry) {
        if (!caller.mayTouch(entry.agentId())) {
            throw new IllegalArgumentException("This key may not log for the agent '" + Texts.shown(entry.agentId())
                    + "'; it is limited to '" + caller.agents() + "'");
        }
        for (String name : entry.dependsOn()) {
            if (!caller.mayDependOn(name) && !entry.guarded()) {
                throw new IllegalArgumentException("depends_on: this key may not report calls that depend on '"
                        + Texts.shown(name) + "'; it is limited to '" + caller.agents() + "'");
            }
        }
        String problem = caller.problemOfSpeakingFor(entry.caller());
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        LogEntry clean = entry(caller, Entries.clean(entry, Redactor.standard()));
        boolean isAgents = entry.caller() == null && caller.maySpeakFor(entry.agentId());
        return isAgents ? clean.toBuilder().caller(entry.agentId()).build() : clean;
    }

    /** A guard says what it depends on without being asked: what its key may not feed is left out, and the entry kept. */
    private static LogEntry entry(Caller caller, LogEntry clean) {
        return clean.dependsOn().stream().allMatch(caller::mayDependOn)
                ? clean
                : clean.toBuilder()
                        .dependsOn(clean.dependsOn().stream()
                                .filter(caller::mayDependOn)
                                .toList())
                        .build();
    }

    private static Counter counter(MeterRegistry meters, String result) {
        return Counter.builder("interlock.log.entries")
                .description("Entries of the agent log that were sent, by whether they were taken in")
                .tag("result", result)
                .register(meters);
    }
}
