package dev.interlock.server.sync;

import dev.interlock.server.http.Problem;
import java.util.concurrent.CompletableFuture;

/**
 * The reports of one client by their numbers, so that one whose answer was lost can be sent again and counts once. Keeps
 * the newest number and its receipt. Safe for use by any thread.
 */
final class Batches {
    private long newest;
    private long before;
    private CompletableFuture<Receipt> receipt = CompletableFuture.completedFuture(new Receipt(0));
    private CompletableFuture<Receipt> receiptBefore = receipt;

    /**
     * What is to be done about a report.
     *
     * @param first whether it is to be taken in, and the receipt to be completed; else it was, or is being
     * @param receipt what became of it
     */
    record Turn(boolean first, CompletableFuture<Receipt> receipt) {}

    /**
     * Whose turn a report is.
     *
     * @throws Problem 409 if the one before it is still being taken in
     */
    synchronized Turn turn(long number) {
        if (number < newest) {
            return new Turn(false, CompletableFuture.completedFuture(new Receipt(number)));
        }
        if (number == newest) {
            return new Turn(false, receipt);
        }
        if (!receipt.isDone()) {
            throw new Problem(
                    409,
                    "report-under-way",
                    "A report is under way",
                    "batch = " + number + ": the report " + newest
                            + " of this client is still being taken in; send this" + " one when that has its receipt");
        }
        before = newest;
        receiptBefore = receipt;
        newest = number;
        receipt = new CompletableFuture<>();
        return new Turn(true, receipt);
    }

    /** Nothing of the newest report was taken in. */
    void undo(Throwable why) {
        CompletableFuture<Receipt> undone;
        synchronized (this) {
            undone = receipt;
            newest = before;
            receipt = receiptBefore;
        }
        undone.completeExceptionally(why);
    }
}
