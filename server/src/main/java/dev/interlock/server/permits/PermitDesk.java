package dev.interlock.server.permits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import dev.interlock.InnerCalls;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.TimeSource;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.server.permits.Ancestor.Note;
import dev.interlock.server.permits.PermitRefusedException.Reason;
import dev.interlock.server.permits.SettledTogether.Answer;
import dev.interlock.server.permits.SettledTogether.Word;
import dev.interlock.store.GivenTrial;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Gives permits to callers elsewhere and takes their outcomes. Works in memory only and never blocks: made for event
 * loops. Safe for use by any thread.
 *
 * <p>A permit that is out lives in its token; only a trial keeps an object here. An outcome of one of our own permits
 * counts in the epoch that admitted the call, by its epoch; one of another server, or of an earlier life of this one, by
 * the call's age, and as the trial that it is among all servers. Each settles once: here always, and over all servers
 * where they remember together.
 */
public final class PermitDesk {
    /** How long a permit can be settled. */
    static final Duration LIFETIME = Duration.ofHours(24);

    private static final int MOST_SEGMENTS = 16_384;
    private static final int MOST_TRIALS = 100_000;
    private static final int MOST_NOTES = 50_000;

    /**
     * A permit for a caller.
     *
     * @param permit its text
     * @param expires when it can be settled no more
     * @param token what the text says
     */
    record Issued(String permit, Instant expires, PermitToken token) {}

    private final CircuitBreakerManager circuits;
    private final TimeSource time;
    private final PermitSeal seal;
    private final PermitWatch watch;
    private final long lifetime = LIFETIME.toNanos();
    private final PermitNumbers numbers = new PermitNumbers();
    private final SettledPermits settled = new SettledPermits(MOST_SEGMENTS, lifetime);
    private final @Nullable SettledTogether together;
    private final LongAdder alone = new LongAdder();
    private final SettlementBalance balance = new SettlementBalance();
    private final TrialsOut trials = new TrialsOut(MOST_TRIALS, lifetime);
    private final EnclosingTrials enclosing;
    private final InnerCallNotes inner;

    /**
     * A desk before some circuits.
     *
     * @param circuits the circuits; its generation must never have been another server's
     * @param time the circuits' clocks
     * @param key signs permits: at least 32 random bytes, the same for all servers of one database
     * @param watch hears who asks for permits, and takes in outcomes without one
     * @param together where all servers remember which permits are settled, or null if each does so by itself
     * @throws IllegalArgumentException if the key is shorter
     */
    public PermitDesk(
            CircuitBreakerManager circuits,
            TimeSource time,
            byte[] key,
            PermitWatch watch,
            @Nullable SettledTogether together) {
        this.together = together;
        this.circuits = circuits;
        this.time = time;
        this.watch = watch;
        this.seal = new PermitSeal(key);
        this.enclosing = new EnclosingTrials(trials, circuits.generation());
        this.inner = new InnerCallNotes(new InnerNotes(MOST_NOTES, lifetime), together);
    }

    CircuitBreakerManager circuits() {
        return circuits;
    }

    /**
     * Asks all circuits around a call for permission; all give it or none. What becomes of it is noted with the permits
     * around it, here; with the other servers by {@link #share}.
     *
     * @param around the permits within whose calls this one is made, the innermost first
     * @throws CircuitOpenException if one refuses
     * @throws TooManyCircuitsException if there is no room for a new circuit
     * @throws IllegalArgumentException if a name is none
     * @throws PermitRefusedException if the permits around it have names so long that none can be written
     */
    Issued issue(String organization, String agent, List<String> dependencies, List<Ancestor> around)
            throws PermitRefusedException {
        return issue(organization, agent, new PermitRequest(dependencies, null, null, List.of()), around, null, null);
    }

    /**
     * As {@link #issue(String, String, List, List)} does, for a call whose caller is known.
     *
     * @param request what the call depends on, and who makes it if who asks has named somebody else
     * @param source who asks, or null for the agent
     * @param borrowed what {@link #borrow} has completed with, to be closed before anybody has the permit; or null
     */
    Issued issue(
            String organization,
            String agent,
            PermitRequest request,
            List<Ancestor> around,
            @Nullable String source,
            @Nullable Permit borrowed)
            throws PermitRefusedException {
        Guard guard = guard(organization, agent, request, source);
        Instant wall = time.wallTime();
        watch.asked(guard.id(), guard.dependencies(), wall);
        Permit permit;
        try {
            Permit parent = borrowed != null ? borrowed : enclosing.here(around);
            permit = parent == null ? guard.acquire() : parent.supply(guard::acquire);
        } catch (CircuitOpenException refused) {
            watch.refused(guard.id(), refused.id(), wall);
            inner.note(organization, around, List.of(refused.id().name()), Note.REFUSED, time.ticks());
            throw refused;
        }
        long number = numbers.next(organization);
        long now = time.ticks();
        PermitToken token = new PermitToken(
                organization,
                agent,
                guard.dependencies().stream().map(CircuitId::name).toList(),
                permit.epochs(),
                circuits.generation(),
                number,
                now,
                wall.toEpochMilli(),
                permit.trials(),
                Ancestor.around(around, permit.trials()),
                request.caller());
        String text = seal.seal(token);
        if (text.length() > PermitSeal.LONGEST) {
            permit.cancel();
            throw PermitRefusedException.noParent(
                    "the names of all circuits around this call are too long for one permit; use shorter ones");
        }
        if (permit.isTrial()) {
            trials.add(organization, number, permit, now);
        }
        inner.note(organization, around, token.circuits(), Note.ADMITTED, now);
        balance.given();
        return new Issued(text, wall.plus(LIFETIME), token);
    }

    /**
     * Asks the other servers for the places of the trials around a call.
     *
     * @return completes, on any thread, with what stands for the calls around it, for {@link #issue}; null if there is
     *     nothing to ask for
     */
    @Nullable
    CompletionStage<Permit> borrow(
            String organization, String agent, PermitRequest request, List<Ancestor> around, @Nullable String source) {
        Map<GivenTrial, Duration> shared = asksOthers() ? enclosing.shared(around, time) : Map.of();
        return shared.isEmpty()
                ? null
                : guard(organization, agent, request, source).borrow(shared, enclosing.here(around));
    }

    /**
     * The permits around a call that is made within another's, the innermost first.
     *
     * @param mayUse whether the caller's key may act for an agent
     * @throws PermitRefusedException if the text is no permit of a call under way that the key may use
     */
    List<Ancestor> around(String organization, String parent, Predicate<String> mayUse) throws PermitRefusedException {
        PermitToken token;
        try {
            token = open(organization, null, parent);
        } catch (PermitRefusedException none) {
            throw PermitRefusedException.noParent("it is no permit that this fleet gave to this organization");
        }
        if (!mayUse.test(token.agent())) {
            throw PermitRefusedException.noParent("this key may not act for the agent that it was given to");
        }
        if (age(token) > lifetime) {
            throw PermitRefusedException.noParent("it was given more than 24 h ago");
        }
        if (settled.isSettled(token.organization(), token.generation(), token.number())) {
            throw PermitRefusedException.settledParent();
        }
        if (token.around().size() + 1 >= Ancestor.MOST_LEVELS) {
            throw PermitRefusedException.noParent("calls may lie within each other up to " + Ancestor.MOST_LEVELS
                    + " levels, and this one would be beyond");
        }
        return Ancestor.around(token);
    }

    /**
     * Notes with the other servers that a call within others was admitted.
     *
     * @return the same permit; fails with a {@link PermitRefusedException}, and takes it back, if they know its parent as
     *     settled
     */
    CompletionStage<Issued> share(Issued issued) {
        PermitToken token = issued.token();
        return inner.share(token.around(), token.circuits(), Note.ADMITTED).thenCompose(isSettled -> {
            if (!isSettled) {
                return CompletableFuture.completedFuture(issued);
            }
            Permit trial = trials.take(token.number());
            if (trial != null) {
                trial.cancel();
            }
            return CompletableFuture.failedFuture(PermitRefusedException.settledParent());
        });
    }

    /** Notes with the other servers that a call within others was refused. */
    CompletionStage<?> share(List<Ancestor> around, CircuitOpenException refused) {
        return inner.share(around, List.of(refused.id().name()), Note.REFUSED);
    }

    /** The permit that a text is, if it is of this organization; and of this agent, if one is named. */
    PermitToken open(String organization, @Nullable String agent, String text) throws PermitRefusedException {
        PermitToken token = seal.open(text);
        if (!token.organization().equals(organization)) {
            throw new PermitRefusedException(
                    Reason.FOREIGN, "permit: was given to another organization; settle it with a key of that one");
        }
        if (agent != null && !token.agent().equals(agent)) {
            throw new PermitRefusedException(
                    Reason.FOREIGN,
                    "permit: was given for a call of another agent than " + BadBodyException.shown(agent)
                            + "; settle it under the agent that it was given for");
        }
        return token;
    }

    /**
     * Claims a permit in this server's own memory: then nobody else settles it here.
     *
     * @return what is to be settled, at once or once the other servers have {@linkplain #ask been asked}
     */
    Claim claim(PermitToken token, Report report) throws PermitRefusedException {
        return claim(token, report, null);
    }

    /** As {@link #claim(PermitToken, Report)} does, where it is known who reports; null for the agent. */
    Claim claim(PermitToken token, Report report, @Nullable String source) throws PermitRefusedException {
        long now = time.ticks();
        boolean own = token.generation() == circuits.generation();
        long age = age(token);
        if (age > lifetime) {
            throw PermitRefusedException.expired("it was given more than 24 h ago, and is no longer valid");
        }
        return switch (settled.settle(token.organization(), token.generation(), token.number(), now)) {
            case REPEATED -> throw PermitRefusedException.repeated();
            case FORGOTTEN ->
                throw PermitRefusedException.expired(
                        "so many were settled since that this server no longer knows whether this one was");
            case FIRST -> new Claim(token, report, own, age, Claim.caller(token, report, source));
        };
    }

    private long age(PermitToken token) {
        return token.generation() == circuits.generation()
                ? time.ticks() - token.issuedTicks()
                : Math.max(0, (time.wallTime().toEpochMilli() - token.issuedMillis()) * 1_000_000);
    }

    /** Whether other servers are to be asked about permits before they are settled. */
    boolean asksOthers() {
        return together != null && together.isAttached();
    }

    /** Asks the other servers; their answers come in the order of the claims, on any thread, in bounded time. */
    CompletionStage<Answer[]> ask(List<Claim> claims) {
        return inner.settle(claims);
    }

    /** Settles a call with its permit, once, by this server's own memory. */
    Settlement settle(PermitToken token, Report report) throws PermitRefusedException {
        return settle(claim(token, report), Answer.UNKNOWN);
    }

    /**
     * Settles what was claimed. Where nobody knows what the others did it counts: an outcome that was not counted at all
     * would be worse than one that a copy counts twice.
     */
    Settlement settle(Claim claim, Answer others) throws PermitRefusedException {
        PermitToken token = claim.token();
        boolean own = claim.own();
        Permit trial = own ? trials.take(token.number()) : null;
        InnerCalls within = Ancestor.innerCalls(token, inner.take(token) | others.notes());
        if (others.word() == Word.REPEATED) {
            throw PermitRefusedException.repeated();
        }
        if (own) {
            balance.settled();
        }
        if (together != null && others.word() == Word.UNKNOWN) {
            alone.increment();
        }
        Guard guard = guard(token.organization(), token.agent(), token.dependencies(), claim.caller());
        Outcome outcome = claim.report().outcome(own ? claim.age() : -1);
        inner.noteFailure(claim, time.ticks());
        watch.ended(guard, claim.report().usage(), claim.report().permit());
        try {
            return trial != null ? trial.settle(outcome, within) : record(guard, outcome, within, claim);
        } catch (TooManyCircuitsException forgotten) {
            return Settlement.IGNORED; // its circuit had to make room for others, and there is none for a new one
        }
    }

    /**
     * Outcomes that were settled by this server's memory alone although other servers could have known of them.
     *
     * @return how many since the start; 0 where nothing is shared
     */
    public long settledAlone() {
        return alone.sum();
    }

    /** Looks whether each permit was settled once at most; cheap. */
    public void check() {
        balance.check();
    }

    private static Settlement record(Guard guard, Outcome outcome, InnerCalls within, Claim claim) {
        PermitToken token = claim.token();
        Duration age = Duration.ofNanos(claim.age());
        if (claim.own()) {
            return guard.record(outcome, age, within, token.epochs());
        }
        return token.trials().isEmpty()
                ? guard.record(
                        outcome,
                        Duration.ofNanos(Math.max(claim.age(), claim.report().durationNanos())),
                        within)
                : guard.recordTrials(outcome, age, within, token.trials());
    }

    /**
     * Takes in a call that had no permit; its duration is its age.
     *
     * @param source who reports, and has made the call unless the report names somebody else; null for the agent
     * @throws TooManyCircuitsException if there is no room for a new circuit
     * @throws IllegalArgumentException if the name is none
     */
    Settlement record(String organization, String agent, Report report, @Nullable String source) {
        Guard guard = guard(organization, agent, List.of(), report.caller() != null ? report.caller() : source);
        Duration age = Duration.ofNanos(Math.max(0, report.durationNanos()));
        Settlement settlement = watch.record(guard, report.outcome(-1), age, time.wallTime());
        watch.ended(guard, report.usage(), null);
        return settlement;
    }

    private Guard guard(String organization, String agent, PermitRequest request, @Nullable String source) {
        return guard(organization, agent, request.dependencies(), request.caller() != null ? request.caller() : source);
    }

    private Guard guard(String organization, String agent, List<String> dependencies, @Nullable String caller) {
        Guard own = circuits.guard(new CircuitId(organization, agent));
        Guard guard = caller == null ? own : own.withCaller(caller);
        return dependencies.isEmpty() ? guard : guard.dependingOn(dependencies.toArray(String[]::new));
    }

    /** Whether this server hears how the call of a permit ends: it gave it, or has settled it. */
    public boolean hears(String organization, String permit) {
        try {
            PermitToken token = open(organization, null, permit);
            return token.generation() == circuits.generation()
                    || settled.isSettled(organization, token.generation(), token.number());
        } catch (PermitRefusedException unknown) {
            return false;
        }
    }

    int trialsOut() {
        return trials.size();
    }
}
