package dev.interlock.server.sync;

import dev.interlock.CircuitId;
import dev.interlock.monitor.LogBatchReader;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.loops.LoopRefusals;
import dev.interlock.server.agentlog.LogIntake;
import dev.interlock.server.health.GuardedCalls;
import dev.interlock.server.permits.ClientOutcomes;
import dev.interlock.server.security.Caller;
import dev.interlock.server.sync.SyncRequest.Refusals;
import dev.interlock.server.text.Texts;
import dev.interlock.server.workers.Workers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import java.io.ByteArrayInputStream;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes reports in, each once by its number: short ones on the event loop, long ones and those with entries of the log on
 * workers. Nothing counts before the whole report has been read.
 */
final class Reports {
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

    /** Outcomes of this many bytes are taken in at once: some tens of microseconds. */
    private static final int SHORT = 4_096;

    private static final int ENTRIES_AGAIN_MILLIS = 1_000;

    private final Workers workers;
    private final ClientOutcomes outcomes;
    private final LogIntake log;
    private final LoopRefusals loops;
    private final GuardedCalls calls;
    private final Clock clock;

    Reports(
            Workers workers,
            ClientOutcomes outcomes,
            LogIntake log,
            LoopRefusals loops,
            GuardedCalls calls,
            Clock clock) {
        this.workers = workers;
        this.outcomes = outcomes;
        this.log = log;
        this.loops = loops;
        this.calls = calls;
        this.clock = clock;
    }

    /** A report that was read, nothing of which has counted. */
    private record Read(
            ClientOutcomes.Batch outcomes, LogBatchReader.@Nullable Read entries, List<Refusals> refusals) {}

    /**
     * Takes a report in, or finds the receipt of one that was.
     *
     * @return the receipt and whether the report is a copy, on the caller's event loop
     */
    Future<Taken> take(Caller caller, SyncClient client, SyncRequest request) {
        Context loop = Objects.requireNonNull(Vertx.currentContext());
        Batches.Turn turn = client.batches().turn(request.batch());
        if (turn.first()) {
            begin(caller, client.batches(), request, turn.receipt());
        }
        return Future.fromCompletionStage(turn.receipt(), loop).map(receipt -> new Taken(receipt, !turn.first()));
    }

    /**
     * What became of a report.
     *
     * @param receipt what was written when it was taken in
     * @param repeated whether that was before
     */
    record Taken(Receipt receipt, boolean repeated) {}

    private void begin(Caller caller, Batches batches, SyncRequest request, CompletableFuture<Receipt> done) {
        Receipt receipt = new Receipt(request.batch());
        boolean isShort = request.entries() == null && length(request.outcomes()) <= SHORT;
        if (isShort) {
            try {
                takeIn(caller, read(caller, request), receipt, done);
            } catch (RuntimeException | StackOverflowError refused) {
                batches.undo(refused);
            }
            return;
        }
        workers.change(caller.organization(), () -> {
                    takeIn(caller, read(caller, request), receipt, done);
                    return done;
                })
                .onFailure(batches::undo);
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private Read read(Caller caller, SyncRequest request) {
        byte[] written = request.outcomes();
        return new Read(
                written == null ? ClientOutcomes.Batch.NONE : ClientOutcomes.read(written),
                request.entries() == null ? null : entries(caller, request.entries(), request.sentAt()),
                request.refusals());
    }

    private LogBatchReader.Read entries(Caller caller, byte[] entries, @Nullable String sentAt) {
        Buffer batch = Buffer.buffer("{");
        if (sentAt != null) {
            batch.appendString("\"sent_at\":")
                    .appendBuffer(Json.encodeToBuffer(sentAt))
                    .appendString(",");
        }
        batch.appendString("\"entries\":").appendBytes(entries).appendString("}");
        return log.read(caller, new ByteArrayInputStream(batch.getBytes()));
    }

    /** From here on it counts: whatever fails now is said in the receipt. */
    private void takeIn(Caller caller, Read read, Receipt receipt, CompletableFuture<Receipt> done) {
        CompletionStage<?> taken;
        if (read.outcomes().mayMove()) {
            receipt.moves();
        }
        try {
            taken = outcomes.take(caller, read.outcomes(), receipt);
            count(caller, read.refusals(), receipt);
            log(caller, read.entries(), receipt);
        } catch (RuntimeException | StackOverflowError mistake) {
            mistake(mistake, receipt);
            taken = CompletableFuture.completedFuture(null);
        }
        taken.whenComplete((settled, failed) -> {
            if (failed != null) {
                mistake(failed, receipt);
            }
            done.complete(receipt);
        });
    }

    private static void mistake(Throwable mistake, Receipt receipt) {
        LOG.error("A report of a client was not taken in whole, by a mistake of the server", mistake);
        receipt.refused("report", 0, "The server made a mistake; what is not in this receipt may have counted or not");
    }

    private void count(Caller caller, List<Refusals> refusals, Receipt receipt) {
        for (int i = 0; i < refusals.size(); i++) {
            Refusals each = refusals.get(i);
            if (!caller.mayTouch(each.agent())) {
                receipt.refused(
                        "refusals", i, "This key may not act for the agent '" + Texts.shown(each.agent()) + "'");
                continue;
            }
            CircuitId agent = new CircuitId(caller.organization(), each.agent());
            CircuitId circuit = new CircuitId(caller.organization(), each.circuit());
            if (!caller.mayDependOn(each.circuit()) || !calls.refused(agent, circuit, each.count(), clock.instant())) {
                receipt.refused(
                        "refusals",
                        i,
                        "circuit = '" + Texts.shown(each.circuit()) + "': no call of this key has used it so far");
            }
        }
    }

    private void log(Caller caller, LogBatchReader.@Nullable Read entries, Receipt receipt) {
        if (entries == null) {
            return;
        }
        dev.interlock.monitor.Receipt taken = log.take(caller, entries);
        if (taken == null) {
            receipt.entriesAgain(ENTRIES_AGAIN_MILLIS);
            return;
        }
        receipt.entries(taken.accepted(), taken.notStored());
        taken.refused().forEach(each -> receipt.refused("entries", each.index(), each.problem()));
        loops(caller, entries.batch().entries(), receipt);
    }

    /** A client that lets calls pass by itself hears here which of its executions are in a loop. */
    private void loops(Caller caller, List<LogEntry> entries, Receipt receipt) {
        Set<Run> runs = new LinkedHashSet<>();
        for (LogEntry each : entries) {
            String execution = each.executionId();
            if (execution != null && caller.mayTouch(each.agentId())) {
                runs.add(new Run(each.agentId(), execution));
            }
        }
        for (Run run : runs) {
            loops.left(new CircuitId(caller.organization(), run.agent()), run.execution())
                    .ifPresent(left -> receipt.loop(run.agent(), run.execution(), left));
        }
    }

    private record Run(String agent, String execution) {}
}
