import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * A model of how processes share one circuit through Redis, and a checker that walks through all it can do. Needs a JDK
 * and nothing else: {@code java docs/model/Protocol.java [--deep] [--without FIX|all]}. The page beside
 * it says what is modelled, and what it found.
 *
 * <p>Four parts, in this sequence: what there is, what it does, what must hold, and the walk.
 */
public final class Protocol {
    private Protocol() {}

    // ---------------------------------------------------------------- what there is

    enum State {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    /**
     * What Redis, a message, or a write under way says of the circuit.
     *
     * @param hold the override that holds it, or 0
     * @param actor the override that began this epoch, or 0
     * @param seen the overrides in its history, as bits; for the checker alone
     * @param at when the epoch began
     */
    record Stored(int epoch, State state, int hold, int actor, int seen, int writer, int round, int at) {
        boolean isClosedAndClean() {
            return state == State.CLOSED && hold == 0;
        }

        boolean is(Stored other) {
            return other != null
                    && epoch == other.epoch
                    && writer == other.writer
                    && at == other.at
                    && state == other.state;
        }
    }

    /**
     * An epoch of the circuit in one process.
     *
     * @param alone whether it began by itself while its process was detached; for the checker alone
     */
    record Epoch(int epoch, State state, int hold, int actor, int seen, int at, boolean birth, boolean alone) {
        boolean isClosedAndClean() {
            return state == State.CLOSED && hold == 0;
        }

        Epoch having(int more) {
            return new Epoch(epoch, state, hold, actor, seen | more, at, birth, alone);
        }
    }

    /** The stored record that an epoch agrees with; null in place of a record that is not known. */
    record Agreement(Stored stored, int local) {}

    /**
     * What happened here and is not written: as Note in core.
     *
     * @param unanswered whether a write of some of it had no answer, so that Redis may have taken it
     */
    record Note(
            int overrides,
            int lastOverrideAt,
            boolean automatic,
            boolean fromClosed,
            boolean detached,
            boolean refills,
            boolean unanswered) {
        Note(int overrides, int lastOverrideAt, boolean automatic, boolean fromClosed, boolean detached, boolean refills) {
            this(overrides, lastOverrideAt, automatic, fromClosed, detached, refills, false);
        }

        Note and(Note other) {
            return other == null
                    ? this
                    : new Note(
                            overrides | other.overrides,
                            Math.max(lastOverrideAt, other.lastOverrideAt),
                            automatic || other.automatic,
                            fromClosed || other.fromClosed,
                            detached || other.detached,
                            refills || other.refills,
                            unanswered || other.unanswered);
        }

        Note asDetached() {
            return new Note(overrides, lastOverrideAt, automatic, fromClosed, true, refills, unanswered);
        }

        Note asUnanswered() {
            return new Note(overrides, lastOverrideAt, automatic, fromClosed, true, refills, true);
        }

        boolean givesWayOnReturn() {
            return detached && automatic && overrides == 0 && !refills;
        }
    }

    /** A write whose answer is under way: nothing in the way, or this. */
    record Writing(Stored record, Note note, Stored inTheWay) {}

    /** A write that its process has given up, and that may come to Redis all the same. */
    record Late(Stored record, int basis, boolean alone) {}

    record Ticket(int id, int round) {}

    enum Answer {
        GIVEN,
        FULL,
        ENOUGH,
        LOOK_AGAIN
    }

    /** An answer on its way about a place for a trial; stale if the circuit has opened since it was asked for. */
    record Ask(Answer answer, Ticket given, int at, boolean stale) {}

    /** A call that is a trial; without a ticket while detached; not current once its epoch is over. */
    record Trial(Ticket ticket, boolean current, boolean lapsed) {
        boolean isKept() {
            return ticket != null && !lapsed;
        }

        boolean isIn(int place) {
            return ticket != null && ticket.id == place;
        }
    }

    /** An answer on its way that enough trials have succeeded. */
    record Enough(int at, boolean stale) {}

    /** A tally on its way there, or its answer on the way back. */
    record Tally(Stored basis, int failures, int epoch, boolean counted, boolean trips) {}

    /** A process. What it holds is immutable, so that copies are cheap. */
    static final class Node implements Cloneable {
        int generation;

        /** The lowest number of an epoch that begins here. */
        int first;

        boolean up;
        boolean attached;
        int life;
        Epoch epoch;

        /** When its circuit has last opened; for the checker alone. */
        int openedAt;

        Agreement agreement;
        Note note;
        Writing writing;
        boolean gap;
        boolean doubt;
        boolean forgotten;
        List<Stored> messages = List.of();
        Ticket waiting;
        Ask asking;
        List<Trial> running = List.of();
        int succeeded;
        Enough enough;
        int failures;
        Tally tally;

        /** Whether its circuit cools down longer than anybody waits; whether a call was refused meanwhile. */
        boolean cools;

        boolean refused;

        /** Whether the cooldown was ended here, which is not written. */
        boolean hastened;

        /** How often, and in which round of reports last, its calls were reported. */
        int reports;

        int reportedIn = NEVER;

        /** What the database is owed, and overrides that are acknowledged once it is paid; whether to compare with it. */
        Stored debt;

        int owedOverrides;
        boolean toCompare;

        /** Whether its circuit is being forgotten, and how many failures of it were seen then. */
        boolean forgets;

        int seenFailures;

        /** Whether the note is of a circuit that was forgotten; only without NOTED. */
        boolean isNoteOfForgotten;

        Node copy() {
            try {
                return (Node) super.clone();
            } catch (CloneNotSupportedException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        int basis() {
            return agreement == null || agreement.stored == null ? NONE : agreement.stored.epoch;
        }

        /** Whether the present epoch is known to Redis: then it is counted and tried together. */
        boolean isSettled() {
            return note == null && !hastened && (agreement == null ? epoch.birth : agreement.local == epoch.epoch);
        }

        int current() {
            int current = 0;
            for (Trial trial : running) {
                current += trial.current ? 1 : 0;
            }
            return current;
        }
    }

    /** Basis of a writer that knows of no record. */
    static final int NONE = -1;

    /** In place of a round of reports. */
    static final int NEVER = -9;

    /** Epochs of a generation. */
    static final int BIRTH = 100;

    /** So many moments fit between two pauses, each longer than clocks may be apart. */
    static final int PAUSE = 10_000;

    /** What may still happen, by kind. */
    enum Budget {
        TRIPS,
        FAILURES,
        BAD_TRIALS,
        OVERRIDES,
        DETACHES,
        CRASHES,
        FLUSHES,
        PAUSES,
        LOSSES,
        LATE_WRITES,
        COPIES,
        PROBES,
        ROUNDS,
        OUTAGES,
        EVICTIONS
    }

    static final class World implements Cloneable {
        int life;
        int generation;
        Stored record;
        int round;
        int succeeded;
        List<Integer> places = List.of();
        int streak;

        /** Whether the record says that the circuit cools down longer than anybody waits. */
        boolean cools;

        /** The present round of reports; good and bad calls of it, and of the round before. */
        int reportRound;

        int good;
        int bad;
        int goodBefore;
        int badBefore;
        List<Late> late = List.of();

        /** Whether there is a database behind Redis, whether it is away, and what it has. */
        boolean hasDatabase;

        boolean isDatabaseAway;
        Stored database;
        Node[] nodes;
        int time;
        int[] left;
        int given;
        int[] overriddenAt = new int[8];

        /** For the checker: overrides that were acknowledged; what was agreed last; what was found to be wrong. */
        int acknowledged;

        int excused;

        int ofThisRound;

        Stored truth;

        /** When a trial has failed last, of a process that was attached; 0 for never. */
        int failedAt;

        String wrong;
        private int owned;

        World fork() {
            try {
                World fork = (World) super.clone();
                fork.nodes = nodes.clone();
                fork.owned = 0;
                return fork;
            } catch (CloneNotSupportedException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        /** A node of this world that may be changed. */
        Node own(int i) {
            if ((owned & 1 << i) == 0) {
                nodes[i] = nodes[i].copy();
                owned |= 1 << i;
            }
            return nodes[i];
        }

        boolean has(Budget budget) {
            return left[budget.ordinal()] > 0;
        }

        World spend(Budget budget) {
            left = left.clone();
            left[budget.ordinal()]--;
            return this;
        }

        int now() {
            return ++time;
        }

        void wrong(String what) {
            wrong = wrong == null ? what : wrong;
        }
    }

    // ---------------------------------------------------------------- what it does

    /** Which kind of step: the protocol's own, a call that succeeds, or what nobody may count on. */
    enum Kind {
        OWN,
        CALL,
        CHANCE
    }

    interface Sink {
        void step(Kind kind, String what, World next);
    }

    /** All steps that can be taken in a world. */
    static class Steps {
        private final Scenario scenario;
        private final Set<Fix> without;
        private final boolean explains;
        private Sink sink;

        Steps(Scenario scenario, Set<Fix> without, boolean explains) {
            this.scenario = scenario;
            this.without = without;
            this.explains = explains;
        }

        private boolean has(Fix fix) {
            return !without.contains(fix);
        }

        private void step(Kind kind, int node, String what, World next) {
            step(kind, node, what, "", next);
        }

        private void step(Kind kind, int node, String what, Object which, World next) {
            sink.step(kind, explains ? (node < 0 ? "" : name(node) + " ") + what + which : "", next);
        }

        void from(World world, Sink into) {
            sink = into;
            for (int i = 0; i < world.nodes.length; i++) {
                Node node = world.nodes[i];
                if (node.up) {
                    links(world, i, node);
                    writes(world, i, node);
                    hears(world, i, node);
                    trials(world, i, node);
                    figures(world, i, node);
                    users(world, i, node);
                    forgets(world, i, node);
                    archives(world, i, node);
                } else {
                    if (allHaveNoticed(world) && !world.isDatabaseAway) {
                        World next = world.fork();
                        restart(next, next.own(i));
                        step(Kind.CHANCE, i, "is started again", next);
                    }
                }
            }
            redis(world);
        }

        // ------------------------------------------------ moves

        /** The number of an epoch that begins here after another: as Engine in core. */
        private static int above(Node node, int epoch) {
            return Math.max(epoch + 1, node.first);
        }

        private void begin(Node node, Epoch next, World world) {
            if (next.epoch <= node.epoch.epoch) {
                world.wrong("RISE: epoch " + next.epoch + " after " + node.epoch.epoch);
            }
            node.epoch = next;
            node.forgets = false;
            node.cools = false;
            node.refused = false;
            node.hastened = false;
            node.succeeded = 0;
            node.failures = 0;
            List<Trial> running = new ArrayList<>();
            node.running.forEach(trial -> running.add(new Trial(trial.ticket, false, trial.lapsed)));
            node.running = List.copyOf(running);
            if (next.state == State.OPEN) {
                node.openedAt = next.at;
                dropPlaces(node);
            }
        }

        private void dropPlaces(Node node) {
            node.waiting = null;
            if (node.asking != null) {
                node.asking = new Ask(node.asking.answer, node.asking.given, node.asking.at, true);
            }
            if (node.enough != null) {
                node.enough = new Enough(node.enough.at, true);
            }
        }

        void move(World world, Node node, State to) {
            Epoch from = node.epoch;
            if (from.hold != 0) {
                world.wrong("LEGAL: a held circuit moved by itself, " + from + " to " + to);
            }
            if (from.state == State.CLOSED && to != State.OPEN || from.state == to) {
                world.wrong("LEGAL: " + from.state + " to " + to);
            }
            begin(
                    node,
                    new Epoch(above(node, from.epoch), to, 0, 0, from.seen, world.now(), false, !node.attached),
                    world);
            note(node, new Note(0, 0, true, from.state == State.CLOSED, !node.attached, false));
        }

        void override(World world, Node node, State to, boolean holds, int override) {
            Epoch from = node.epoch;
            int at = world.now();
            int seen = from.seen | 1 << override;
            int epoch = above(node, from.epoch);
            begin(node, new Epoch(epoch, to, holds ? override : 0, override, seen, at, false, false), world);
            note(node, new Note(1 << override, at, false, false, !node.attached, false));
        }

        private void note(Node node, Note note) {
            node.note = note.and(node.note);
        }

        private boolean goesWellWith(Stored record, Epoch epoch) {
            if (record.isClosedAndClean()) {
                return epoch.isClosedAndClean() && record.actor == 0;
            }
            return record.state == State.HALF_OPEN && epoch.state == State.HALF_OPEN;
        }

        private void adopt(World world, Node node, Stored record) {
            if (goesWellWith(record, node.epoch)) {
                node.epoch = node.epoch.having(record.seen);
            } else {
                boolean higher = record.epoch > node.epoch.epoch || !has(Fix.ABOVE);
                int epoch = higher ? record.epoch : above(node, node.epoch.epoch);
                begin(
                        node,
                        new Epoch(
                                epoch,
                                record.state,
                                record.hold,
                                record.actor,
                                record.seen,
                                record.at,
                                false,
                                false),
                        world);
            }
            node.agreement = new Agreement(record, node.epoch.epoch);
            node.cools = world.cools && record == world.record;
        }

        private void raise(World world, Node node, int above, boolean asOfNow) {
            if (node.epoch.epoch <= above) {
                raise(world, node, above, asOfNow || node.epoch.birth ? world.now() : node.epoch.at);
            }
        }

        private void raise(World world, Node node, int above, int at) {
            Epoch epoch = node.epoch;
            if (epoch.epoch <= above) {
                State state = epoch.state == State.CLOSED ? State.CLOSED : State.OPEN;
                begin(
                        node,
                        new Epoch(above(node, above), state, epoch.hold, epoch.actor, epoch.seen, at, false, epoch.alone),
                        world);
            }
        }

        /** A process takes longer to start than those that live take to notice that Redis has forgotten everything. */
        private static boolean allHaveNoticed(World world) {
            for (Node node : world.nodes) {
                if (node.up && node.life != world.life) {
                    return false;
                }
            }
            return true;
        }

        private void restart(World world, Node node) {
            world.generation++;
            node.generation = world.generation;
            for (Node other : world.nodes) {
                if (other != node && other.up && other.generation == node.generation) {
                    world.wrong("GENERATION: two processes have generation " + node.generation);
                }
            }
            node.up = true;
            node.attached = true;
            node.life = world.life;
            node.epoch = birth(node.generation);
            node.first = node.epoch.epoch;
            if (world.hasDatabase) {
                bring(world);
            }
            if (world.record != null && !world.record.isClosedAndClean()) {
                resume(node, world.record);
            }
        }

        /** A circuit that begins as it is stored. */
        static void resume(Node node, Stored record) {
            boolean goesOn = record.state != State.HALF_OPEN;
            int epoch = goesOn ? record.epoch : above(node, record.epoch);
            State state = record.state == State.CLOSED ? State.CLOSED : State.OPEN;
            node.epoch =
                    new Epoch(epoch, state, record.hold, record.actor, record.seen, record.at, false, false);
            node.agreement = new Agreement(record, epoch);
        }

        // ------------------------------------------------ the tie to Redis

        private void links(World world, int i, Node node) {
            if (!node.attached) {
                World next = world.fork();
                Node own = next.own(i);
                own.attached = true;
                notice(next, own);
                own.gap = true;
                own.toCompare = world.hasDatabase;
                step(Kind.OWN, i, "is attached again", next);
            } else {
                if (node.life != world.life) {
                    World next = world.fork();
                    notice(next, next.own(i));
                    step(Kind.OWN, i, "notices that Redis has forgotten everything", next);
                }
                if (world.has(Budget.DETACHES)) {
                    World next = world.fork().spend(Budget.DETACHES);
                    next.own(i).attached = false;
                    step(Kind.CHANCE, i, "is detached", next);
                }
            }
            if (world.has(Budget.CRASHES)) {
                World next = world.fork().spend(Budget.CRASHES);
                next.nodes[i] = new Node();
                excuse(next);
                step(Kind.CHANCE, i, "dies", next);
            }
            messages(world, i, node);
        }

        private void notice(World world, Node node) {
            if (node.life != world.life) {
                node.life = world.life;
                world.generation = has(Fix.GENERATION) ? Math.max(world.generation, node.generation) : world.generation;
                node.forgotten = true;
                node.gap = true;
                node.toCompare = world.hasDatabase;
                dropPlaces(node);
            }
        }

        private void messages(World world, int i, Node node) {
            for (Stored message : node.messages) {
                if (!node.attached || world.has(Budget.LOSSES)) {
                    World lost = node.attached ? world.fork().spend(Budget.LOSSES) : world.fork();
                    lost.own(i).messages = minus(node.messages, message);
                    step(node.attached ? Kind.CHANCE : Kind.OWN, i, "misses the message ", message, lost);
                }
                if (!node.attached) {
                    continue;
                }
                if (node.writing == null && !isDeaf(world, node)) {
                    World heard = world.fork();
                    Node own = heard.own(i);
                    own.messages = minus(node.messages, message);
                    hear(heard, own, message, false);
                    step(Kind.OWN, i, "hears of ", message, heard);
                    if (world.has(Budget.COPIES)) {
                        World twice = world.fork().spend(Budget.COPIES);
                        hear(twice, twice.own(i), message, false);
                        step(Kind.CHANCE, i, "hears twice of ", message, twice);
                    }
                }
            }
        }

        // ------------------------------------------------ writing

        private void writes(World world, int i, Node node) {
            if (node.writing != null) {
                World next = world.fork();
                answered(next, next.own(i));
                step(Kind.OWN, i, "hears what became of its write, in the way: ", node.writing.inTheWay, next);
                if (world.has(Budget.LOSSES)) {
                    World lost = world.fork().spend(Budget.LOSSES);
                    Node own = lost.own(i);
                    own.writing = null;
                    note(own, node.writing.note.asUnanswered());
                    step(Kind.CHANCE, i, "does not hear what became of its write", lost);
                }
            } else if (node.note != null) {
                if (node.attached) {
                    World next = world.fork();
                    write(next, i);
                    step(Kind.OWN, i, "writes", next);
                } else if (!node.note.detached) {
                    World next = world.fork();
                    Node own = next.own(i);
                    own.note = node.note.asDetached();
                    if (world.hasDatabase && node.note.overrides != 0) {
                        owe(own, record(own)); // so that it is not lost with the process
                    }
                    step(Kind.CHANCE, i, "cannot write", next);
                }
                if (node.attached && world.has(Budget.LATE_WRITES)) {
                    World next = world.fork().spend(Budget.LATE_WRITES);
                    Node own = next.own(i);
                    next.late = plus(next.late, new Late(record(own), own.basis(), isAlone(own)));
                    own.note = node.note.asUnanswered();
                    step(Kind.CHANCE, i, "gives a write up that is still under way", next);
                }
            }
        }

        private boolean isAlone(Node node) {
            return node.epoch.alone && node.note.overrides == 0 && !node.note.refills;
        }

        static Stored record(Node node) {
            Epoch epoch = node.epoch;
            return new Stored(
                    epoch.epoch, epoch.state, epoch.hold, epoch.actor, epoch.seen, node.generation, 0, epoch.at);
        }

        private void write(World world, int i) {
            Node node = world.own(i);
            if (givesWayOnReturn(node.note) && yields(world, node, node.note)) {
                node.note = null;
                return;
            }
            standAboveStored(world, node);
            Stored record = record(node);
            boolean alone = isAlone(node) && world.record != null;
            Stored inTheWay = store(world, record, node.basis(), alone);
            node.writing = new Writing(inTheWay == null ? world.record : record, node.note, inTheWay);
            node.note = null;
        }

        /** What is written over a record begins above it if it has just its number, which others know. */
        void standAboveStored(World world, Node node) {
            Agreement agreement = node.agreement;
            if (agreement != null && node.epoch.epoch != agreement.local && node.epoch.epoch == node.basis()) {
                raise(world, node, node.basis(), false);
            }
        }

        boolean givesWayOnReturn(Note note) {
            return has(Fix.RETURN) && note.givesWayOnReturn();
        }

        boolean yields(World world, Node node, Note note) {
            Stored theirs = world.record;
            boolean taken = note.unanswered && has(Fix.UNANSWERED);
            if (theirs == null && (node.forgotten || node.basis() != NONE || taken)) {
                node.agreement = null;
                raise(world, node, node.epoch.epoch, false);
                return false;
            }
            if (theirs != null && theirs.writer == node.generation && theirs.epoch == node.epoch.epoch) {
                node.agreement = new Agreement(theirs, node.epoch.epoch);
            } else if (theirs != null) {
                adopt(world, node, theirs);
            } else {
                if (!node.epoch.isClosedAndClean()) {
                    Epoch epoch = node.epoch;
                    begin(
                            node,
                            new Epoch(
                                    above(node, epoch.epoch), State.CLOSED, 0, 0, epoch.seen, world.now(), false, false),
                            world);
                }
                node.agreement = new Agreement(null, node.epoch.epoch);
            }
            return true;
        }

        /** The script that writes: compare-and-set, and a message to all. */
        Stored store(World world, Stored record, int basis, boolean alone) {
            Stored stored = world.record;
            boolean follows = stored == null
                    || stored.epoch == basis && record.epoch >= stored.epoch
                    || basis == NONE && stored.isClosedAndClean() && record.epoch > stored.epoch
                    || stored.is(record);
            if (!follows && has(Fix.COMPARE)) {
                return stored;
            }
            if (alone) {
                world.wrong("RETURN: what a detached process did by itself is stored over " + stored);
            }
            boolean sameRound = stored != null
                    && (record.state == State.HALF_OPEN || stored.epoch == record.epoch);
            int round = sameRound ? stored.round : record.epoch;
            if (!sameRound && has(Fix.ROUND)) {
                world.round = 0;
                world.succeeded = 0;
                world.places = List.of();
            }
            if (!sameRound) {
                world.ofThisRound = 0;
                world.streak = 0;
            }
            Stored agreed = new Stored(
                    record.epoch,
                    record.state,
                    record.hold,
                    record.actor,
                    stored != null && basis != stored.epoch ? record.seen | stored.seen : record.seen,
                    record.writer,
                    round,
                    record.at);
            world.record = agreed;
            world.cools = false;
            world.truth = agreed;
            if (stored == null) {
                excuse(world, agreed);
            }
            for (int j = 0; j < world.nodes.length; j++) {
                if (world.nodes[j].up && world.nodes[j].generation != record.writer) {
                    Node other = world.own(j);
                    List<Stored> messages = other.messages.size() < scenario.messages
                            ? other.messages
                            : other.messages.subList(1, other.messages.size());
                    other.messages = plus(messages, agreed);
                }
            }
            return null;
        }

        void answered(World world, Node node) {
            Writing writing = node.writing;
            Stored ours = writing.record;
            Stored first = writing.inTheWay;
            node.writing = null;
            if (node.isNoteOfForgotten) {
                node.isNoteOfForgotten = false;
                world.acknowledged |= writing.note.overrides;
            } else if (first == null) {
                node.agreement = new Agreement(ours, ours.epoch);
                node.epoch = node.epoch.having(ours.seen);
                if (world.hasDatabase) {
                    owe(node, ours);
                }
                if (world.hasDatabase && has(Fix.LASTING)) {
                    node.owedOverrides |= writing.note.overrides;
                } else {
                    world.acknowledged |= writing.note.overrides;
                }
            } else if (stands(writing.note, ours, first)) {
                node.agreement = new Agreement(first, has(Fix.SETTLED) ? NONE : ours.epoch);
                boolean knowingly = !writing.note.refills || node.epoch.actor != 0;
                node.epoch = knowingly ? node.epoch.having(first.seen) : node.epoch;
                standAbove(world, node, ours, first, writing.note);
                note(node, writing.note);
            } else if (node.epoch.epoch == ours.epoch) {
                adopt(world, node, first);
            }
        }

        /** An override of a time when nobody could be asked counts as given then, but not as older than what it stands on. */
        private void standAbove(World world, Node node, Stored ours, Stored first, Note note) {
            if (note.overrides != 0 && note.detached) {
                int at = Math.max(note.lastOverrideAt, Math.max(ours.at, first.at));
                raise(world, node, at == ours.at ? first.epoch : Math.max(first.epoch, ours.epoch), at);
            } else {
                raise(world, node, first.epoch, !note.refills);
            }
        }

        private boolean stands(Note note, Stored ours, Stored first) {
            if (note.overrides != 0) {
                return !note.detached || first.actor == 0 || first.at <= note.lastOverrideAt;
            }
            if (note.refills && isOlder(first, ours.at)) {
                return true;
            }
            if (has(Fix.FAILED) && note.automatic && !note.fromClosed && !note.detached && ours.state == State.OPEN) {
                return first.state == State.HALF_OPEN; // a trial failed here, which others have only begun
            }
            return note.fromClosed && !note.detached && first.isClosedAndClean();
        }

        private boolean isOlder(Stored record, int than) {
            return has(Fix.AGE) && isOlder(record.at, than);
        }

        /** Whether one moment is before another by more than clocks may be apart. */
        boolean isOlder(int one, int other) {
            return one / PAUSE < other / PAUSE;
        }

        // ------------------------------------------------ hearing

        private void hears(World world, int i, Node node) {
            if (node.writing != null || isDeaf(world, node)) {
                return; // one thread does both
            }
            if (node.attached && (has(Fix.RECONCILE) || node.gap)) {
                World next = world.fork();
                readAgain(next, next.own(i));
                step(Kind.OWN, i, "reads again", next);
            }
            if (node.doubt && node.attached && !node.gap) {
                World next = world.fork();
                Node own = next.own(i);
                own.doubt = false;
                look(next, own);
                step(Kind.OWN, i, "looks again", next);
            }
        }

        private void readAgain(World world, Node node) {
            node.gap = false;
            Stored record = world.record;
            if (record != null && !record.isClosedAndClean()) {
                hear(world, node, record, true);
            } else if (!node.epoch.isClosedAndClean()) {
                look(world, node);
            }
            node.forgotten = false;
        }

        void look(World world, Node node) {
            if (world.record != null) {
                hear(world, node, world.record, true);
            } else {
                refill(world, node);
            }
        }

        private void refill(World world, Node node) {
            Agreement agreement = node.agreement;
            if (agreement == null || node.epoch.epoch != agreement.local || !has(Fix.REFILL)) {
                return;
            }
            if (!has(Fix.KEEP)) {
                Epoch epoch = node.epoch;
                int next = above(node, epoch.epoch);
                begin(node, new Epoch(next, State.CLOSED, 0, 0, epoch.seen, world.now(), false, false), world);
                node.agreement = new Agreement(null, node.epoch.epoch);
                return;
            }
            if (node.epoch.isClosedAndClean()) {
                node.agreement = new Agreement(null, agreement.local);
                return;
            }
            node.agreement = null;
            if (has(Fix.NEXT_EPOCH)) {
                raise(world, node, agreement.local, false);
            }
            note(node, new Note(0, 0, false, false, false, true));
        }

        private static boolean isOf(Stored record, Epoch epoch) {
            return record.hold == epoch.hold
                    && (record.state == epoch.state
                            || record.state == State.HALF_OPEN && epoch.state == State.OPEN);
        }

        void hear(World world, Node node, Stored record, boolean read) {
            Agreement agreement = node.agreement;
            Epoch epoch = node.epoch;
            if (agreement == null ? !epoch.birth : epoch.epoch != agreement.local) {
                return;
            }
            int stored = node.basis();
            boolean other = agreement == null
                    || record.epoch > stored
                    || read && record.epoch < stored
                    || has(Fix.SAME) && read && !isOf(record, epoch);
            if (other && agreement != null && !epoch.birth && isOlder(record, epoch.at)) {
                node.agreement = new Agreement(record, epoch.epoch);
                node.epoch = epoch.actor == 0 ? epoch : epoch.having(record.seen);
                raise(world, node, Math.max(record.epoch, epoch.epoch), false);
                note(node, new Note(0, 0, false, false, false, true));
            } else if (other) {
                adopt(world, node, record);
            }
        }

        // ------------------------------------------------ the database behind Redis

        private void owe(Node node, Stored record) {
            node.debt = node.debt == null ? record : newer(node.debt, record);
        }

        /** The later of two, with the lines of both. */
        private static Stored newer(Stored one, Stored later) {
            Stored newer = later.epoch >= one.epoch ? later : one;
            int seen = one.seen | later.seen;
            return new Stored(
                    newer.epoch, newer.state, newer.hold, newer.actor, seen, newer.writer, newer.round, newer.at);
        }

        /** Before debts were apart, a circuit of which the database was owed something was noted all the while. */
        private boolean isSettled(Node node) {
            return node.isSettled() && (node.debt == null || has(Fix.DEBTS));
        }

        /** Before news were apart, who had missed something read all again first, and compared it with the database. */
        private boolean isDeaf(World world, Node node) {
            return !has(Fix.NEWS) && node.gap && node.toCompare && world.isDatabaseAway;
        }

        private void archives(World world, int i, Node node) {
            if (!world.hasDatabase || world.isDatabaseAway) {
                return;
            }
            if (node.debt != null) {
                World next = world.fork();
                Node own = next.own(i);
                next.database = world.database == null ? node.debt : newer(world.database, node.debt);
                next.acknowledged |= node.owedOverrides;
                own.debt = null;
                own.owedOverrides = 0;
                step(Kind.OWN, i, "pays the database ", node.debt, next);
            }
            boolean again = has(Fix.COMPARED) && isMissing(world);
            if (node.attached && (node.toCompare || again)) {
                World next = world.fork();
                Node own = next.own(i);
                own.toCompare = false;
                own.gap |= bring(next);
                step(Kind.OWN, i, "compares Redis with the database", next);
            }
        }

        private static boolean isMissing(World world) {
            return world.record == null && world.database != null && !world.database.isClosedAndClean();
        }

        /** Redis gets what it has no record of, not even a closed one; whether there was something. */
        private boolean bring(World world) {
            if (!isMissing(world) || !has(Fix.BRING)) {
                return false;
            }
            Stored known = world.database;
            State state = known.state == State.HALF_OPEN ? State.OPEN : known.state;
            Stored again = new Stored(
                    known.epoch + 1, state, known.hold, known.actor, known.seen, known.writer, 0, known.at);
            store(world, again, NONE, false);
            return true;
        }

        // ------------------------------------------------ forgetting an idle circuit, or one at the cap

        private boolean mayForget(Node node) {
            boolean written = node.note == null && node.writing == null;
            return node.epoch.isClosedAndClean() && (written || !has(Fix.NOTED) && node.writing == null);
        }

        private void forgets(World world, int i, Node node) {
            if (world.has(Budget.EVICTIONS) && !node.forgets && mayForget(node)) {
                World next = world.fork().spend(Budget.EVICTIONS);
                Node own = next.own(i);
                own.forgets = true;
                own.seenFailures = node.failures;
                step(Kind.CHANCE, i, "begins to forget its circuit, and seals it", next);
            }
            if (node.forgets) {
                World next = world.fork();
                Node own = next.own(i);
                own.forgets = false;
                if (mayForget(node)) {
                    forget(next, own);
                }
                step(Kind.OWN, i, "has forgotten its circuit, or gives it up", next);
            }
        }

        private void forget(World world, Node node) {
            if (node.failures > node.seenFailures) {
                world.wrong("COUNT: a failure is lost with the circuit that is forgotten");
            }
            Epoch last = node.epoch;
            node.isNoteOfForgotten = node.note != null;
            node.agreement = node.isSettled() || node.isNoteOfForgotten ? null : node.agreement;
            int next = above(node, last.epoch);
            begin(node, new Epoch(next, State.CLOSED, 0, 0, last.seen, last.at, true, false), world);
        }

        // ------------------------------------------------ trials

        private void trials(World world, int i, Node node) {
            Epoch epoch = node.epoch;
            boolean tried = epoch.state != State.CLOSED && epoch.hold == 0;
            boolean asks = scenario.most > 0 && node.waiting == null && node.asking == null;
            boolean cools = has(Fix.ASKED) ? node.cools : node.cools || node.refused;
            cooldown(world, i, node);
            if (tried && asks && !cools && node.attached && isSettled(node)) {
                World next = world.fork();
                ask(next, next.own(i));
                step(Kind.CALL, i, "asks for a trial: ", next.nodes[i].asking.answer, next);
            }
            if (node.asking != null) {
                World next = world.fork();
                askAnswered(next, next.own(i));
                step(Kind.OWN, i, "hears of the trial it asked for", next);
            }
            if (node.waiting != null) {
                if (!tried || !node.attached) {
                    World next = world.fork();
                    giveBack(next, next.own(i), node.waiting);
                    next.own(i).waiting = null;
                    step(Kind.OWN, i, "gives its place back", next);
                }
                if (!world.places.contains(node.waiting.id)) {
                    World lost = world.fork();
                    lost.own(i).waiting = null;
                    step(Kind.OWN, i, "hears that its place is lost", lost);
                }
            }
            if (tried && !node.cools && mayBegin(node)) {
                World next = world.fork();
                beginTrial(next, next.own(i));
                step(Kind.CALL, i, "begins a trial", next);
            }
            for (Trial trial : node.running) {
                World good = world.fork();
                succeed(good, good.own(i), trial);
                step(Kind.CALL, i, "ends a trial well", trial.current ? "" : ", too late", good);
                if (trial.current && world.has(Budget.BAD_TRIALS)) {
                    World bad = world.fork().spend(Budget.BAD_TRIALS);
                    Node own = bad.own(i);
                    own.running = minus(own.running, trial);
                    giveBack(bad, own, trial.ticket);
                    move(bad, own, State.OPEN);
                    bad.failedAt = own.attached ? bad.time : 0;
                    step(Kind.CHANCE, i, "ends a trial badly", bad);
                }
            }
            if (node.enough != null) {
                World next = world.fork();
                Node own = next.own(i);
                own.enough = null;
                if (!has(Fix.EPOCH) || !node.enough.stale) {
                    close(next, own, node.enough.at);
                }
                step(Kind.OWN, i, "hears that enough have succeeded", next);
            }
        }

        /** A cooldown that lasts, until somebody ends it: the process that is asked to, and the others once it is stored. */
        private void cooldown(World world, int i, Node node) {
            if (node.hastened && node.attached) {
                World next = world.fork();
                next.own(i).hastened = false;
                next.cools &= world.record == null || node.basis() != world.record.epoch;
                step(Kind.OWN, i, "writes that the cooldown has ended", next);
            }
            if (node.cools && node.attached && !world.cools) {
                World next = world.fork();
                next.own(i).cools = false;
                step(Kind.OWN, i, "hears that the cooldown has ended", next);
            }
            if (node.cools && !node.refused) {
                World next = world.fork();
                next.own(i).refused = true;
                step(Kind.CALL, i, "refuses a call", next);
            }
            if (node.cools && world.has(Budget.PROBES)) {
                World next = world.fork().spend(Budget.PROBES);
                Node own = next.own(i);
                own.cools = false;
                own.hastened = true;
                step(Kind.CHANCE, i, "is to probe now", next);
            }
        }

        private void ask(World world, Node node) {
            boolean tried = isTried(world);
            int name = freeName(world, node);
            Answer answer = place(world, name);
            if (answer == Answer.ENOUGH) {
                enough(world);
            }
            Ticket given = answer == Answer.GIVEN ? new Ticket(name, world.round) : null;
            node.asking = new Ask(answer, given, tried && answer == Answer.ENOUGH ? world.now() : 0, false);
        }

        /** Whether the circuit is one that is tried; what was of an opening before is forgotten. */
        private boolean isTried(World world) {
            Stored record = world.record;
            if (record == null || record.state == State.CLOSED || record.hold != 0) {
                return false;
            }
            if (world.round != record.round && has(Fix.ROUND)) {
                world.succeeded = 0;
                world.places = List.of();
            }
            world.round = record.round;
            return true;
        }

        /** The script that gives a place to the trial of a name. */
        Answer place(World world, int name) {
            if (!isTried(world)) {
                return Answer.LOOK_AGAIN;
            }
            int out = world.places.size();
            if (world.cools) {
                return Answer.FULL;
            }
            if (world.succeeded >= scenario.needed) {
                return Answer.ENOUGH;
            }
            if (out >= scenario.cap || out + world.succeeded >= scenario.most) {
                return Answer.FULL;
            }
            world.places = sorted(plus(world.places, name));
            return Answer.GIVEN;
        }

        /** The script that takes a place back, and counts a success of the present round; whether so many have succeeded. */
        boolean end(World world, Ticket ticket, boolean good) {
            world.places = minus(world.places, ticket.id);
            Stored record = world.record;
            boolean counts = good
                    && record != null
                    && record.state != State.CLOSED
                    && (record.round == ticket.round || !has(Fix.ROUND));
            if (counts) {
                world.round = has(Fix.ROUND) ? ticket.round : world.round;
                world.succeeded = Math.min(world.succeeded + 1, scenario.most);
                world.ofThisRound += record.round == ticket.round ? 1 : 0;
            }
            return counts && world.succeeded >= scenario.needed;
        }

        private void enough(World world) {
            if (world.ofThisRound < scenario.needed) {
                world.wrong("CLOSE: trials of an opening that is over count in this one");
            }
        }

        private static int freeName(World world, Node node) {
            int name = node.generation * 16;
            while (world.places.contains(name) || runs(node, name)) {
                name++;
            }
            return name;
        }

        private void askAnswered(World world, Node node) {
            Ask ask = node.asking;
            node.asking = null;
            switch (ask.answer) {
                case GIVEN -> {
                    if (ask.stale) {
                        giveBack(world, node, ask.given);
                    } else {
                        node.waiting = ask.given;
                    }
                }
                case ENOUGH -> {
                    if (!has(Fix.EPOCH) || !ask.stale) {
                        close(world, node, ask.at);
                    }
                }
                case LOOK_AGAIN -> node.doubt = true;
                case FULL -> {}
            }
        }

        private void giveBack(World world, Node node, Ticket ticket) {
            if (ticket != null && node.attached) {
                world.places = minus(world.places, ticket.id);
            }
        }

        private boolean mayBegin(Node node) {
            if (scenario.most == 0 || node.attached && node.waiting == null) {
                return false;
            }
            return node.epoch.state == State.OPEN
                    || node.current() < scenario.cap && node.current() + node.succeeded < scenario.most;
        }

        private void beginTrial(World world, Node node) {
            Ticket ticket = node.attached ? node.waiting : null;
            if (node.attached) {
                node.waiting = null;
            }
            if (node.epoch.state == State.OPEN) {
                move(world, node, State.HALF_OPEN);
            }
            boolean lapsed = ticket != null
                    && ticket.round == world.round
                    && node.life == world.life
                    && !world.places.contains(ticket.id);
            node.running = plus(node.running, new Trial(ticket, true, false));
            if (lapsed) {
                world.wrong("TRIALS: a trial begins whose place is no longer kept");
            }
        }

        private void succeed(World world, Node node, Trial trial) {
            node.running = minus(node.running, trial);
            if (!trial.current && has(Fix.LATE)) {
                return; // late: it says nothing
            }
            if (trial.ticket != null && node.attached && end(world, trial.ticket, true)) {
                enough(world);
                node.enough = new Enough(world.now(), false);
            }
            node.succeeded++;
            if (node.succeeded >= scenario.needed) {
                move(world, node, State.CLOSED);
            }
        }

        /** Closes because Redis said, some time ago, that enough trials have succeeded. */
        private void close(World world, Node node, int saidAt) {
            if (node.epoch.state != State.CLOSED && node.epoch.hold == 0) {
                if (node.openedAt > saidAt) {
                    world.wrong("CLOSE: closed by trials of an opening that is over");
                }
                move(world, node, State.CLOSED);
            }
        }

        // ------------------------------------------------ figures

        /**
         * A window of calls: one process' calls fail, five times as many of the other's succeed. Each reports once a
         * round, and the failing one once more as soon as it has something.
         */
        private void calls(World world, int i, Node node) {
            boolean breaks = i == 0;
            boolean may = node.attached && isSettled(node) && node.epoch.isClosedAndClean();
            if (may && (node.reportedIn != world.reportRound || node.reports < (breaks ? 2 : 1))) {
                World next = world.fork();
                Node own = next.own(i);
                own.reports = node.reportedIn == world.reportRound ? node.reports + 1 : 1;
                own.reportedIn = world.reportRound;
                next.bad += breaks ? 1 : 0;
                next.good += breaks ? 0 : 5;
                if (breaks && opens(next)) {
                    next.wrong("FAIR: " + next.bad + " failures in a round open what is healthy for the fleet");
                }
                step(Kind.OWN, i, "reports its calls", next);
            }
        }

        /** By the newest calls that fill a window, and by no fewer than the last report of each process. */
        private boolean opens(World world) {
            int good = world.good;
            int bad = world.bad;
            boolean covers = true;
            for (Node node : world.nodes) {
                covers &= node.reportedIn != world.reportRound - 1;
            }
            if (!covers && has(Fix.COVER)) {
                good += world.goodBefore;
                bad += world.badBefore;
            }
            return bad > 0 && bad >= good;
        }

        private void nextRound(World world) {
            for (Node node : world.nodes) {
                if (node.up && node.reportedIn != world.reportRound) {
                    return; // who is there reports in each round
                }
            }
            World next = world.fork().spend(Budget.ROUNDS);
            next.reportRound++;
            next.goodBefore = next.good;
            next.badBefore = next.bad;
            next.good = 0;
            next.bad = 0;
            step(Kind.CHANCE, -1, "a round of reports is over", next);
        }

        private void figures(World world, int i, Node node) {
            if (scenario.counts) {
                calls(world, i, node);
                return;
            }
            Tally tally = node.tally;
            if (tally == null) {
                if (node.failures > 0 && node.attached && isSettled(node) && node.epoch.isClosedAndClean()) {
                    World next = world.fork();
                    Node own = next.own(i);
                    Stored basis = node.agreement == null ? null : node.agreement.stored;
                    own.tally = new Tally(basis, node.failures, node.epoch.epoch, false, false);
                    own.failures = 0;
                    own.seenFailures = 0;
                    step(Kind.OWN, i, "reports what it counted", next);
                }
                return;
            }
            World next = world.fork();
            Node own = next.own(i);
            if (tally.counted) {
                own.tally = null;
                if (tally.trips && (own.epoch.epoch == tally.epoch || !has(Fix.EPOCH))) {
                    if (own.epoch.isClosedAndClean()) {
                        move(next, own, State.OPEN);
                    }
                }
                step(Kind.OWN, i, "hears what all have counted", next);
            } else {
                count(next, own, tally);
                step(Kind.OWN, i, "is counted", next);
            }
            World lost = world.fork();
            lost.own(i).tally = null;
            step(Kind.CHANCE, i, "loses a tally", lost);
        }

        private void count(World world, Node node, Tally tally) {
            Stored record = world.record;
            int basis = tally.basis == null ? NONE : tally.basis.epoch;
            if (!count(world, basis, tally.failures, tally.failures, 0)) {
                node.tally = null;
                int again = node.epoch.epoch == tally.epoch ? tally.failures : 0;
                node.failures += again;
                node.seenFailures += again;
                node.doubt = true;
                return;
            }
            if (!isCounted(record, basis) || record != null && !record.is(tally.basis)) {
                world.wrong("FIGURES: failures of another epoch count in this one");
            }
            node.tally = new Tally(tally.basis, tally.failures, tally.epoch, true, world.streak >= 2);
        }

        private static boolean isCounted(Stored record, int basis) {
            return record == null ? basis == NONE : record.epoch == basis && record.isClosedAndClean();
        }

        /**
         * The script that counts what a process has counted; false if that is not of the stored epoch.
         *
         * @param last failures since the last success, if there was one
         */
        boolean count(World world, int basis, int calls, int failures, int last) {
            if (!isCounted(world.record, basis) && has(Fix.BASIS)) {
                return false;
            }
            int streak = calls > failures ? last : world.streak + failures;
            world.streak = Math.min(scenario.longestStreak, streak);
            return true;
        }

        // ------------------------------------------------ users, and Redis

        private void users(World world, int i, Node node) {
            if (node.epoch.isClosedAndClean()) {
                if (world.has(Budget.TRIPS)) {
                    World next = world.fork().spend(Budget.TRIPS);
                    move(next, next.own(i), State.OPEN);
                    step(Kind.CHANCE, i, "trips", next);
                }
                if (world.has(Budget.FAILURES)) {
                    World next = world.fork().spend(Budget.FAILURES);
                    Node own = next.own(i);
                    own.failures++;
                    own.forgets &= !has(Fix.SEAL); // who finds the seal puts a copy there, and counts in that
                    step(Kind.CHANCE, i, "counts a failure", next);
                }
            }
            if (world.has(Budget.OVERRIDES)) {
                for (OverrideKind kind : scenario.overrides) {
                    World next = world.fork().spend(Budget.OVERRIDES);
                    next.given++;
                    override(next, next.own(i), kind.to, kind.holds, next.given);
                    next.overriddenAt = next.overriddenAt.clone();
                    next.overriddenAt[next.given] = next.time;
                    step(Kind.CHANCE, i, "is overridden: ", kind, next);
                }
            }
        }

        private void redis(World world) {
            if (scenario.counts && world.has(Budget.ROUNDS)) {
                nextRound(world);
            }
            if (world.isDatabaseAway || world.has(Budget.OUTAGES)) {
                World next = world.isDatabaseAway ? world.fork() : world.fork().spend(Budget.OUTAGES);
                next.isDatabaseAway = !world.isDatabaseAway;
                step(Kind.CHANCE, -1, next.isDatabaseAway ? "the database goes away" : "the database is back", next);
            }
            for (Late late : world.late) {
                World next = world.fork();
                next.late = minus(next.late, late);
                store(next, late.record, late.basis, late.alone && world.record != null);
                step(Kind.OWN, -1, "Redis gets the write that was given up, ", late.record, next);
                World lost = world.fork();
                lost.late = minus(lost.late, late);
                step(Kind.CHANCE, -1, "the write that was given up never comes", lost);
            }
            if (world.has(Budget.FLUSHES)) {
                World next = world.fork().spend(Budget.FLUSHES);
                next.life++;
                next.record = null;
                next.cools = false;
                next.round = 0;
                next.succeeded = 0;
                next.ofThisRound = 0;
                next.streak = 0;
                next.places = List.of();
                next.generation = world.hasDatabase ? world.generation : 0; // the database knows it as well
                excuse(next);
                step(Kind.CHANCE, -1, "Redis forgets everything", next);
            }
            if (world.has(Budget.PAUSES)) {
                World next = world.fork().spend(Budget.PAUSES);
                next.time = (next.time / PAUSE + 1) * PAUSE;
                step(Kind.CHANCE, -1, "a while passes", next);
            }
            for (int place : has(Fix.LEASE) ? world.places : List.<Integer>of()) {
                int owner = ownerIfKept(world, place);
                if (owner == NONE) {
                    World next = world.fork();
                    next.places = minus(world.places, place);
                    lapse(next, place);
                    step(Kind.OWN, -1, "Redis gives up place " + place, next);
                }
            }
        }

        /** A process that is attached keeps its places; where nobody does they are lost. */
        private int ownerIfKept(World world, int place) {
            for (int i = 0; i < world.nodes.length; i++) {
                Node node = world.nodes[i];
                boolean usable = has(Fix.MARGIN) && node.waiting != null && node.waiting.id == place;
                boolean asked = node.asking != null && node.asking.given != null && node.asking.given.id == place;
                boolean runs = node.attached && runs(node, place);
                if (node.up && (usable || asked || runs)) {
                    return i;
                }
            }
            return NONE;
        }

        private static boolean runs(Node node, int place) {
            for (Trial trial : node.running) {
                if (trial.isIn(place)) {
                    return true;
                }
            }
            return false;
        }

        private static void lapse(World world, int place) {
            for (int i = 0; i < world.nodes.length; i++) {
                Node node = world.nodes[i];
                for (Trial trial : node.running) {
                    if (trial.isIn(place)) {
                        Node own = world.own(i);
                        own.running = plus(minus(own.running, trial), new Trial(trial.ticket, trial.current, true));
                    }
                }
            }
        }
    }

    /** What nobody knows any more nobody can bring back: Redis has forgotten it, and the processes that knew it are dead. */
    static void excuse(World world) {
        int known = world.record == null ? 0 : world.record.seen;
        boolean truthKnown = world.record != null || isTruth(world, world.database);
        known |= world.database == null ? 0 : world.database.seen;
        known |= world.hasDatabase ? world.acknowledged : 0; // what is acknowledged must last
        for (Node node : world.nodes) {
            if (node.up) {
                known |= node.epoch.seen;
                truthKnown |= world.truth != null
                        && (node.epoch.at == world.truth.at
                                || node.agreement != null && world.truth.is(node.agreement.stored));
            }
        }
        world.excused |= ~known;
        world.truth = truthKnown ? world.truth : null;
    }

    static boolean isTruth(World world, Stored record) {
        return record != null && world.truth != null && record.at == world.truth.at;
    }

    /**
     * A process that has not heard of an override may write to a Redis that has just forgotten it. Its epoch is in effect, unless it
     * began earlier than the override, and by more than clocks may be apart.
     */
    static void excuse(World world, Stored first) {
        for (int override = 1; override <= world.given; override++) {
            boolean older = first.at / PAUSE < world.overriddenAt[override] / PAUSE;
            if (world.life > 0 && !older && (first.seen & 1 << override) == 0) {
                world.excused |= 1 << override;
            }
        }
    }

    static Epoch birth(int generation) {
        return new Epoch(generation * BIRTH, State.CLOSED, 0, 0, 0, 0, true, false);
    }

    static String name(int node) {
        return String.valueOf((char) ('A' + node));
    }

    static <T> List<T> plus(List<T> list, T element) {
        List<T> more = new ArrayList<>(list);
        more.add(element);
        return List.copyOf(more);
    }

    static <T> List<T> minus(List<T> list, T element) {
        List<T> less = new ArrayList<>(list);
        less.remove(element);
        return List.copyOf(less);
    }

    static List<Integer> sorted(List<Integer> list) {
        List<Integer> sorted = new ArrayList<>(list);
        Collections.sort(sorted);
        return List.copyOf(sorted);
    }

    // ---------------------------------------------------------------- what must hold

    enum OverrideKind {
        HOLD_OPEN(State.OPEN, true, "hold open"),
        HOLD_CLOSED(State.CLOSED, true, "hold closed"),
        RESET(State.CLOSED, false, "reset");

        private final State to;
        private final boolean holds;
        private final String text;

        OverrideKind(State to, boolean holds, String text) {
            this.to = to;
            this.holds = holds;
            this.text = text;
        }
    }

    static final byte DISAGREE = 1;
    static final byte OVERRIDE_LOST = 2;
    static final byte CLOSED_BY_FORGETTING = 4;
    static final byte NOT_RECOVERED = 8;
    static final byte FAILURE_LOST = 16;

    /** What must hold in each world. */
    static void check(World world, Scenario scenario) {
        for (Node node : world.nodes) {
            if (node.current() > scenario.cap) {
                world.wrong("TRIALS: a process makes " + node.current() + " at once");
            }
            for (Trial trial : node.running) {
                if (trial.isKept() && together(world, trial.ticket.round) > scenario.cap) {
                    world.wrong("TRIALS: more at once in round " + trial.ticket.round + " than " + scenario.cap);
                }
            }
        }
    }

    /** Trials of a round that are out, whose places are kept, in processes that are attached. */
    static int together(World world, int round) {
        int together = 0;
        for (Node node : world.nodes) {
            for (Trial trial : node.running) {
                together += node.attached && trial.isKept() && trial.ticket.round == round ? 1 : 0;
            }
        }
        return together;
    }

    /** What must hold in worlds where the protocol has come to rest, as bits that are set if it does not. */
    static byte atRest(World world) {
        Stored record = world.record;
        int wrong = 0;
        int known = record == null ? 0 : record.seen;
        boolean waits = world.isDatabaseAway && isTruth(world, world.database);
        if (world.database != null && (record == null && world.database.isClosedAndClean() || world.isDatabaseAway)) {
            known |= world.database.seen; // in effect already, or once it is back
        }
        boolean allClosed = true;
        boolean allHeld = true;
        boolean anyUp = false;
        for (Node node : world.nodes) {
            if (!node.up) {
                continue;
            }
            anyUp = true;
            Epoch epoch = node.epoch;
            allClosed &= epoch.isClosedAndClean();
            allHeld &= epoch.hold != 0;
            known |= record == null ? epoch.seen : 0;
            boolean agrees = record == null
                    ? epoch.isClosedAndClean()
                    : epoch.hold == record.hold
                            && (epoch.state == record.state
                                    || epoch.state == State.OPEN && record.state == State.HALF_OPEN);
            wrong |= agrees ? 0 : DISAGREE;
            boolean forgot = world.truth != null && !world.truth.isClosedAndClean() && epoch.isClosedAndClean();
            wrong |= forgot && !waits ? CLOSED_BY_FORGETTING : 0;
        }
        boolean tried = record != null && record.state == State.HALF_OPEN;
        wrong |= tried && record.at < world.failedAt ? FAILURE_LOST : 0;
        if (anyUp) {
            wrong |= (world.acknowledged & ~world.excused & ~known) == 0 ? 0 : OVERRIDE_LOST;
            boolean cools = world.cools; // it will end by itself
            wrong |= allClosed || allHeld || cools ? 0 : NOT_RECOVERED; // looked at only where there are trials
        }
        return (byte) wrong;
    }

    // ---------------------------------------------------------------- where it begins

    /** How many may do what, and how often chance strikes. */
    static final class Scenario {
        final String name;
        final String text;
        int nodes = 2;
        int most = 1;
        int cap = 1;
        int needed = 1;
        int messages = 1;

        /** No more failures in a row are told apart. */
        int longestStreak = 2;

        boolean beginsOpen;
        boolean cools;
        boolean counts;
        boolean hasDatabase;
        boolean isDeep;
        List<OverrideKind> overrides = List.of(OverrideKind.HOLD_OPEN, OverrideKind.HOLD_CLOSED);
        final int[] left = new int[Budget.values().length];

        Scenario(String name, String text) {
            this.name = name;
            this.text = text;
        }

        Scenario nodes(int number) {
            nodes = number;
            return this;
        }

        Scenario trials(int all, int atOnce, int successes) {
            most = all;
            cap = atOnce;
            needed = successes;
            return this;
        }

        Scenario longestStreak(int failures) {
            longestStreak = failures;
            return this;
        }

        Scenario overrides(OverrideKind... kinds) {
            overrides = List.of(kinds);
            return this;
        }

        Scenario messages(int underWay) {
            messages = underWay;
            return this;
        }

        /** Takes long: only walked through when asked for. */
        Scenario deep() {
            isDeep = true;
            return this;
        }

        Scenario open() {
            beginsOpen = true;
            return this;
        }

        /** The cooldown lasts longer than anybody waits. */
        Scenario cooling() {
            cools = true;
            return this;
        }

        /** A window of calls, of which one process' all fail. */
        Scenario counting() {
            counts = true;
            return this;
        }

        /** There is a database behind Redis, which may be away so often. */
        Scenario database(int outages) {
            hasDatabase = true;
            return with(Budget.OUTAGES, outages);
        }

        Scenario with(Budget budget, int times) {
            left[budget.ordinal()] = times;
            return this;
        }

        World begin() {
            World world = new World();
            world.left = left.clone();
            world.nodes = new Node[nodes];
            world.generation = nodes;
            int epoch = nodes * BIRTH + 1;
            if (beginsOpen) {
                world.record = new Stored(epoch, State.OPEN, 0, 0, 0, nodes, epoch, world.now());
                world.truth = world.record;
                world.cools = cools;
            }
            world.hasDatabase = hasDatabase;
            world.database = hasDatabase ? world.record : null;
            world.good = counts ? 5 : 0;
            for (int i = 0; i < nodes; i++) {
                Node node = new Node();
                node.generation = i + 1;
                node.reports = counts && i > 0 ? 1 : 0;
                node.reportedIn = counts && i > 0 ? 0 : NEVER;
                node.up = true;
                node.attached = true;
                node.epoch = birth(i + 1);
                node.first = node.epoch.epoch;
                if (beginsOpen) {
                    node.epoch = new Epoch(epoch, State.OPEN, 0, 0, 0, world.time, false, false);
                    node.agreement = new Agreement(world.record, epoch);
                    node.cools = cools;
                }
                world.nodes[i] = node;
            }
            return world;
        }
    }

    static List<Scenario> scenarios() {
        return List.of(
                new Scenario("trips", "a trip, a trial, a message or an answer lost, another one heard twice")
                        .with(Budget.TRIPS, 1)
                        .with(Budget.COPIES, 1)
                        .with(Budget.LOSSES, 1),
                new Scenario("trials", "two trials of which one must succeed")
                        .open()
                        .trials(2, 2, 1),
                new Scenario("a trial fails", "of two trials at once, in two processes, one fails")
                        .open()
                        .trials(2, 2, 2)
                        .with(Budget.BAD_TRIALS, 1),
                new Scenario("reopening", "a circuit has closed and trips again")
                        .open()
                        .with(Budget.TRIPS, 1),
                new Scenario("overrides", "an override, a trip, an answer that is lost, a write that comes late")
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.HOLD_OPEN, OverrideKind.RESET)
                        .with(Budget.OVERRIDES, 1)
                        .with(Budget.TRIPS, 1)
                        .with(Budget.LOSSES, 1)
                        .with(Budget.LATE_WRITES, 1),
                new Scenario("an override among trials", "a process is overridden while another tries")
                        .open()
                        .overrides(OverrideKind.HOLD_OPEN)
                        .with(Budget.OVERRIDES, 1),
                new Scenario("deaths", "a process dies with a trial, and is started again")
                        .open()
                        .with(Budget.CRASHES, 1),
                new Scenario("detached", "a process is detached, and tries by itself")
                        .open()
                        .with(Budget.DETACHES, 1),
                new Scenario("detached overrides", "a process is detached, trips and is overridden meanwhile")
                        .trials(0, 0, 0)
                        .with(Budget.OVERRIDES, 2)
                        .with(Budget.TRIPS, 1)
                        .with(Budget.DETACHES, 1),
                new Scenario("forgotten", "Redis forgets an open circuit")
                        .open()
                        .trials(0, 0, 0)
                        .with(Budget.FLUSHES, 1),
                new Scenario("forgetting", "Redis forgets everything while overrides are on their way")
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.HOLD_OPEN)
                        .with(Budget.FLUSHES, 1)
                        .with(Budget.OVERRIDES, 2)
                        .with(Budget.PAUSES, 1),
                new Scenario("forgetting and death", "Redis forgets everything, and a process dies")
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.HOLD_OPEN)
                        .with(Budget.FLUSHES, 1)
                        .with(Budget.OVERRIDES, 1)
                        .with(Budget.TRIPS, 1)
                        .with(Budget.CRASHES, 1),
                new Scenario("figures", "failures of two processes are counted together")
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.RESET)
                        .with(Budget.FAILURES, 2)
                        .with(Budget.TRIPS, 1)
                        .with(Budget.OVERRIDES, 1),
                new Scenario("probing now", "a call is refused, then a cooldown is ended that would last")
                        .open()
                        .cooling()
                        .with(Budget.PROBES, 1),
                new Scenario("calls", "in a window of calls one process fails fast, the other is healthy")
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.RESET)
                        .counting()
                        .with(Budget.ROUNDS, 3),
                new Scenario("owed", "a circuit trips while the database behind Redis is away")
                        .nodes(1)
                        .database(1)
                        .with(Budget.TRIPS, 1),
                new Scenario("back without a database", "a process is detached, another overridden, the database away")
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.HOLD_OPEN, OverrideKind.RESET)
                        .database(1)
                        .with(Budget.DETACHES, 1)
                        .with(Budget.OVERRIDES, 1)
                        .with(Budget.TRIPS, 1),
                new Scenario("only the database", "Redis forgets everything, and all processes die")
                        .nodes(1)
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.HOLD_OPEN, OverrideKind.RESET)
                        .database(1)
                        .with(Budget.FLUSHES, 1)
                        .with(Budget.CRASHES, 1)
                        .with(Budget.OVERRIDES, 1)
                        .with(Budget.TRIPS, 1),
                new Scenario("paid late", "Redis forgets everything, a process starts, another pays the database and dies")
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.HOLD_OPEN)
                        .database(0)
                        .with(Budget.FLUSHES, 1)
                        .with(Budget.CRASHES, 2)
                        .with(Budget.OVERRIDES, 1),
                new Scenario("an answer is lost", "a circuit trips, the answer is lost, and Redis forgets everything")
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.RESET)
                        .with(Budget.TRIPS, 1)
                        .with(Budget.LOSSES, 2)
                        .with(Budget.FLUSHES, 1),
                new Scenario("idle", "a circuit is reset and forgotten, and trips")
                        .open()
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.RESET)
                        .with(Budget.OVERRIDES, 1)
                        .with(Budget.TRIPS, 1)
                        .with(Budget.EVICTIONS, 1),
                new Scenario("making room", "circuits are forgotten while their calls fail")
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.RESET)
                        .with(Budget.FAILURES, 2)
                        .with(Budget.TRIPS, 1)
                        .with(Budget.EVICTIONS, 2),
                new Scenario("three", "three processes, an override and a trip")
                        .nodes(3)
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.HOLD_OPEN)
                        .with(Budget.OVERRIDES, 1)
                        .with(Budget.TRIPS, 1),
                new Scenario("deep: trials", "two trials at once, two successes, one fails")
                        .deep()
                        .open()
                        .trials(2, 2, 2)
                        .with(Budget.BAD_TRIALS, 1),
                new Scenario("deep: deaths", "a process dies, another's trial fails")
                        .deep()
                        .open()
                        .with(Budget.BAD_TRIALS, 1)
                        .with(Budget.CRASHES, 1),
                new Scenario("deep: detached", "a process is detached, and trips and tries meanwhile")
                        .deep()
                        .with(Budget.TRIPS, 1)
                        .with(Budget.DETACHES, 1),
                new Scenario("deep: probing now", "a cooldown that would last is ended while a process is detached")
                        .deep()
                        .open()
                        .cooling()
                        .with(Budget.PROBES, 1)
                        .with(Budget.DETACHES, 1),
                new Scenario("deep: forgotten trials", "Redis forgets everything while trials are out")
                        .deep()
                        .open()
                        .with(Budget.FLUSHES, 1),
                new Scenario("deep: database", "a process is detached and tries, the database is away")
                        .deep()
                        .open()
                        .database(1)
                        .with(Budget.DETACHES, 1),
                new Scenario("deep: only the database", "Redis forgets all, a process dies, the database is away for a while")
                        .deep()
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.HOLD_OPEN)
                        .database(1)
                        .with(Budget.FLUSHES, 1)
                        .with(Budget.CRASHES, 1)
                        .with(Budget.OVERRIDES, 1)
                        .with(Budget.PAUSES, 1),
                new Scenario("deep: idle", "a circuit is forgotten after trials, and trips")
                        .deep()
                        .open()
                        .with(Budget.TRIPS, 1)
                        .with(Budget.EVICTIONS, 2),
                new Scenario("deep: three", "three processes, an override, a trip, and Redis forgets")
                        .deep()
                        .nodes(3)
                        .trials(0, 0, 0)
                        .overrides(OverrideKind.HOLD_OPEN)
                        .with(Budget.OVERRIDES, 1)
                        .with(Budget.TRIPS, 1)
                        .with(Budget.FLUSHES, 1));
    }

    // ---------------------------------------------------------------- the walk

    /** A world as numbers. Of times only their sequence and the pauses between them count. */
    static final class Numbers {
        private int[] all = new int[256];
        private int size;
        private int[] times = new int[64];
        private int timesSize;

        /** Two worlds with the same numbers can do the same. */
        long fingerprint(World world) {
            size = 0;
            timesSize = 0;
            world(world);
            int[] sorted = new int[timesSize];
            for (int i = 0; i < timesSize; i++) {
                sorted[i] = all[times[i]];
            }
            Arrays.sort(sorted);
            for (int i = 0; i < timesSize; i++) {
                int time = all[times[i]];
                int rank = 0;
                for (int j = 0; j < timesSize && sorted[j] < time; j++) {
                    rank += j == 0 || sorted[j] != sorted[j - 1] ? 1 : 0;
                }
                all[times[i]] = time / PAUSE * 64 + rank;
            }
            long hash = 0x9E3779B97F4A7C15L;
            for (int i = 0; i < size; i++) {
                hash = (hash ^ all[i]) * 0xBF58476D1CE4E5B9L;
                hash ^= hash >>> 29;
            }
            return hash == 0 ? 1 : hash;
        }

        private void put(int number) {
            if (size == all.length) {
                all = Arrays.copyOf(all, 2 * size);
            }
            all[size++] = number;
        }

        private void put(boolean flag) {
            put(flag ? 1 : 0);
        }

        private void time(int at) {
            if (timesSize == times.length) {
                times = Arrays.copyOf(times, 2 * timesSize);
            }
            times[timesSize++] = size;
            put(at);
        }

        private boolean isNull(Object object) {
            put(object == null ? -7 : -8);
            return object == null;
        }

        private void world(World world) {
            put(world.life);
            put(world.generation);
            stored(world.record);
            put(world.round);
            put(world.succeeded);
            put(world.ofThisRound);
            put(world.places.size());
            world.places.forEach(this::put);
            put(world.streak);
            put(world.cools);
            put(world.reportRound);
            put(world.good);
            put(world.bad);
            put(world.goodBefore);
            put(world.badBefore);
            put(world.late.size());
            for (Late late : world.late) {
                stored(late.record);
                put(late.basis);
                put(late.alone);
            }
            put(world.isDatabaseAway);
            stored(world.database);
            put(world.time / PAUSE);
            for (int left : world.left) {
                put(left);
            }
            put(world.given);
            for (int override = 1; override <= world.given; override++) {
                put(world.overriddenAt[override] / PAUSE);
            }
            put(world.acknowledged & ~world.excused);
            put(world.excused & (2 << world.given) - 1);
            stored(world.truth);
            put(world.failedAt > 0);
            time(world.failedAt);
            for (Node node : world.nodes) {
                node(node);
            }
        }

        private void stored(Stored stored) {
            if (!isNull(stored)) {
                put(stored.epoch);
                put(stored.state.ordinal());
                put(stored.hold);
                put(stored.actor);
                put(stored.seen);
                put(stored.writer);
                put(stored.round);
                time(stored.at);
            }
        }

        private void note(Note note) {
            if (!isNull(note)) {
                put(note.overrides);
                time(note.lastOverrideAt);
                put(note.automatic);
                put(note.fromClosed);
                put(note.detached);
                put(note.refills);
                put(note.unanswered);
            }
        }

        private void node(Node node) {
            put(node.up);
            if (!node.up) {
                return;
            }
            put(node.generation);
            put(node.attached);
            put(node.life);
            put(node.epoch.epoch);
            put(node.epoch.state.ordinal());
            put(node.epoch.hold);
            put(node.epoch.actor);
            put(node.epoch.seen);
            put(node.epoch.birth);
            put(node.epoch.alone);
            time(node.epoch.at);
            time(node.openedAt);
            if (!isNull(node.agreement)) {
                stored(node.agreement.stored);
                put(node.agreement.local);
            }
            note(node.note);
            if (!isNull(node.writing)) {
                stored(node.writing.record);
                note(node.writing.note);
                stored(node.writing.inTheWay);
            }
            put(node.gap);
            put(node.doubt);
            put(node.forgotten);
            put(node.messages.size());
            node.messages.forEach(this::stored);
            trials(node);
            put(node.failures);
            put(node.cools);
            put(node.refused);
            put(node.hastened);
            put(node.reports);
            put(node.reportedIn);
            stored(node.debt);
            put(node.owedOverrides);
            put(node.toCompare);
            put(node.forgets);
            put(node.forgets ? node.seenFailures : 0);
            put(node.isNoteOfForgotten);
            if (!isNull(node.tally)) {
                stored(node.tally.basis);
                put(node.tally.failures);
                put(node.tally.epoch);
                put(node.tally.counted);
                put(node.tally.trips);
            }
        }

        private void trials(Node node) {
            ticket(node.waiting);
            if (!isNull(node.asking)) {
                put(node.asking.answer.ordinal());
                ticket(node.asking.given);
                time(node.asking.at);
                put(node.asking.stale);
            }
            put(node.running.size());
            for (Trial trial : node.running) {
                ticket(trial.ticket);
                put(trial.current);
                put(trial.lapsed);
            }
            put(node.succeeded);
            if (!isNull(node.enough)) {
                time(node.enough.at);
                put(node.enough.stale);
            }
        }

        private void ticket(Ticket ticket) {
            if (!isNull(ticket)) {
                put(ticket.id);
                put(ticket.round);
            }
        }
    }

    /** Numbers of many, that grow. */
    static final class Ints {
        private int[] numbers = new int[1 << 16];
        private int size;

        void add(int number) {
            if (size == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * size);
            }
            numbers[size++] = number;
        }

        int get(int i) {
            return numbers[i];
        }
    }

    /** Finds each world's number by its fingerprint. */
    static final class Known {
        private long[] prints = new long[1 << 18];
        private int[] numbers = new int[1 << 18];
        private int size;

        /** The number of a world, or -1 after having taken it in as the next. */
        int numberOrAdd(long print) {
            if (size * 2 > prints.length) {
                grow();
            }
            int place = place(print);
            if (prints[place] == print) {
                return numbers[place];
            }
            prints[place] = print;
            numbers[place] = size++;
            return -1;
        }

        private int place(long print) {
            int place = (int) (print ^ print >>> 32) & prints.length - 1;
            while (prints[place] != 0 && prints[place] != print) {
                place = place + 1 & prints.length - 1;
            }
            return place;
        }

        private void grow() {
            long[] before = prints;
            int[] numbersBefore = numbers;
            prints = new long[2 * before.length];
            numbers = new int[2 * before.length];
            for (int i = 0; i < before.length; i++) {
                if (before[i] != 0) {
                    int place = place(before[i]);
                    prints[place] = before[i];
                    numbers[place] = numbersBefore[i];
                }
            }
        }
    }

    /** One scenario, walked through breadth first, so that what is found is found in the fewest steps. */
    static final class Walk {
        private final Scenario scenario;
        private final Set<Fix> without;
        private final int most;
        private final Known known = new Known();
        private final Numbers numbers = new Numbers();
        private final Ints parents = new Ints();
        private final Ints turns = new Ints();
        private final Ints wrongs = new Ints();
        private final Ints edges = new Ints();
        private final Ints offsets = new Ints();
        private final ArrayDeque<World> toExpand = new ArrayDeque<>();
        private int depth;
        private int turn;
        private String found;
        private int foundIn = -1;
        private int foundTurn = -1;

        Walk(Scenario scenario, Set<Fix> without, int most) {
            this.scenario = scenario;
            this.without = without;
            this.most = most;
        }

        /** What was found to be wrong, or null. */
        String go() {
            discover(scenario.begin(), -1, -1);
            Steps steps = new Steps(scenario, without, false);
            int level = 1;
            for (int i = 0; found == null && !toExpand.isEmpty() && known.size < most; i++) {
                if (i == level) {
                    level = known.size;
                    depth++;
                }
                World world = toExpand.poll();
                int number = i;
                turn = 0;
                offsets.add(edges.size);
                steps.from(world, (kind, what, next) -> {
                    turn++;
                    check(next, scenario);
                    if (next.wrong != null && found == null) {
                        found = next.wrong;
                        foundIn = number;
                        foundTurn = turn;
                    }
                    if (found == null) {
                        int other = discover(next, number, turn);
                        if (other != number && kind != Kind.CHANCE) {
                            edges.add(kind == Kind.OWN ? other : ~other);
                        }
                    }
                });
            }
            offsets.add(edges.size);
            if (found == null) {
                rest(false, DISAGREE, "AGREE: at rest not all processes and Redis say the same");
                rest(false, OVERRIDE_LOST, "OVERRIDES: an override that was acknowledged is gone");
                rest(false, CLOSED_BY_FORGETTING, "FORGET: closed, though nobody closed it");
                rest(false, FAILURE_LOST, "REOPEN: a trial has failed, and what was half-open before is half-open yet");
            }
            if (found == null && scenario.most > 0) {
                rest(true, NOT_RECOVERED, "RECOVER: calls succeed, and it neither closes nor is held");
            }
            return found;
        }

        boolean isWhole() {
            return toExpand.isEmpty();
        }

        private int discover(World world, int parent, int byTurn) {
            int number = known.numberOrAdd(numbers.fingerprint(world));
            if (number >= 0) {
                return number;
            }
            parents.add(parent);
            turns.add(byTurn);
            wrongs.add(atRest(world));
            toExpand.add(world);
            return known.size - 1;
        }

        /** In each strongly connected component that nothing but chance leaves, a bit must not be set. */
        private void rest(boolean withCalls, byte bit, String what) {
            if (found != null) {
                return;
            }
            int expanded = offsets.size - 1;
            IntPredicate isWrong = state -> (wrongs.get(state) & bit) != 0;
            foundIn = new Components(expanded, edges, offsets, withCalls).firstTerminal(isWrong);
            if (foundIn >= 0) {
                found = what;
            }
        }

        /** The steps that led there, for people. */
        void explain(PrintStream out) {
            List<Integer> path = new ArrayList<>();
            if (foundTurn > 0) {
                path.add(foundTurn);
            }
            for (int i = foundIn; parents.get(i) >= 0; i = parents.get(i)) {
                path.add(turns.get(i));
            }
            Collections.reverse(path);
            World[] world = {scenario.begin()};
            Steps steps = new Steps(scenario, without, true);
            for (int number = 0; number < path.size(); number++) {
                int wanted = path.get(number);
                World before = world[0];
                String[] text = new String[1];
                turn = 0;
                steps.from(before, (kind, what, next) -> {
                    turn++;
                    if (turn == wanted) {
                        world[0] = next;
                        text[0] = what;
                    }
                });
                out.printf("  %2d. %s%n", number + 1, text[0]);
                out.printf("      %s%n", describe(world[0]));
            }
        }
    }

    static String describe(World world) {
        StringBuilder text = new StringBuilder("Redis: ").append(epoch(world.record));
        for (int i = 0; i < world.nodes.length; i++) {
            Node node = world.nodes[i];
            text.append("; ").append(name(i)).append(": ");
            if (!node.up) {
                text.append("dead");
                continue;
            }
            text.append(node.epoch.state).append(' ').append(node.epoch.epoch);
            text.append(node.epoch.hold == 0 ? "" : " held by override " + node.epoch.hold);
            text.append(node.attached ? "" : " detached");
            text.append(node.running.isEmpty() ? "" : " trials " + node.running.size());
        }
        return text.toString();
    }

    static String epoch(Stored stored) {
        return stored == null
                ? "nothing"
                : stored.state + " " + stored.epoch + (stored.hold == 0 ? "" : " held by override " + stored.hold);
    }

    /** Tarjan's strongly connected components, without recursion. */
    static final class Components {
        private final int size;
        private final Ints edges;
        private final Ints offsets;
        private final boolean withCalls;

        Components(int size, Ints edges, Ints offsets, boolean withCalls) {
            this.size = size;
            this.edges = edges;
            this.offsets = offsets;
            this.withCalls = withCalls;
        }

        private int target(int edge) {
            int target = edges.get(edge);
            return target >= 0 ? target : withCalls ? ~target : -1;
        }

        /** The first state of a component without a way out of which this holds, or -1. */
        int firstTerminal(IntPredicate wrong) {
            int[] index = new int[size];
            int[] low = new int[size];
            int[] next = new int[size];
            int[] component = new int[size];
            int[] stack = new int[size];
            int[] path = new int[size];
            int counter = 0;
            int components = 0;
            int stacked = 0;
            int best = -1;
            for (int root = 0; root < size; root++) {
                if (index[root] != 0) {
                    continue;
                }
                int deep = 0;
                path[deep] = root;
                index[root] = low[root] = ++counter;
                next[root] = offsets.get(root);
                stack[stacked++] = root;
                while (deep >= 0) {
                    int state = path[deep];
                    if (next[state] < offsets.get(state + 1)) {
                        int target = target(next[state]++);
                        if (target < 0 || target >= size) {
                            continue;
                        }
                        if (index[target] == 0) {
                            index[target] = low[target] = ++counter;
                            next[target] = offsets.get(target);
                            stack[stacked++] = target;
                            path[++deep] = target;
                        } else if (component[target] == 0) {
                            low[state] = Math.min(low[state], index[target]);
                        }
                        continue;
                    }
                    deep--;
                    if (deep >= 0) {
                        low[path[deep]] = Math.min(low[path[deep]], low[state]);
                    }
                    if (low[state] == index[state]) {
                        components++;
                        int from = stacked;
                        do {
                            component[stack[--from]] = components;
                        } while (stack[from] != state);
                        boolean terminal = true;
                        int bad = -1;
                        for (int i = from; i < stacked; i++) {
                            terminal &= staysWithin(stack[i], component);
                            bad = wrong.test(stack[i]) ? stack[i] : bad;
                        }
                        stacked = from;
                        if (terminal && bad >= 0 && (best < 0 || bad < best)) {
                            best = bad;
                        }
                    }
                }
            }
            return best;
        }

        private boolean staysWithin(int state, int[] component) {
            for (int edge = offsets.get(state); edge < offsets.get(state + 1); edge++) {
                int target = target(edge);
                boolean asIfNone = target < 0 && !(edges.get(edge) >= 0);
                if (!asIfNone && (target >= size || component[target] != component[state])) {
                    return false;
                }
            }
            return true;
        }
    }

    // ---------------------------------------------------------------- how it is started

    /** What is taken out, one at a time, to show that each promise can be broken: what it is, and where that shows. */
    enum Fix {
        COMPARE("an override among trials", "a write names the record that it builds on"),
        ABOVE("trips", "an adopted epoch gets a number above one's own"),
        RECONCILE("trips", "what is stored is read every 10 s"),
        ROUND("deep: trials", "places and successes belong to an opening"),
        EPOCH("reopening", "an answer of an opening that is over says nothing"),
        MARGIN("deaths", "a place is used only for less time than Redis keeps it"),
        LEASE("deaths", "a place that nobody renews is lost"),
        SETTLED("an override among trials", "nothing is adopted over an override that is not written"),
        RETURN("detached", "what a detached process did by itself gives way"),
        REFILL("forgetting", "Redis gets again what it forgot"),
        NEXT_EPOCH("deep: forgotten trials", "it gets that as a new epoch"),
        AGE("forgetting", "of two memories the later stands"),
        SAME("forgetting", "a record is known by what it says, not by its epoch alone"),
        GENERATION("forgetting and death", "a generation is never given twice"),
        KEEP("forgotten", "what Redis forgot is not taken for closed"),
        LATE("an override among trials", "an outcome of an epoch that is over moves nothing"),
        BASIS("figures", "a tally names the record that it builds on"),
        ASKED("probing now", "an epoch is asked for the end of its cooldown, which nobody copies"),
        COVER("calls", "a window of calls is judged over the last report of every process"),
        NEWS("back without a database", "what is heard needs no database"),
        DEBTS("owed", "what the database is owed is no note: Redis has it, and the circuit goes on"),
        LASTING("only the database", "an override is acknowledged once the database has it"),
        BRING("only the database", "Redis gets from the database what it forgot"),
        NOTED("idle", "no circuit is forgotten of which something is not written"),
        SEAL("making room", "an epoch is sealed before its circuit is forgotten"),
        UNANSWERED("an answer is lost", "what Redis may have taken, and has forgotten, does not give way to nothing"),
        COMPARED("paid late", "Redis and the database are compared every now and then"),
        FAILED("a trial fails", "that a trial has failed does not give way to its beginning");

        private final String scenario;
        private final String text;

        Fix(String scenario, String text) {
            this.scenario = scenario;
            this.text = text;
        }

        private static Fix of(String name) {
            for (Fix fix : values()) {
                if (fix.toString().equals(name)) {
                    return fix;
                }
            }
            throw new IllegalArgumentException(
                    "There is no fix " + name + " but " + Arrays.toString(values()) + " and all");
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final String USAGE = """
            java Protocol.java [--deep] [--scenario NAME] [--most WORLDS] [--without FIX|all]

            Without options walks through all scenarios but the deep ones. --without takes a fix out of the protocol, which
            must then be found to break a promise; all does so with each, one after the other.
            Ends with 0 if what was found is what must be found, otherwise with 1; with 2 if an option is none.""";

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    /**
     * Walks, and prints what it found.
     *
     * @param arguments options
     */
    public static void main(String[] arguments) {
        try {
            System.exit(run(List.of(arguments)) ? 0 : 1);
        } catch (IllegalArgumentException mistaken) {
            System.err.println(mistaken.getMessage() + "\n\n" + USAGE);
            System.exit(2);
        }
    }

    private static boolean run(List<String> arguments) {
        boolean deep = false;
        String only = null;
        String without = null;
        int most = 50_000_000;
        for (var given = arguments.iterator(); given.hasNext(); ) {
            String option = given.next();
            if (option.equals("--deep")) {
                deep = true;
            } else if (!List.of("--scenario", "--without", "--most").contains(option) || !given.hasNext()) {
                throw new IllegalArgumentException("Not understood: " + option);
            } else if (option.equals("--scenario")) {
                only = scenario(given.next()).name;
            } else if (option.equals("--without")) {
                without = given.next();
            } else {
                most = Integer.parseInt(given.next());
            }
        }
        boolean right = true;
        if (without != null) {
            for (Fix fix : without.equals("all") ? List.of(Fix.values()) : List.of(Fix.of(without))) {
                OUT.println("Without " + fix + " (" + fix.text + "):");
                right &= !holds(scenario(only == null ? fix.scenario : only), EnumSet.of(fix), most);
            }
            return right;
        }
        for (Scenario scenario : scenarios()) {
            if (only == null ? deep || !scenario.isDeep : only.equals(scenario.name)) {
                right &= holds(scenario, EnumSet.noneOf(Fix.class), most);
            }
        }
        OUT.println(right ? "All promises hold." : "A promise is broken.");
        return right;
    }

    private static Scenario scenario(String name) {
        for (Scenario scenario : scenarios()) {
            if (scenario.name.equals(name)) {
                return scenario;
            }
        }
        throw new IllegalArgumentException("There is no scenario '" + name + "' but "
                + scenarios().stream().map(each -> each.name).toList());
    }

    private static boolean holds(Scenario scenario, Set<Fix> without, int most) {
        long began = System.nanoTime();
        Walk walk = new Walk(scenario, without, most);
        String found = walk.go();
        OUT.printf(
                Locale.ROOT,
                "%s (%s): %,d worlds%s, %d steps deep, %.1f s%n",
                scenario.name,
                scenario.text,
                walk.known.size,
                walk.isWhole() ? "" : " and more",
                walk.depth,
                (System.nanoTime() - began) / 1e9);
        if (found != null) {
            OUT.println("  " + found + ", after these steps:");
            walk.explain(OUT);
        }
        return found == null;
    }
}
