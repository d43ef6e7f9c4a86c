package dev.interlock;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateRecord;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The gates of a manager, in front of its circuits. Get them from {@link CircuitBreakerManager#gates()}.
 *
 * <p>A call that a gate covers is refused with a {@link CircuitOpenException} that has a {@link
 * CircuitOpenException#gate() gate}, held closed or not. Circuits do not change: outcomes of calls under way count,
 * cooldowns, holds and leases run on, trials and probes wait. Once a gate is removed, everything is as if it had never
 * been there.
 *
 * <p>With a {@link ManagerBuilder#store store} gates outlive the process and act in all processes that use it; a process
 * that begins has them before its first call. Safe for use by any thread; nothing here waits for the store.
 */
@Beta
public final class Gates {
    /** The most gates of one organization that are in effect at a time. */
    public static final int MOST = GateTable.MOST;

    private final GateTable table;
    private final TimeSource time;
    private final String process;
    private final @Nullable GateWriter writer;
    private final GateHearers hearers;

    Gates(GateTable table, TimeSource time, String process, @Nullable GateWriter writer, GateHearers hearers) {
        this.hearers = hearers;
        this.process = process;
        this.table = table;
        this.time = time;
        this.writer = writer;
    }

    /**
     * Puts a gate, in place of one of the same id. Once this returns, no call begins in this process that it covers; in
     * others as soon as they hear of it.
     *
     * @param gate which calls, who says so and until when
     * @return what becomes of it in the store, for those who want to know
     * @throws TooManyGatesException if {@value #MOST} gates of its organization are in effect and this is one more
     */
    public GateChange put(Gate gate) {
        GateRecord put = table.put(gate);
        Failpoint.GATE_SHOWN.reach();
        return note(put);
    }

    /**
     * Removes a gate.
     *
     * @param organization whose calls it refuses
     * @param id its name within the organization
     * @param actor who removes it, 1 to 256 characters
     * @param reason why, or null; at most 1,024 characters
     * @return what becomes of that in the store; null if no gate of that id is in effect
     * @throws IllegalArgumentException if the actor is blank, or a text is too long or not printable
     */
    public @Nullable GateChange remove(String organization, String id, String actor, @Nullable String reason) {
        Objects.requireNonNull(organization, "organization must not be null");
        Objects.requireNonNull(id, "id must not be null");
        Signature.check("The removal of a gate", actor, reason);
        GateRecord removed = table.remove(organization, id, new GateRecord.Removal(actor, reason, time.wallTime()));
        return removed == null ? null : note(removed);
    }

    /**
     * Whether a gate refuses calls of a circuit, or calls that depend on it.
     *
     * @param id the circuit's id; there need be no such circuit
     * @return false if no gate covers it now
     */
    public boolean cover(CircuitId id) {
        return list(id.organization()).stream()
                .map(Gate::pattern)
                .anyMatch(pattern -> pattern == null || pattern.matches(id.name()));
    }

    /**
     * The gates that are in effect in this process: put here or elsewhere, neither removed nor ended.
     *
     * @return those of all organizations, the oldest first
     */
    public List<Gate> list() {
        return table.list();
    }

    /**
     * The gates of one organization.
     *
     * @param organization whose calls they refuse
     * @return those that are in effect, the oldest first
     */
    public List<Gate> list(String organization) {
        Objects.requireNonNull(organization, "organization must not be null");
        return table.list().stream()
                .filter(gate -> gate.organization().equals(organization))
                .toList();
    }

    /**
     * Adds a listener for changes of the gates in effect in this process: one was put, moved or removed, here or
     * elsewhere, or has ended. Several changes may be one call. Called on a thread for events, one call at a time.
     *
     * @param hearer looks at {@link #list} itself; what it throws is reported, and affects nobody else
     */
    public void onChange(Runnable hearer) {
        hearers.add(Objects.requireNonNull(hearer, "What hears of changes must not be null"));
    }

    /**
     * Sets who reports on this process' followers: those that hear of gates through it and decide by themselves, such
     * as clients of a server. The report goes with its own confirmation of each change, and again for some seconds
     * while any follower is missing. Other processes find it in {@link GateConfirmation#followers}; without a store
     * that knows its processes nobody does.
     *
     * @param followers says how an organization's followers are doing with the gates that are in effect here now.
     *     Called on the thread that writes gates, so it must not wait; what it throws is reported
     */
    public void followedBy(Function<String, GateFollowers> followers) {
        Objects.requireNonNull(followers, "What says how followers are doing must not be null");
        if (writer != null) {
            writer.followedBy(followers);
        }
    }

    /**
     * Completes once everything that was put or removed here up to now is written; {@link GateChange#fate} says what
     * became of each change. Does not block; while the store is away it does not complete, so callers set a limit.
     *
     * @return completed with true once all is written; with false without a store that keeps gates, or if the manager is
     *     closed before
     */
    public CompletionStage<Boolean> written() {
        return writer == null ? CompletableFuture.completedFuture(false) : writer.written();
    }

    private GateChange note(GateRecord changed) {
        if (writer == null) {
            return GateChange.unkept(changed, process);
        }
        GateChange change = GateChange.toWrite(changed, writer::confirmed);
        writer.note(change);
        return change;
    }
}
