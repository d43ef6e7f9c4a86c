package dev.interlock;

import dev.interlock.store.GateRecord;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;

/**
 * A gate that was put or removed in this process, and what becomes of the change in the store. In this process it is in
 * effect already. Safe for use by any thread.
 */
@Beta
public final class GateChange {
    /** What became of a change. */
    public enum Fate {
        /** The store has it: it outlives this process, and others hear of it. */
        STORED,
        /**
         * Another change of the gate is in its place: a later one of this process, or one that others made meanwhile.
         */
        REPLACED,
        /** It ends with this process: there is no store that keeps gates, or the manager was closed before it was written. */
        UNKEPT
    }

    private final GateRecord record;
    private final CompletableFuture<Fate> fate;

    private final BiFunction<GateChange, Duration, CompletionStage<GateConfirmation>> confirming;

    private GateChange(
            GateRecord record,
            CompletableFuture<Fate> fate,
            BiFunction<GateChange, Duration, CompletionStage<GateConfirmation>> confirming) {
        this.record = record;
        this.fate = fate;
        this.confirming = confirming;
    }

    /** One that is to be written. */
    static GateChange toWrite(
            GateRecord record, BiFunction<GateChange, Duration, CompletionStage<GateConfirmation>> confirming) {
        return new GateChange(record, new CompletableFuture<>(), confirming);
    }

    /** One that no store keeps: this process is all there is. */
    static GateChange unkept(GateRecord record, String process) {
        GateConfirmation own = new GateConfirmation(Set.of(process), Set.of(), true);
        return new GateChange(
                record,
                CompletableFuture.completedFuture(Fate.UNKEPT),
                (change, limit) -> CompletableFuture.completedFuture(own));
    }

    /**
     * What becomes of it in the store. Does not block; while the store is away it does not complete, so callers set a
     * limit.
     *
     * @return completed on the manager's executor, never exceptionally; what is {@link Fate#STORED} was in the store
     *     then
     */
    public CompletionStage<Fate> fate() {
        return fate.minimalCompletionStage();
    }

    /**
     * Which processes obey it. A process that has confirmed a gate gives no permit that it covers from then on; a removal is
     * confirmed as well. A process that is cut off from the others is missing for some seconds; after that it is no
     * longer listed.
     *
     * @param limit how long to wait for those that are missing; zero to ask once
     * @return completed on the manager's executor, never exceptionally: as soon as all obey, else when the limit has passed.
     *     If the change was {@linkplain Fate#REPLACED replaced}, processes that never heard of it are missing
     */
    public CompletionStage<GateConfirmation> confirmed(Duration limit) {
        return confirming.apply(this, limit);
    }

    GateRecord record() {
        return record;
    }

    /** Whether a record is this very change. */
    boolean isOf(GateRecord other) {
        return other.isSameChange(record);
    }

    CompletableFuture<Fate> end() {
        return fate;
    }
}
