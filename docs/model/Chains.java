import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A model of a call within a call over two servers that remember together, in Redis, which permits are settled and what
 * became of the calls within them, and whose the place of a trial is. It knows the decisions of PermitDesk, InnerCallNotes,
 * BorrowedPlaces, mark.lua and note.lua (decision 0104), lend.lua, unlend.lua and end.lua (decision 0137). The circuit is
 * closed, or half-open with one trial at a time; the outer permit is of the first server.
 */
final class Chains implements Walk.Model<Chains.World> {
    enum Fix {
        NONE,
        MARK,
        NOTE,
        FAILURE,
        PARENT,
        LOAN,
        NAME,
        ONCE,
        UNKNOWN,
        RETURN,
        ENDED
    }

    private static final int SERVERS = 2;

    /** In place of successes. */
    private static final int REOPENED = -1;

    private static final int OUTER = 0;
    private static final int INNER = 1;

    /** Bits of a note, as Ancestor.Note. */
    private static final int ADMITTED = 1;

    private static final int REFUSED = 2;
    private static final int FAILED = 4;

    /** How far a permit's call is. */
    enum Call {
        NONE,
        /** Redis is asked for the place of the trial around it. */
        BORROWING,
        /** It has that place; its circuits have not been asked. */
        LENT,
        ASKING,
        RUNNING,
        REFUSED,
        /** Another one of its circuits has refused it. */
        WITHDRAWN,
        SETTLED
    }

    /** By whose name Redis has the one place. */
    enum Place {
        FREE,
        OUTERS,
        INNERS,
        ANOTHERS
    }

    enum Step {
        CLAIMED,
        NOTED,
        ASKED
    }

    /**
     * An outcome at a server that is not settled yet.
     *
     * @param notes what Redis had beside the permit
     */
    record Outcome(int permit, int server, boolean failed, Step step, boolean isRepeated, int notes) {}

    /**
     * A permit.
     *
     * @param server that gave it
     * @param holds whether its object there holds a place
     * @param counted how often its outcome has counted
     * @param sent how often its outcome was sent
     */
    record Permit(Call call, int server, boolean holds, boolean isTrial, int counted, int sent) {
        Permit with(Call other) {
            return new Permit(other, server, holds, isTrial, counted, sent);
        }

        Permit holding(boolean place) {
            return new Permit(call, server, place, isTrial, counted, sent);
        }

        Permit asTrial() {
            return new Permit(call, server, true, true, counted, sent);
        }

        Permit counting() {
            return new Permit(call, server, holds, isTrial, counted + 1, sent);
        }

        Permit sending() {
            return new Permit(Call.SETTLED, server, holds, isTrial, counted, sent + 1);
        }
    }

    /**
     * Everything.
     *
     * @param marks in Redis: which permits are settled; {@code notes}: beside the outer one
     * @param claimed of each server: what is settled in its memory; {@code noted}: its own notes beside the outer one
     * @param place by whose name Redis has the place; {@code succeeded}: how many trials of it succeeded
     * @param losses answers of Redis that may yet be lost
     * @param before what had become of the inner call when the outer outcome was sent; for the checker
     */
    record World(
            int marks,
            int notes,
            List<Integer> claimed,
            List<Integer> noted,
            Place place,
            int succeeded,
            Permit outer,
            Permit inner,
            List<Outcome> outcomes,
            int before,
            boolean innerFailed,
            String wrong,
            int losses) {
        Permit of(int permit) {
            return permit == OUTER ? outer : inner;
        }

        World with(int permit, Permit other) {
            return new World(
                    marks,
                    notes,
                    claimed,
                    noted,
                    place,
                    succeeded,
                    permit == OUTER ? other : outer,
                    permit == INNER ? other : inner,
                    outcomes,
                    before,
                    innerFailed,
                    wrong,
                    losses);
        }

        World inRedis(int nextMarks, int nextNotes) {
            return new World(
                    nextMarks,
                    nextNotes,
                    claimed,
                    noted,
                    place,
                    succeeded,
                    outer,
                    inner,
                    outcomes,
                    before,
                    innerFailed,
                    wrong,
                    losses);
        }

        World claiming(int server, int permit) {
            return new World(
                    marks,
                    notes,
                    changed(claimed, server, claimed.get(server) | 1 << permit),
                    noted,
                    place,
                    succeeded,
                    outer,
                    inner,
                    outcomes,
                    before,
                    innerFailed,
                    wrong,
                    losses);
        }

        World noting(int server, int bits) {
            return new World(
                    marks,
                    notes,
                    claimed,
                    changed(noted, server, bits),
                    place,
                    succeeded,
                    outer,
                    inner,
                    outcomes,
                    before,
                    innerFailed,
                    wrong,
                    losses);
        }

        World placed(Place whose, int successes) {
            return new World(
                    marks,
                    notes,
                    claimed,
                    noted,
                    whose,
                    successes,
                    outer,
                    inner,
                    outcomes,
                    before,
                    innerFailed,
                    wrong,
                    losses);
        }

        World replacing(Outcome old, Outcome other) {
            List<Outcome> next = new ArrayList<>(outcomes);
            next.remove(old);
            if (other != null) {
                next.add(other);
            }
            return new World(
                    marks,
                    notes,
                    claimed,
                    noted,
                    place,
                    succeeded,
                    outer,
                    inner,
                    List.copyOf(next),
                    before,
                    innerFailed,
                    wrong,
                    losses);
        }

        World remembering(int seen, boolean failed) {
            return new World(
                    marks, notes, claimed, noted, place, succeeded, outer, inner, outcomes, seen, failed, wrong,
                    losses);
        }

        World wrong(String what) {
            return new World(
                    marks,
                    notes,
                    claimed,
                    noted,
                    place,
                    succeeded,
                    outer,
                    inner,
                    outcomes,
                    before,
                    innerFailed,
                    wrong == null ? what : wrong,
                    losses);
        }

        World losing() {
            return new World(
                    marks,
                    notes,
                    claimed,
                    noted,
                    place,
                    succeeded,
                    outer,
                    inner,
                    outcomes,
                    before,
                    innerFailed,
                    wrong,
                    losses - 1);
        }

        private static List<Integer> changed(List<Integer> list, int which, int value) {
            List<Integer> next = new ArrayList<>(list);
            next.set(which, value);
            return List.copyOf(next);
        }
    }

    private final boolean isHalfOpen;
    private final int copies;
    private final int losses;
    private final Fix without;

    /**
     * @param copies how often a client may send each outcome, to either server
     * @param losses how many answers of Redis are lost
     */
    private Chains(boolean isHalfOpen, int copies, int losses, Fix without) {
        this.isHalfOpen = isHalfOpen;
        this.copies = copies;
        this.losses = losses;
        this.without = without;
    }

    private boolean has(Fix fix) {
        return without != fix;
    }

    @Override
    public World begin() {
        return new World(
                0,
                0,
                List.of(0, 0),
                List.of(0, 0),
                isHalfOpen ? Place.OUTERS : Place.FREE,
                0,
                new Permit(Call.RUNNING, 0, isHalfOpen, isHalfOpen, 0, 0),
                new Permit(Call.NONE, 0, false, false, 0, 0),
                List.of(),
                0,
                false,
                null,
                losses);
    }

    @Override
    public void steps(World world, Walk.Sink<World> into) {
        for (int server = 0; server < SERVERS; server++) {
            asks(world, server, into);
            sends(world, server, into);
        }
        switch (world.inner.call) {
            case BORROWING -> lends(world, into);
            case LENT -> admits(world, into);
            case ASKING -> shares(world, into);
            default -> {}
        }
        for (Outcome each : world.outcomes) {
            settles(world, each, into);
        }
        if (isHalfOpen) {
            another(world, into);
        }
    }

    // ---------------------------------------------------------------- a permit within another

    /** PermitDesk.borrow where the circuit is half-open, else PermitDesk.issue up to what this server notes itself. */
    private void asks(World world, int server, Walk.Sink<World> into) {
        if (world.inner.call != Call.NONE || (world.claimed.get(server) & 1 << OUTER) != 0) {
            return; // a parent that is settled here is refused, and nobody is asked
        }
        World next = isHalfOpen
                ? world.with(INNER, new Permit(Call.BORROWING, server, false, false, 0, 0))
                : admitted(world.with(INNER, new Permit(Call.NONE, server, false, false, 0, 0)));
        into.step(Walk.Kind.CHANCE, () -> "an inner call asks at " + server, next);
    }

    /** Redis gives the outer trial's place another name; without that the call is a trial of its own, or refused. */
    private void lends(World world, Walk.Sink<World> into) {
        if (has(Fix.LOAN) && world.place == Place.OUTERS) {
            Permit lent = world.inner.with(Call.LENT).asTrial();
            into.step(
                    Walk.Kind.OWN,
                    () -> "Redis lends it the place",
                    world.with(INNER, lent).placed(Place.INNERS, world.succeeded));
        } else if (world.place == Place.FREE && world.succeeded != REOPENED) {
            World own = world.with(INNER, world.inner.asTrial()).placed(Place.INNERS, world.succeeded);
            into.step(Walk.Kind.OWN, () -> "it is a trial of its own", admitted(own));
        } else {
            int server = world.inner.server;
            World noted = world.with(INNER, world.inner.with(Call.REFUSED))
                    .noting(server, world.noted.get(server) | REFUSED);
            World shared = has(Fix.NOTE) ? noted.inRedis(noted.marks, noted.notes | REFUSED) : noted;
            World next = world.place == Place.OUTERS
                    ? shared.wrong("WAIT: an inner call is refused since the trial around it has the place")
                    : shared;
            into.step(Walk.Kind.OWN, () -> "it is refused", next);
        }
    }

    /** PermitDesk.issue with the place; another one of its circuits may refuse, and then the place goes back. */
    private void admits(World world, Walk.Sink<World> into) {
        into.step(Walk.Kind.OWN, () -> "it is admitted", admitted(world));
        World refused = world.with(INNER, world.inner.with(Call.WITHDRAWN).holding(false));
        boolean isBack = world.outer.holds || !has(Fix.ENDED);
        boolean returns = has(Fix.RETURN) && world.place == Place.INNERS;
        into.step(
                Walk.Kind.CHANCE,
                () -> "another circuit refuses it",
                returns ? refused.placed(isBack ? Place.OUTERS : Place.FREE, refused.succeeded) : refused);
    }

    private static World admitted(World world) {
        int server = world.inner.server;
        return world.with(INNER, world.inner.with(Call.ASKING)).noting(server, world.noted.get(server) | ADMITTED);
    }

    /** PermitDesk.share: Redis notes it, and says whether the outer permit is settled; then the inner one is not given. */
    private void shares(World world, Walk.Sink<World> into) {
        World noted = has(Fix.NOTE) ? world.inRedis(world.marks, world.notes | ADMITTED) : world;
        boolean isSettled = (world.marks & 1 << OUTER) != 0;
        World next;
        if (isSettled && has(Fix.PARENT)) {
            boolean gives = world.inner.holds;
            next = noted.with(INNER, world.inner.with(Call.REFUSED).holding(false));
            next = gives && has(Fix.RETURN) && next.place == Place.INNERS
                    ? next.placed(Place.FREE, next.succeeded)
                    : next;
        } else {
            next = noted.with(INNER, world.inner.with(Call.RUNNING));
            next = isSettled ? next.wrong("PARENT: a call is made within one that has ended") : next;
        }
        into.step(
                Walk.Kind.OWN,
                () -> "the inner call is noted" + (isSettled ? ", and its parent is settled" : ""),
                next);
    }

    // ---------------------------------------------------------------- outcomes

    /** A client sends an outcome, perhaps once more to the other server since it heard nothing. */
    private void sends(World world, int server, Walk.Sink<World> into) {
        for (int permit : new int[] {OUTER, INNER}) {
            Permit of = world.of(permit);
            boolean isOut = of.call == Call.RUNNING || of.call == Call.SETTLED;
            boolean asks = world.inner.call == Call.BORROWING
                    || world.inner.call == Call.LENT
                    || world.inner.call == Call.ASKING;
            boolean waits = permit == OUTER && asks && of.sent == 0;
            if (!isOut || of.sent >= copies || waits && copies == 1) {
                continue;
            }
            for (boolean failed :
                    of.sent == 0 ? new boolean[] {true, false} : new boolean[] {wasFailed(world, permit)}) {
                if ((world.claimed.get(server) & 1 << permit) != 0) {
                    continue; // 409
                }
                World next = world.claiming(server, permit).with(permit, of.sending());
                next = next.replacing(null, new Outcome(permit, server, failed, Step.CLAIMED, false, 0));
                if (permit == OUTER && of.sent == 0) {
                    int seen = world.inner.call == Call.RUNNING || world.inner.call == Call.SETTLED
                            ? ADMITTED
                            : world.inner.call == Call.REFUSED ? REFUSED : 0;
                    next = next.remembering(
                            seen | (world.inner.counted > 0 && world.innerFailed ? FAILED : 0), world.innerFailed);
                } else if (permit == INNER) {
                    next = next.remembering(world.before, failed);
                }
                World sent = next;
                into.step(
                        Walk.Kind.CHANCE, () -> name(permit) + " ends at " + server + (failed ? ", failed" : ""), sent);
            }
        }
    }

    private static boolean wasFailed(World world, int permit) {
        if (permit == INNER) {
            return world.innerFailed;
        }
        return world.outcomes.stream().filter(each -> each.permit == permit).anyMatch(Outcome::failed);
    }

    private void settles(World world, Outcome outcome, Walk.Sink<World> into) {
        int permit = outcome.permit;
        int server = outcome.server;
        switch (outcome.step) {
            case CLAIMED -> {
                boolean isRepeated = (world.marks & 1 << permit) != 0 && has(Fix.MARK);
                int notes = permit == OUTER ? world.notes : 0;
                World next = world.inRedis(world.marks | 1 << permit, world.notes);
                boolean isShared = permit == INNER && outcome.failed && has(Fix.FAILURE);
                World asked = next.replacing(
                        outcome,
                        new Outcome(
                                permit, server, outcome.failed, isShared ? Step.NOTED : Step.ASKED, isRepeated, notes));
                into.step(Walk.Kind.OWN, () -> "Redis marks " + name(permit), asked);
                if (world.losses > 0) { // then it goes by what this server knows, and counts
                    Outcome unknown = new Outcome(
                            permit, server, outcome.failed, Step.ASKED, outcome.isRepeated || !has(Fix.UNKNOWN), 0);
                    into.step(
                            Walk.Kind.CHANCE,
                            () -> "Redis marks " + name(permit) + ", and the answer is lost",
                            next.replacing(outcome, unknown).losing());
                }
            }
            case NOTED ->
                into.step(
                        Walk.Kind.OWN,
                        () -> "Redis notes that the inner call failed",
                        world.inRedis(world.marks, world.notes | FAILED)
                                .replacing(
                                        outcome, new Outcome(permit, server, true, Step.ASKED, outcome.isRepeated, 0)));
            case ASKED -> {
                World next = outcome.isRepeated
                        ? world.replacing(outcome, null)
                        : settled(world.replacing(outcome, null), outcome);
                into.step(Walk.Kind.OWN, () -> server + " settles " + name(permit), next);
            }
        }
    }

    private World settled(World world, Outcome outcome) {
        if (outcome.permit == INNER) {
            World next =
                    outcome.failed ? world.noting(outcome.server, world.noted.get(outcome.server) | FAILED) : world;
            next = next.with(INNER, world.inner.counting().holding(false));
            return world.inner.isTrial && world.inner.holds ? ends(next, INNER, true, outcome.failed) : next;
        }
        int notes = outcome.notes | world.noted.get(outcome.server);
        boolean counts = (notes & (ADMITTED | REFUSED)) == 0 || outcome.failed && (notes & (REFUSED | FAILED)) == 0;
        World next = counts ? world.with(OUTER, world.outer.counting()) : world;
        // at another server an inner call that is noted may have the place by the same name, if that one went by itself
        if (world.outer.isTrial
                && (outcome.server == world.outer.server || counts || (notes & ADMITTED) == 0)) {
            next = ends(next.with(OUTER, next.outer.holding(false)), OUTER, counts, outcome.failed);
        }
        return checked(next, outcome, counts, notes);
    }

    /** end.lua: the place comes back if it bears the trial's name; with a success, or a failure that opens again, or nothing. */
    private World ends(World world, int permit, boolean counts, boolean failed) {
        if (world.succeeded == REOPENED) {
            return world;
        }
        if (counts && failed) {
            return world.placed(Place.FREE, REOPENED);
        }
        Place name = permit == OUTER ? Place.OUTERS : Place.INNERS;
        boolean isNamed = world.place == name || !has(Fix.NAME) && world.place != Place.ANOTHERS;
        World next = world.placed(isNamed ? Place.FREE : world.place, world.succeeded + (counts ? 1 : 0));
        return next.succeeded > 1 ? next.wrong("PLACE: two successes in one place") : next;
    }

    private World checked(World world, Outcome outcome, boolean counts, int notes) {
        if (world.losses < losses) {
            return world; // of a server that could not ask only LOST is promised
        }
        int before = world.before;
        if (counts && (before & ADMITTED) != 0 && !(outcome.failed && (before & FAILED) == 0 && !world.innerFailed)) {
            boolean isOwn = outcome.failed && (notes & FAILED) == 0 && (before & FAILED) == 0;
            return isOwn ? world : world.wrong("TWICE: an outer outcome counts where an inner call was admitted");
        }
        if (counts && (before & REFUSED) != 0) {
            return world.wrong("TWICE: an outer outcome counts where an inner call was refused");
        }
        if (!counts && before == 0 && (world.inner.call == Call.NONE)) {
            return world.wrong("LOST: an outcome counts nowhere");
        }
        return world;
    }

    // ---------------------------------------------------------------- the place

    /** Another call is a trial, or one within the outer call takes its place over; its notes are left out. */
    private void another(World world, Walk.Sink<World> into) {
        boolean isRunning = world.inner.isTrial && world.inner.call == Call.RUNNING && world.inner.holds;
        World next = world.placed(Place.ANOTHERS, world.succeeded);
        World there = isRunning ? next.wrong("CAP: two calls in one place") : next;
        boolean isLent = world.place == Place.OUTERS || !has(Fix.ONCE) && world.place == Place.INNERS;
        if (world.place == Place.ANOTHERS) {
            into.step(Walk.Kind.OWN, () -> "the other call ends", world.placed(Place.FREE, world.succeeded));
        } else if (world.place == Place.FREE && world.succeeded != REOPENED) {
            into.step(Walk.Kind.CHANCE, () -> "another call is a trial", there);
        } else if (isLent && world.outer.call == Call.RUNNING) {
            into.step(Walk.Kind.CHANCE, () -> "another inner call takes the place over", there);
        }
    }

    private static String name(int permit) {
        return permit == OUTER ? "the outer call" : "the inner call";
    }

    // ---------------------------------------------------------------- what must hold

    @Override
    public String brokenBy(World before, World after) {
        if (after.outer.counted > 1 || after.inner.counted > 1) {
            return "ONCE: " + name(after.outer.counted > 1 ? OUTER : INNER) + " counts twice";
        }
        return Objects.equals(before.wrong, after.wrong) ? null : after.wrong;
    }

    @Override
    public String brokenAtRest(World world) {
        if (world.inner.sent > 0 && world.inner.counted == 0) {
            return "LOST: the outcome of the inner call counts nowhere";
        }
        boolean isOver = world.outer.call == Call.SETTLED && world.inner.call != Call.RUNNING;
        return isHalfOpen && isOver && (world.place == Place.OUTERS || world.place == Place.INNERS)
                ? "PLACE: its calls have ended, and it is taken"
                : null;
    }

    // ---------------------------------------------------------------- how it is started

    private static List<Walk.Scenario<World>> scenarios(Fix without) {
        return List.of(
                scenario("closed", "each outcome is sent once", new Chains(false, 1, 0, without)),
                scenario("closed, again", "outcomes are sent to both", new Chains(false, 2, 0, without)),
                scenario("half-open", "in the place of a trial", new Chains(true, 1, 0, without)),
                scenario("half-open, again", "outcomes are sent to both", new Chains(true, 2, 0, without)),
                scenario("closed, detached", "an answer of Redis is lost", new Chains(false, 1, 1, without)));
    }

    private static Walk.Scenario<World> scenario(String name, String text, Chains model) {
        return new Walk.Scenario<>(name, text, model);
    }

    private static Walk.Fix<World> fix(Fix fix, String text, int scenario) {
        return new Walk.Fix<>(
                fix.name().toLowerCase(Locale.ROOT), text, scenarios(fix).get(scenario));
    }

    /**
     * Walks, and prints what it found.
     *
     * @param arguments none, or {@code --without} and a fix
     */
    public static void main(String[] arguments) {
        System.exit(
                Walk.run(
                                List.of(arguments),
                                scenarios(Fix.NONE),
                                List.of(
                                        fix(Fix.MARK, "all servers remember which permits are settled", 1),
                                        fix(Fix.NOTE, "what became of inner calls is noted for all servers", 0),
                                        fix(Fix.FAILURE, "that an inner call failed, too", 0),
                                        fix(Fix.PARENT, "a call within one that has ended is refused", 1),
                                        fix(Fix.LOAN, "an inner call asks Redis for the place around it", 2),
                                        fix(Fix.NAME, "a place that is lent has a name of its own", 2),
                                        fix(Fix.ONCE, "a place is lent once", 2),
                                        fix(Fix.UNKNOWN, "an outcome counts if nobody can say whether it has", 4),
                                        fix(Fix.RETURN, "the place of an inner call that is not made comes back", 2),
                                        fix(Fix.ENDED, "but not to an outer call that has ended", 3)))
                        ? 0
                        : 1);
    }
}
