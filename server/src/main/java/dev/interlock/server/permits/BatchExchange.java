package dev.interlock.server.permits;

import dev.interlock.Settlement;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Incoming;
import dev.interlock.server.http.Problem;
import dev.interlock.server.permits.SettledTogether.Answer;
import dev.interlock.server.security.Caller;
import dev.interlock.server.workers.Turns;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One batch of outcomes, worked off as it arrives, in its order. Alone, the next piece is read when this one is done, so a
 * sender is never faster than the circuits, and no more than one entry waits in memory. Where the other servers are asked
 * about permits, what arrives meanwhile is gathered for the next question, up to {@value #MOST_WAITING} entries. On its
 * event loop only.
 */
final class BatchExchange implements BatchSplitter.Sink, Incoming.Reader {
    static final int MOST_WAITING = 1_000;

    /** How many entries are settled in one turn: some tens of microseconds. */
    private static final int A_TURN = 32;

    private static final int MOST_ERRORS = 100;

    /** An entry that waits for its turn: one of the three is there, and a claim has its report within. */
    private record Entry(
            @Nullable Claim claim,
            @Nullable Report report,
            @Nullable String mistake) {}

    private final Exchange exchange;
    private final PermitDesk desk;
    private final Context loop = Objects.requireNonNull(Vertx.currentContext());
    private final Incoming incoming;
    private final BatchSplitter splitter = new BatchSplitter(this);
    private final long[] settlements = new long[Settlement.values().length];
    private final JsonArray errors = new JsonArray();
    private List<Entry> waiting = new ArrayList<>();
    private boolean asking;
    private boolean paused;
    private boolean ended;
    private long index;
    private long refused;
    private long repeated;
    private boolean failed;

    BatchExchange(Exchange exchange, PermitDesk desk) {
        this.exchange = exchange;
        this.desk = desk;
        this.incoming = exchange.receive(this);
    }

    @Override
    public void piece(Buffer piece) {
        splitter.feed(piece.getBytes());
        workOff();
    }

    @Override
    public boolean worksOffPieces() {
        return true;
    }

    @Override
    public void end() {
        splitter.end();
        ended = true;
        workOff();
    }

    /** What was claimed before counts. */
    @Override
    public void gone() {
        failed = true;
        workOff();
    }

    @Override
    public void entry(byte[] bytes, int from, int length) {
        try {
            Report report = BodyReader.entry(bytes, from, length);
            Claim claim = PermitEndpoints.claim(desk, exchange.caller(), report.agent(), report);
            boolean waits = asking || !waiting.isEmpty() || claim != null && desk.asksOthers();
            if (waits) {
                waiting.add(new Entry(claim, claim == null ? report : null, null));
            } else if (claim == null) {
                record(report);
            } else {
                settle(claim, Answer.UNKNOWN);
            }
        } catch (BadBodyException bad) {
            badEntry(bad.detail());
        } catch (PermitRefusedException refusal) {
            repeated += refusal.reason() == PermitRefusedException.Reason.SETTLED ? 1 : 0;
            badEntry(refusal.detail());
        } catch (Problem problem) {
            badEntry(String.valueOf(problem.getMessage()));
        }
    }

    @Override
    public void badEntry(String detail) {
        if (asking || !waiting.isEmpty()) {
            waiting.add(new Entry(null, null, detail));
        } else {
            refuse(detail);
        }
    }

    /** Asks about what waits, unless a question is under way, and answers once nothing is left. */
    private void workOff() {
        if (asking) {
            if (waiting.size() >= MOST_WAITING && !paused) {
                paused = true;
                incoming.hold();
            }
            return;
        }
        if (!waiting.isEmpty()) {
            List<Entry> now = waiting;
            waiting = new ArrayList<>();
            List<Claim> claims = new ArrayList<>(now.size());
            for (Entry each : now) {
                if (each.claim() != null) {
                    claims.add(each.claim());
                }
            }
            asking = true;
            desk.ask(claims).thenAccept(answers -> loop.runOnContext(done -> heard(new Heard(now, answers))));
        } else if (ended && !failed) {
            answer();
        }
        if (paused) {
            paused = false;
            incoming.goOn();
        }
    }

    /** What was claimed is settled also where the sender has gone, or was answered with a mistake of ours. */
    private void heard(Heard question) {
        try {
            question.workOff(A_TURN);
        } catch (RuntimeException mistake) {
            failed = true;
            exchange.fail(mistake);
        }
        if (question.isWorkedOff()) {
            asking = false;
            workOff();
        } else {
            Turns.add(loop.owner(), exchange.caller().organization(), () -> heard(question));
        }
    }

    /** Entries, and what the other servers answered about the claims among them. */
    private final class Heard {
        private final List<Entry> entries;
        private final Answer[] answers;
        private int nextEntry;
        private int nextAnswer;

        Heard(List<Entry> entries, Answer[] answers) {
            this.entries = entries;
            this.answers = answers;
        }

        boolean isWorkedOff() {
            return nextEntry == entries.size();
        }

        void workOff(int most) {
            int end = Math.min(nextEntry + most, entries.size());
            while (nextEntry < end) {
                Entry each = entries.get(nextEntry++);
                if (each.claim() != null) {
                    settle(each.claim(), answers[nextAnswer++]);
                } else if (each.report() != null) {
                    record(each.report());
                } else {
                    refuse(String.valueOf(each.mistake()));
                }
            }
        }
    }

    private void settle(Claim claim, Answer others) {
        try {
            count(desk.settle(claim, others));
        } catch (PermitRefusedException refusal) {
            repeated++;
            refuse(refusal.detail());
        }
    }

    private void record(Report report) {
        try {
            Caller caller = exchange.caller();
            String agent = Objects.requireNonNull(report.agent());
            count(desk.record(caller.organization(), agent, report, caller.sourceFor(agent)));
        } catch (TooManyCircuitsException | Problem refusal) {
            refuse(String.valueOf(refusal.getMessage()));
        }
    }

    private void count(Settlement settlement) {
        settlements[settlement.ordinal()]++;
        index++;
    }

    private void refuse(String detail) {
        refused++;
        if (errors.size() < MOST_ERRORS) {
            errors.add(new JsonObject().put("index", index).put("detail", detail));
        }
        index++;
    }

    private void answer() {
        long counted = settlements[Settlement.COUNTED.ordinal()];
        long ignored = settlements[Settlement.IGNORED.ordinal()];
        long late = settlements[Settlement.LATE.ordinal()];
        exchange.answer(new JsonObject()
                .put("accepted", counted + ignored + late)
                .put("counted", counted)
                .put("ignored", ignored)
                .put("late", late)
                .put("repeated", repeated)
                .put("refused", refused)
                .put("errors", errors));
    }
}
