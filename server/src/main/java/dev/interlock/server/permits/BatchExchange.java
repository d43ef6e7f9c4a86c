package dev.interlock.server.permits;

import dev.interlock.Settlement;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Problem;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * One batch of outcomes, worked off as it arrives: the next piece is read when this one is done, so a sender is never
 * faster than the circuits, and no more than one entry waits in memory. On its event loop only.
 */
final class BatchExchange implements BatchSplitter.Sink {
    private static final int MOST_ERRORS = 100;

    private final Exchange exchange;
    private final PermitDesk desk;
    private final BatchSplitter splitter = new BatchSplitter(this);
    private final long[] settlements = new long[Settlement.values().length];
    private final JsonArray errors = new JsonArray();
    private long index;
    private long refused;
    private long repeated;
    private boolean failed;

    BatchExchange(Exchange exchange, PermitDesk desk) {
        this.exchange = exchange;
        this.desk = desk;
    }

    void start() {
        HttpServerRequest request = exchange.request();
        request.handler(piece -> {
            if (!failed) {
                try {
                    splitter.feed(piece.getBytes());
                } catch (RuntimeException | StackOverflowError mistake) {
                    failed = true;
                    exchange.fail(mistake);
                }
            }
        });
        request.exceptionHandler(gone -> failed = true); // what came before counts; there is nobody to answer
        request.endHandler(end -> {
            if (!failed) {
                splitter.end();
                answer();
            }
        });
    }

    @Override
    public void entry(byte[] bytes, int from, int length) {
        try {
            Report report = BodyReader.entry(bytes, from, length);
            Settlement settlement = PermitEndpoints.settle(desk, exchange.caller(), report.agent(), report);
            settlements[settlement.ordinal()]++;
            index++;
        } catch (BadBodyException bad) {
            badEntry(bad.detail());
        } catch (PermitRefusedException refusal) {
            repeated += refusal.reason() == PermitRefusedException.Reason.SETTLED ? 1 : 0;
            badEntry(refusal.detail());
        } catch (Problem problem) {
            badEntry(String.valueOf(problem.getMessage()));
        } catch (TooManyCircuitsException full) {
            badEntry(String.valueOf(full.getMessage()));
        }
    }

    @Override
    public void badEntry(String detail) {
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
