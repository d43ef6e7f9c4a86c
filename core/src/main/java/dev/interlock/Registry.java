package dev.interlock;

import dev.interlock.store.CircuitRecord;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All circuits of a manager by id: how they are born, and how they are forgotten: nowhere else is that decided.
 *
 * <p><b>Where an idle circuit is forgotten</b>: {@link #sweep}, after {@code evictAfter} without permit or outcome,
 * whatever its streak; and {@link #makeRoom} at the cap, the longest idle first and those with a streak last.
 * Both go by {@link #forget}. Never forgotten is what is open, half-open or held, what listeners have still to hear of,
 * and what the store has still to hear of. Invariants:
 *
 * <ul>
 *   <li>no epoch comes twice for an id: the {@link #birth} rises above the epoch of a circuit before it is ended;
 *   <li>what is counted at that moment counts in the successor: the epoch is sealed first (see {@link ClosedEpoch});
 *   <li>a circuit is in the map before anybody can use it, and an ended one is replaced there by who finds it.
 * </ul>
 */
final class Registry implements EvictedEpoch.Successors {
    private static final int SWEEPS_PER_EVICTION = 24;
    /** Of a full organization this share of the longest idle circuits goes at once, so that not each call looks. */
    private static final int EVICTED_SHARE = 100;

    private static final long LOOK_AGAIN = 1_000_000_000L;
    private static final int LOOKS = 5;
    private static final int SECONDS_WITH_STREAK = 2;
    private static final VarHandle BIRTH;

    static {
        try {
            BIRTH = MethodHandles.lookup().findVarHandle(Registry.class, "birth", Origin.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Engine engine;
    private final PolicyTable policies;
    private final int cap;
    private final long evictAfter;
    private final ConcurrentMap<String, Organization> organizations = new ConcurrentHashMap<>();

    /** How the next new circuit begins: above every epoch that was ever forgotten. */
    private volatile Origin birth;

    /** The organization that was there first, for those who have but one. */
    private volatile @Nullable Organization first;

    /** Whether the store has still to hear of a circuit. */
    private Predicate<CircuitBreaker> owed = circuit -> false;

    /** Hears of circuits that were forgotten. */
    private Consumer<CircuitBreaker> forgotten = circuit -> {};

    Registry(Engine engine, PolicyTable policies, int cap, Duration evictAfter) {
        this.engine = engine;
        this.policies = policies;
        this.cap = cap;
        this.evictAfter = Nanos.of(evictAfter);
        this.birth = Origin.birth(engine.firstEpoch, engine.time.ticks());
    }

    /** Says who has still to hear of circuits, and who hears of forgotten ones; once, before there is a circuit. */
    void connect(Predicate<CircuitBreaker> stillOwed, Consumer<CircuitBreaker> afterForgetting) {
        owed = stillOwed;
        forgotten = afterForgetting;
    }

    Engine engine() {
        return engine;
    }

    /** The circuit of an id, made if there is none. One that is forgotten this very moment leads to its successor. */
    CircuitBreaker getOrCreate(CircuitId id) {
        CircuitBreaker known = organization(id).circuits.get(id.name());
        return known != null ? known : successor(id);
    }

    @Override
    public CircuitBreaker successor(CircuitId id) {
        return organization(id).getOrCreate(id);
    }

    @Override
    public @Nullable CircuitBreaker find(CircuitId id) {
        Organization organization = organizations.get(id.organization());
        CircuitBreaker circuit = organization == null ? null : organization.circuits.get(id.name());
        return circuit == null || circuit.isEvicted() ? null : circuit;
    }

    @Override
    public CircuitSnapshot snapshot(CircuitId id) {
        CircuitBreaker circuit = find(id);
        return circuit != null
                ? circuit.snapshot()
                : CircuitSnapshot.of(id, new ClosedEpoch(birth), policies.resolve(id), 0);
    }

    /** Whether a call of a circuit alone would be let in, and is no trial. Makes no circuit. */
    boolean isClosed(CircuitId id) {
        CircuitBreaker circuit = find(id);
        return (circuit == null || circuit.state() == CircuitState.CLOSED)
                && engine.gates.covering(id, List.of(id), engine.time.ticks()) == null;
    }

    @Override
    public Policy policy(CircuitId id) {
        return policies.resolve(id);
    }

    Stream<CircuitBreaker> all() {
        return organizations.values().stream().flatMap(organization -> organization.circuits.values().stream());
    }

    Stream<CircuitBreaker> all(String organization) {
        Organization found = organizations.get(organization);
        return found == null ? Stream.empty() : found.circuits.values().stream();
    }

    /** Circuits that are open, half-open or held. */
    Stream<CircuitBreaker> notClosed() {
        return organizations.values().stream().flatMap(organization -> organization.notClosed.stream());
    }

    Stream<CircuitBreaker> notClosed(String organization) {
        Organization found = organizations.get(organization);
        return found == null ? Stream.empty() : found.notClosed.stream();
    }

    int size() {
        return organizations.values().stream()
                .mapToInt(organization -> organization.circuits.size())
                .sum();
    }

    /** A circuit that is in no map: for races that need millions. */
    CircuitBreaker unlisted(CircuitId id) {
        Policy policy = policies.resolve(id);
        return new CircuitBreaker(id, policy, newborn(id, policy));
    }

    /** Takes a circuit in that a store kept; null if there is one. */
    @Nullable
    CircuitBreaker resume(CircuitRecord record) {
        return takeIn(CircuitRecords.id(record), policy -> Epochs.resume(record, policy));
    }

    /** How an epoch begins of a circuit that is new. */
    ClosedEpoch newborn(CircuitId id, Policy policy) {
        return Epochs.closed(id, birth, policy, null);
    }

    void hasForgotten(CircuitBreaker ended) {
        engine.trusts.forget(ended.id);
        forgotten.accept(ended);
        engine.settlements.forgotten(ended.id);
    }

    /**
     * The circuit that another process has moved: closed if there was none, and not refused for lack of room. Nobody has
     * seen it here, so it begins below the epoch of the record, which is then adopted as it is; unless circuits were
     * forgotten here, of which it may be one.
     */
    @Nullable
    CircuitBreaker takeIn(CircuitId id, long recorded) {
        takeIn(id, policy -> Epochs.closed(id, below(recorded), policy, null));
        return find(id);
    }

    private Origin below(long epoch) {
        Origin present = birth;
        boolean unseen = present.epoch == engine.firstEpoch && epoch <= present.epoch && epoch > 0;
        return unseen ? Origin.birth(epoch - 1, present.ticks) : present;
    }

    private @Nullable CircuitBreaker takeIn(CircuitId id, Function<Policy, Epoch> first) {
        CircuitBreaker made = organization(id).takeIn(id, first);
        if (made != null) {
            applyPolicy(made);
        }
        return made;
    }

    @Override
    public void raise(CircuitId id, long epoch, @Nullable Instant at) {
        raiseBirth(epoch);
        CircuitBreaker live = find(id);
        if (live != null) {
            live.raise(epoch, at);
        }
    }

    /** Notes whether a circuit that has moved is closed and clean. */
    void moved(CircuitBreaker circuit) {
        organization(circuit.id()).moved(circuit);
    }

    /** Whether a circuit is noted as {@link #moved} would note it. */
    boolean isNoted(CircuitBreaker circuit) {
        Organization organization = organizations.get(circuit.id.organization());
        return organization == null || organization.notClosed.contains(circuit) != circuit.isClosedAndClean();
    }

    /** Lets changed policies apply to the circuits of one organization, or of all. */
    void applyPolicies(@Nullable String only) {
        (only == null ? all() : all(only)).forEach(this::applyPolicy);
    }

    /** The thread that applies a policy last, of several changes at a time, has looked again: none that is old stays. */
    void applyPolicy(CircuitBreaker circuit) {
        Policy policy;
        do {
            policy = policies.resolve(circuit.id);
            circuit.apply(policy);
        } while (policies.resolve(circuit.id) != policy);
    }

    /** Sweeps now and then from now on. */
    void start() {
        engine.timers.at(engine.time.ticks() + Math.max(1, evictAfter / SWEEPS_PER_EVICTION), this::sweep);
    }

    /** Forgets a circuit at once, as {@link #sweep} would some day; whether there is none now. */
    boolean forget(CircuitId id) {
        CircuitBreaker circuit = find(id);
        return circuit == null || forget(circuit, circuit.lastUsed(), true);
    }

    private void sweep() {
        start(); // first: one failure must not end all forgetting
        int notUsedAfter = Circuit.idleUnits(engine.time.ticks() - evictAfter) - 1; // whole units only
        all().forEach(circuit -> {
            if (circuit.lastUsed() - notUsedAfter <= 0) {
                forget(circuit, notUsedAfter, true);
            }
        });
    }

    /**
     * Forgets a circuit, unless it was used after a moment or must not be forgotten; whether it did.
     *
     * @param withStreak whether also if it has a streak by now
     */
    private boolean forget(CircuitBreaker circuit, int notUsedAfter, boolean withStreak) {
        if (!(circuit.current() instanceof ClosedEpoch closed) || !mayBeForgotten(circuit, closed)) {
            return false;
        }
        int streak = closed.streak();
        if (streak > 0 && !withStreak || circuit.lastUsed() - notUsedAfter > 0 || !closed.seal(streak)) {
            return false; // used this moment, or somebody else forgets or renews it
        }
        // Whatever has counted up to the seal was use before it; what comes after finds the seal.
        if (circuit.lastUsed() - notUsedAfter > 0 || !mayBeForgotten(circuit, closed)) {
            circuit.renew(closed);
            return false;
        }
        raiseBirth(closed.origin.epoch); // before anybody can make a successor
        if (!circuit.end(closed, this)) {
            return false;
        }
        organization(circuit.id).remove(circuit);
        return true;
    }

    private boolean mayBeForgotten(CircuitBreaker circuit, ClosedEpoch closed) {
        return closed.isClosedAndClean() && closed.origin.isOver() && !owed.test(circuit);
    }

    private void raiseBirth(long epoch) {
        Origin present = birth;
        while (present.epoch <= epoch && !BIRTH.compareAndSet(this, present, Origin.birth(epoch + 1, present.ticks))) {
            present = birth;
        }
    }

    private Organization organization(CircuitId id) {
        Organization known = first;
        return known != null && known.name.equals(id.organization()) ? known : another(id.organization());
    }

    private Organization another(String name) {
        Organization known = organizations.get(name);
        if (known == null) {
            known = organizations.computeIfAbsent(name, absent -> new Organization(this, name, cap));
            if (first == null) {
                first = known;
            }
        }
        return known;
    }

    /** Looks for idle circuits, but not again for each made-up name while there are none. */
    boolean makeRoom(Organization organization) {
        long now = engine.time.coarseTicks();
        if (now < organization.nothingIdleUntil) {
            return false;
        }
        for (int look = 0; look < LOOKS; look++) {
            List<Idle> idle = idle(organization);
            if (idle.isEmpty()) {
                organization.nothingIdleUntil = now + LOOK_AGAIN;
                return false;
            }
            if (forgetSome(idle)) {
                return true;
            }
            // Others were faster with all of these, or used them all: that says nothing about what is idle now.
        }
        return false;
    }

    /** One that has a streak is idle only after some seconds: it may be failing at this moment. */
    private List<Idle> idle(Organization organization) {
        int now = Circuit.idleUnits(engine.time.coarseTicks());
        List<Idle> idle = new ArrayList<>();
        for (CircuitBreaker circuit : organization.circuits.values()) {
            if (circuit.current() instanceof ClosedEpoch closed && mayBeForgotten(circuit, closed)) {
                boolean hasStreak = closed.streak() > 0;
                int lastUsed = circuit.lastUsed();
                if (!hasStreak || now - lastUsed > SECONDS_WITH_STREAK) {
                    idle.add(new Idle(circuit, hasStreak, lastUsed));
                }
            }
        }
        return idle;
    }

    /** The longest idle first, those with a streak last, and no more of these than there must be. */
    private boolean forgetSome(List<Idle> idle) {
        idle.sort(Comparator.comparing(Idle::hasStreak).thenComparingInt(Idle::lastUsed));
        int wanted = Math.max(1, cap / EVICTED_SHARE);
        int evicted = 0;
        for (Idle each : idle) {
            if (evicted == wanted || evicted > 0 && each.hasStreak()) {
                break;
            }
            if (forget(each.circuit(), each.lastUsed(), each.hasStreak())) { // not if it was used since
                evicted++;
            }
        }
        return evicted > 0;
    }

    /** A circuit as it looked: callers go on using it, and a sequence must not change while it is being sorted. */
    private record Idle(CircuitBreaker circuit, boolean hasStreak, int lastUsed) {}
}
