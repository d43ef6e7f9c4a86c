package dev.interlock;

import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.Reporting;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reports which gates this process obeys, and asks who else does for those who want to know. Its rounds are for one thread;
 * {@link #ask} may be called by any.
 */
final class GateObedience {
    /** Completes what somebody waits for, where that runs on. */
    interface Answering {
        void answer(CompletableFuture<GateConfirmation> asking, GateConfirmation answer);
    }

    /** How often it is asked who obeys while somebody waits for that. */
    private static final long ASK_NANOS = 20_000_000L;

    /** How long after a report that did not arrive the next one is made. */
    private static final long RETRY_NANOS = 500_000_000L;

    private static final long LONGEST = Duration.ofDays(1).toNanos();

    private record Asking(GateRecord change, long until, CompletableFuture<GateConfirmation> answer) {}

    private final GateProcesses processes;
    private final GateFollowing following = new GateFollowing();
    private final String own;
    private final LongSupplier nanos;
    private final long every;
    private final Queue<GateRecord> obeyed = new ConcurrentLinkedQueue<>();
    private final Queue<Asking> asking = new ConcurrentLinkedQueue<>();
    private long reportAt;
    private long retryAt;

    /** @param nanos the clock by which reports are due, and limits pass */
    GateObedience(GateProcesses processes, String own, LongSupplier nanos) {
        this.processes = processes;
        this.own = own;
        this.nanos = nanos;
        this.every = processes.every().toNanos();
        this.reportAt = nanos.getAsLong();
        this.retryAt = reportAt;
    }

    /** Says that this process lives, if the store can be reached; to be called before the gates are read first. */
    void begin() {
        report();
    }

    /** From now on this says how those follow who hear of gates through this process. */
    void followedBy(Function<String, GateFollowers> followers) {
        following.by(followers);
    }

    /** A change is obeyed here from now on. */
    void obeys(GateRecord change) {
        obeyed.add(change);
    }

    /** Who obeys a change: once all do, or the limit has passed. */
    CompletableFuture<GateConfirmation> ask(GateRecord change, Duration limit) {
        long left = limit.compareTo(Duration.ofNanos(LONGEST)) > 0 ? LONGEST : Math.max(0, limit.toNanos());
        Asking question = new Asking(change, nanos.getAsLong() + left, new CompletableFuture<>());
        asking.add(question);
        return question.answer;
    }

    /** Does what is due; returns in how many nanoseconds the next round is, at most the given number. */
    @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a concurrent one, whose iterator goes on
    long round(Answering answering, long otherwise) {
        long now = nanos.getAsLong();
        obeyed.addAll(following.news(now));
        boolean isOwed = !obeyed.isEmpty() && now - retryAt >= 0;
        if (isOwed || every > 0 && now - reportAt >= 0) {
            retryAt = report() ? now : now + RETRY_NANOS;
            reportAt = now + every;
        }
        for (Asking each : asking) {
            GateConfirmation found = look(each.change);
            if (found.isWhole() || now - each.until >= 0) {
                asking.remove(each);
                answering.answer(each.answer, found);
            }
        }
        long next = every > 0 ? Math.min(otherwise, Math.max(0, reportAt - now)) : otherwise;
        next = following.left(now, next);
        next = obeyed.isEmpty() ? next : Math.min(next, Math.max(0, retryAt - now));
        return asking.isEmpty() ? next : Math.min(next, ASK_NANOS);
    }

    /** Nobody is asked any more. */
    void end(Answering answering) {
        asking.forEach(each -> answering.answer(each.answer, alone(own)));
        try {
            processes.leave(own);
        } catch (RuntimeException away) {
            return; // then it counts as living for some seconds more
        }
    }

    /** Of a store that does not know its processes, or cannot be asked. */
    static GateConfirmation alone(String own) {
        return new GateConfirmation(Set.of(own), Set.of(), false);
    }

    private boolean report() {
        Set<GateRecord> changes = new LinkedHashSet<>(); // none says that it lives
        for (GateRecord each = obeyed.poll(); each != null; each = obeyed.poll()) {
            changes.add(each);
        }
        boolean reported = false;
        try {
            processes.report(own, following.say(changes, nanos.getAsLong()));
            reported = true;
        } catch (StoreUnavailableException away) {
            reported = changes.isEmpty();
        } catch (RuntimeException broken) {
            Reporting.report(broken); // who obeys is not known then, which keeps no gate from being written
        } finally {
            if (!reported) {
                obeyed.addAll(changes);
            }
        }
        return reported;
    }

    private GateConfirmation look(GateRecord change) {
        @Nullable Map<String, Optional<GateFollowers>> obeying;
        try {
            obeying = processes.obeying(change);
        } catch (StoreUnavailableException away) {
            obeying = null;
        } catch (RuntimeException broken) {
            Reporting.report(broken);
            obeying = null;
        }
        return obeying == null ? alone(own) : GateConfirmation.of(obeying, own);
    }
}
