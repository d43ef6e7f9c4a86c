import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A model of how processes keep one gate (a stop, a used-up budget) in Redis, in a database, or in both. It knows the
 * decisions of GateTable, GateRounds and ArchivedGates, not their lines; decision 0113 says why they are as they are.
 */
final class Gates implements Walk.Model<Gates.World> {
    /** What is taken out of the protocol, one at a time. */
    enum Fix {
        NONE,
        ABOVE,
        STAMPS,
        TIES,
        REMOVAL,
        READING,
        AGAIN,
        COMPARE,
        LIST,
        KEPT,
        EQUAL,
        STANDS,
        BOTH
    }

    /** How often something may happen. */
    enum Budget {
        PUTS,
        REMOVALS,
        LOSSES,
        DEATHS,
        CUTS,
        FORGETS,
        OUTAGES
    }

    /** Where gates lie: a database whose notices are looked up; Redis, whose messages are records; or Redis and a database. */
    record Stores(boolean hasRedis, boolean hasDatabase) {}

    /** In place of a removal that died with its process. */
    private static final int NOTHING = 0;

    private static final Stores DATABASE = new Stores(false, true);
    private static final Stores REDIS = new Stores(true, false);
    private static final Stores BOTH = new Stores(true, true);

    /**
     * A record of the gate.
     *
     * @param version 0 while no store has it
     * @param put which put it is of; a later one has a higher number
     * @param seen removals of which its maker knew, as bits; for the checker alone
     */
    record Rec(int version, int put, boolean removed, int seen) {
        boolean isSameChange(Rec other) {
            return put == other.put && removed == other.removed;
        }

        Rec at(int other) {
            return new Rec(other, put, removed, seen);
        }

        @Override
        public String toString() {
            return (removed ? "removal of " : "put ") + put + " v" + version;
        }
    }

    enum Doing {
        FINDS,
        PLACES,
        WRITES,
        ARCHIVES,
        RESOLVES,
        TAKES
    }

    /** What the thread of a process is about to do with a record of its own, and what it has heard of the store. */
    record Work(Doing doing, Rec ours, Rec theirs) {}

    /** A process. {@code isOwed}: its change is not written. {@code mayRead}: it may have missed something. */
    record Process(
            boolean lives,
            boolean isCut,
            Rec known,
            boolean isOwed,
            Work work,
            boolean mayRead,
            Set<Rec> news,
            boolean isNoticed) {
        boolean shows() {
            return lives && known != null && !known.removed;
        }

        Process knowing(Rec other) {
            return new Process(lives, isCut, other, isOwed, work, mayRead, news, isNoticed);
        }

        Process owing(boolean owes) {
            return new Process(lives, isCut, known, owes, work, mayRead, news, isNoticed);
        }

        Process doing(Work other) {
            return new Process(lives, isCut, known, isOwed, other, mayRead, news, isNoticed);
        }

        Process cut(boolean isOff) {
            return new Process(lives, isOff, known, isOwed, work, true, isOff ? Set.of() : news, isNoticed);
        }

        Process missing(boolean gap) {
            return new Process(lives, isCut, known, isOwed, work, gap, news, isNoticed);
        }

        Process hearing(Set<Rec> messages, boolean notice) {
            return new Process(lives, isCut, known, isOwed, work, mayRead, Set.copyOf(messages), notice);
        }

        @Override
        public String toString() {
            return !lives
                    ? "dead"
                    : known
                            + (isOwed ? ", to be written" : "")
                            + (work == null ? "" : ", " + work)
                            + (isCut ? ", cut off" : "")
                            + (news.isEmpty() ? "" : ", news " + news);
        }
    }

    /**
     * Everything.
     *
     * @param removals which put each removal removed, and in which process; for the checker, as what follows
     * @param acknowledged changes of which a process has heard that they are stored
     * @param written changes that a store has had
     */
    record World(
            Rec redis,
            Rec database,
            boolean isDatabaseAway,
            List<Process> all,
            List<Integer> left,
            int puts,
            List<Integer> removals,
            Set<Rec> acknowledged,
            Set<Rec> written) {
        World with(int which, Process process) {
            List<Process> next = new ArrayList<>(all);
            next.set(which, process);
            return new World(
                    redis, database, isDatabaseAway, List.copyOf(next), left, puts, removals, acknowledged, written);
        }

        World storing(Rec inRedis, Rec inDatabase, List<Process> processes) {
            Set<Rec> had = new HashSet<>(written);
            Stream.of(inRedis, inDatabase).filter(each -> each != null).forEach(each -> had.add(each.at(0)));
            return new World(
                    inRedis,
                    inDatabase,
                    isDatabaseAway,
                    processes,
                    left,
                    puts,
                    removals,
                    acknowledged,
                    Set.copyOf(had));
        }

        World having(int puts, List<Integer> removals) {
            return new World(redis, database, isDatabaseAway, all, left, puts, removals, acknowledged, written);
        }

        World acknowledging(Rec change) {
            Set<Rec> more = new HashSet<>(acknowledged);
            more.add(change.at(0));
            return new World(redis, database, isDatabaseAway, all, left, puts, removals, Set.copyOf(more), written);
        }

        World toggled() {
            return new World(redis, database, !isDatabaseAway, all, left, puts, removals, acknowledged, written);
        }

        boolean has(Budget budget) {
            return left.get(budget.ordinal()) > 0;
        }

        World spend(Budget budget) {
            List<Integer> next = new ArrayList<>(left);
            next.set(budget.ordinal(), left.get(budget.ordinal()) - 1);
            return new World(
                    redis, database, isDatabaseAway, all, List.copyOf(next), puts, removals, acknowledged, written);
        }

        @Override
        public String toString() {
            return "Redis: " + redis + "; database: " + database + (isDatabaseAway ? ", away" : "") + "; " + all;
        }
    }

    private final Stores stores;
    private final int processes;
    private final Rec first;
    private final List<Integer> budgets;
    private final Fix without;

    /** Whether all begin with a gate, whose end is moved once and which is removed once. */
    private final boolean isOneOfEach;

    /** @param first the put that all know at the beginning, or null */
    private Gates(Stores stores, int processes, Rec first, Fix without, int... budgets) {
        this.stores = stores;
        this.processes = processes;
        this.first = first;
        this.without = without;
        this.budgets = Arrays.stream(budgets).boxed().toList();
        this.isOneOfEach = first != null && budgets[0] == 1 && budgets[1] == 1;
    }

    private boolean has(Fix fix) {
        return without != fix;
    }

    @Override
    public World begin() {
        Process process = new Process(true, false, first, false, null, false, Set.of(), false);
        return new World(
                stores.hasRedis ? first : null,
                stores.hasDatabase ? first : null,
                false,
                Stream.generate(() -> process).limit(processes).toList(),
                budgets,
                first == null ? 0 : first.put,
                List.of(),
                first == null ? Set.of() : Set.of(first.at(0)),
                first == null ? Set.of() : Set.of(first.at(0)));
    }

    @Override
    public void steps(World world, Walk.Sink<World> into) {
        for (int i = 0; i < processes; i++) {
            Process process = world.all.get(i);
            if (process.lives) {
                people(world, i, process, into);
                writes(world, i, process, into);
                hears(world, i, process, into);
                misfortune(world, i, process, into);
            } else if (!world.isDatabaseAway) {
                int which = i;
                into.step(Walk.Kind.CHANCE, () -> which + " begins", joined(world, i));
            }
        }
        if (stores.hasRedis && world.has(Budget.FORGETS) && world.redis != null) {
            into.step(
                    Walk.Kind.CHANCE,
                    () -> "Redis forgets",
                    world.storing(
                                    null,
                                    world.database,
                                    world.all.stream()
                                            .map(each -> each.missing(true))
                                            .toList())
                            .spend(Budget.FORGETS));
        }
        if (world.isDatabaseAway) {
            into.step(Walk.Kind.CHANCE, () -> "the database is back", world.toggled());
        } else if (world.has(Budget.OUTAGES)) {
            into.step(
                    Walk.Kind.CHANCE,
                    () -> "the database is away",
                    world.toggled().spend(Budget.OUTAGES));
        }
    }

    private void people(World world, int i, Process process, Walk.Sink<World> into) {
        Rec known = process.known;
        if (world.has(Budget.PUTS)) {
            int number = world.puts + 1;
            int version =
                    known == null || known.version == 0 ? has(Fix.ABOVE) || known != null ? 0 : 1 : known.version + 1;
            Rec before =
                    known == null ? found(world, process) : known; // of an unknown id it is put above what is there
            Rec put = new Rec(version, number, false, before == null ? 0 : before.seen);
            into.step(
                    Walk.Kind.CHANCE,
                    () -> i + " puts " + number,
                    world.with(i, process.knowing(put).owing(true))
                            .having(number, world.removals)
                            .spend(Budget.PUTS));
        }
        if (world.has(Budget.REMOVALS) && process.shows()) {
            Rec removal = new Rec(known.version + 1, known.put, true, known.seen | 1 << world.removals.size());
            List<Integer> removals = new ArrayList<>(world.removals);
            removals.add(known.put * processes + i);
            into.step(
                    Walk.Kind.CHANCE,
                    () -> i + " removes " + known.put,
                    world.with(i, process.knowing(removal).owing(true))
                            .having(world.puts, List.copyOf(removals))
                            .spend(Budget.REMOVALS));
        }
    }

    // ---------------------------------------------------------------- GateRounds and the stores

    private void writes(World world, int i, Process process, Walk.Sink<World> into) {
        Work work = process.work;
        if (work == null) {
            if (process.isOwed && canReach(world, process)) {
                Work next = new Work(process.known.version == 0 ? Doing.FINDS : Doing.WRITES, process.known, null);
                into.step(
                        Walk.Kind.OWN,
                        () -> i + " begins to write",
                        world.with(i, process.owing(false).doing(next)));
            }
            return;
        }
        Process idle = process.doing(null);
        World failed = world.with(i, idle.owing(true));
        switch (work.doing) {
            case FINDS ->
                into.step(
                        Walk.Kind.OWN,
                        () -> i + " looks up what is there",
                        canReach(world, process)
                                ? world.with(i, process.doing(new Work(Doing.PLACES, work.ours, found(world, process))))
                                : failed);
            case PLACES ->
                into.step(Walk.Kind.OWN, () -> i + " goes above it", done(world, i, placed(idle, work), work));
            case WRITES -> {
                if (!stores.hasRedis) {
                    into.step(
                            Walk.Kind.OWN,
                            () -> i + " turns to the database",
                            world.with(i, process.doing(new Work(Doing.ARCHIVES, work.ours, null))));
                } else if (process.isCut) {
                    World kept = stores.hasDatabase && !world.isDatabaseAway ? stored(world, false, work.ours) : world;
                    into.step(
                            Walk.Kind.OWN,
                            () -> i + " cannot reach Redis",
                            kept.with(i, kept.all.get(i).doing(null).owing(true)));
                } else {
                    answered(world, i, work, true, into);
                }
            }
            case ARCHIVES -> {
                if (world.isDatabaseAway) {
                    into.step(Walk.Kind.OWN, () -> i + " cannot reach the database", failed);
                } else {
                    answered(world, i, work, false, into);
                }
            }
            case RESOLVES ->
                into.step(Walk.Kind.OWN, () -> i + " finds it in the way", done(world, i, resolved(idle, work), work));
            case TAKES ->
                into.step(Walk.Kind.OWN, () -> i + " takes in what it read", world.with(i, takenIn(idle, work.theirs)));
        }
    }

    /** What gave way is not answered as stored, be it to others or to something newer that has happened here. */
    private World done(World world, int i, Process process, Work work) {
        World next = world.with(i, process);
        boolean stands = process.known.isSameChange(work.ours) || !has(Fix.STANDS);
        return process.work == null && stands ? next.acknowledging(work.ours) : next;
    }

    /** A write to one of the stores, whose answer may be lost. */
    private void answered(World world, int i, Work work, boolean toRedis, Walk.Sink<World> into) {
        Rec ours = work.ours;
        Rec there = toRedis ? world.redis : world.database;
        boolean isWritten = there == null || there.version < ours.version || !has(Fix.COMPARE);
        World after = isWritten ? stored(world, toRedis, ours) : world;
        boolean isInTheWay =
                !isWritten && !(there.version == ours.version && there.isSameChange(ours) && stores.equals(BOTH));
        boolean isLast = !toRedis || !stores.hasDatabase || !has(Fix.BOTH);
        Process process = after.all.get(i);
        World next = after.with(
                i,
                process.doing(
                        isInTheWay
                                ? new Work(Doing.RESOLVES, ours, there)
                                : isLast ? null : new Work(Doing.ARCHIVES, ours, null)));
        String where = toRedis ? "Redis" : "the database";
        into.step(
                Walk.Kind.OWN,
                () -> i + " writes " + ours + " to " + where,
                !isInTheWay && isLast ? next.acknowledging(ours) : next);
        if (world.has(Budget.LOSSES)) {
            into.step(
                    Walk.Kind.CHANCE,
                    () -> i + " writes " + ours + " to " + where + ", and the answer is lost",
                    after.with(i, process.doing(null).owing(true)).spend(Budget.LOSSES));
        }
    }

    /** A store takes a record, and others hear of it: of Redis by messages, of a database alone by notices. */
    private World stored(World world, boolean toRedis, Rec record) {
        Rec there = toRedis ? world.redis : world.database;
        if (there != null && there.version >= record.version && has(Fix.COMPARE)) {
            return world;
        }
        List<Process> all = new ArrayList<>();
        for (Process each : world.all) {
            Set<Rec> news = new HashSet<>(each.news);
            if (toRedis && each.lives && !each.isCut) {
                news.add(record);
            }
            all.add(each.hearing(news, each.isNoticed || !stores.hasRedis && each.lives));
        }
        return world.storing(toRedis ? record : world.redis, toRedis ? world.database : record, List.copyOf(all));
    }

    private boolean canReach(World world, Process process) {
        return stores.hasRedis && !process.isCut || stores.hasDatabase && !world.isDatabaseAway;
    }

    /** ArchivedGates.find: the newer one of what can be reached. */
    private Rec found(World world, Process process) {
        Rec agreed = process.isCut ? null : world.redis;
        Rec stored = world.isDatabaseAway ? null : world.database;
        if (agreed == null || stored == null) {
            return agreed == null ? stored : agreed;
        }
        boolean isNewer = stored.version > agreed.version
                || has(Fix.EQUAL) && stored.version == agreed.version && standsAgainst(stored, agreed);
        return isNewer ? stored : agreed;
    }

    private void hears(World world, int i, Process process, Walk.Sink<World> into) {
        boolean isIdle = process.work == null;
        for (Rec heard : process.news) {
            Set<Rec> left = new HashSet<>(process.news);
            left.remove(heard);
            Process without = process.hearing(left, process.isNoticed);
            if (isIdle) {
                into.step(Walk.Kind.OWN, () -> i + " hears " + heard, world.with(i, taken(without, heard)));
            }
            if (world.has(Budget.LOSSES)) {
                into.step(
                        Walk.Kind.CHANCE,
                        () -> i + " misses " + heard,
                        world.with(i, without).spend(Budget.LOSSES));
            }
        }
        if (process.isNoticed && isIdle && !world.isDatabaseAway) {
            Process heard = process.hearing(process.news, false);
            into.step(Walk.Kind.OWN, () -> i + " looks up what is new", world.with(i, taken(heard, world.database)));
            if (world.has(Budget.LOSSES)) {
                into.step(
                        Walk.Kind.CHANCE,
                        () -> i + " misses a notice",
                        world.with(i, heard.missing(true)).spend(Budget.LOSSES));
            }
        }
        // Of Redis everybody reads every ten seconds, of a database alone only who may have missed something.
        if (isIdle
                && has(Fix.READING)
                && canReach(world, process)
                && (process.mayRead || stores.hasRedis && !process.isCut)) {
            World agreed = compared(world, process);
            Process reading = agreed.all.get(i).missing(false);
            into.step(
                    Walk.Kind.OWN,
                    () -> i + " reads",
                    agreed.with(i, reading.doing(new Work(Doing.TAKES, null, found(agreed, process)))));
        }
    }

    /** ArchivedGates.read: what only one of the two has, or has in a lower version, both get. */
    private World compared(World world, Process process) {
        if (!stores.equals(BOTH) || process.isCut || world.isDatabaseAway || !has(Fix.KEPT)) {
            return world;
        }
        Rec newest = found(world, process);
        if (newest == null) {
            return world;
        }
        boolean differ = world.redis != null
                && world.database != null
                && world.redis.version == world.database.version
                && !world.redis.isSameChange(world.database);
        if (differ && has(Fix.EQUAL)) {
            newest = newest.at(newest.version + 1);
        }
        return stored(stored(world, true, newest), false, newest);
    }

    /** GateRounds.readAgain, for this gate. */
    private Process takenIn(Process process, Rec theirs) {
        Rec before = process.known;
        boolean stands = before != null && !before.removed;
        if (theirs == null || theirs.removed && !stands) {
            return theirs == null && stands && has(Fix.AGAIN) ? process.owing(true) : process;
        }
        if (before == null || mayFollow(theirs, before)) {
            return process.knowing(theirs);
        }
        return theirs.isSameChange(before) || !has(Fix.AGAIN) ? process : process.owing(true);
    }

    private Process taken(Process process, Rec theirs) {
        boolean follows = theirs != null && (process.known == null || mayFollow(theirs, process.known));
        return follows ? process.knowing(theirs) : process;
    }

    private Process placed(Process process, Work work) {
        if (work.theirs == null) {
            Rec first = work.ours.at(1);
            return taken(process, first).doing(new Work(Doing.WRITES, first, null));
        }
        Process after = resolved(process, work);
        return after.work == null ? after : taken(after, after.work.ours);
    }

    // ---------------------------------------------------------------- GateTable

    private boolean mayFollow(Rec theirs, Rec known) {
        boolean isSamePut = theirs.put == known.put;
        if (has(Fix.STAMPS) && isSamePut && known.removed && !theirs.removed) {
            return false;
        }
        if (known.version == 0) {
            return isSamePut;
        }
        return theirs.version > known.version
                || has(Fix.TIES)
                        && theirs.version == known.version
                        && !theirs.isSameChange(known)
                        && !goesAbove(known, theirs);
    }

    /** What becomes of a record that stands in the way of ours; afterwards it writes again, or is idle. */
    private Process resolved(Process process, Work work) {
        Rec ours = work.ours;
        Rec standing = work.theirs;
        if (!process.known.isSameChange(ours)) {
            return process;
        }
        if (goesAbove(ours, standing)) {
            int seen = ours.version == 0 ? ours.seen | standing.seen : ours.seen; // it is meant to come after it
            Rec above = new Rec(standing.version + 1, ours.put, ours.removed, seen);
            return process.knowing(above).doing(new Work(Doing.WRITES, above, null));
        }
        return process.knowing(standing);
    }

    private boolean goesAbove(Rec ours, Rec standing) {
        if (standing.put == ours.put) {
            return has(Fix.STAMPS) && ours.removed && !standing.removed;
        }
        if (ours.version == 0) {
            return true;
        }
        return standing.version == ours.version && standsAgainst(ours, standing);
    }

    /** GateRecord.standsAgainst, of two changes of one version. */
    private boolean standsAgainst(Rec ours, Rec theirs) {
        return !theirs.removed && (ours.removed ? has(Fix.REMOVAL) : ours.put > theirs.put);
    }

    // ---------------------------------------------------------------- what goes wrong

    private void misfortune(World world, int i, Process process, Walk.Sink<World> into) {
        if (world.has(Budget.DEATHS)) {
            Process dead = new Process(false, false, null, false, null, false, Set.of(), false);
            boolean isLost = process.isOwed || process.work != null; // what it had not acknowledged nobody has promised
            World next = world.with(i, dead).spend(Budget.DEATHS);
            into.step(
                    Walk.Kind.CHANCE,
                    () -> i + " dies",
                    isLost
                            ? next.having(
                                    world.puts,
                                    world.removals.stream()
                                            .map(each -> each % processes == i ? NOTHING : each)
                                            .toList())
                            : next);
        }
        if (process.isCut) {
            into.step(Walk.Kind.CHANCE, () -> i + " is back", world.with(i, process.cut(false)));
        } else if (world.has(Budget.CUTS)) {
            into.step(
                    Walk.Kind.CHANCE,
                    () -> i + " is cut off from Redis",
                    world.with(i, process.cut(true)).spend(Budget.CUTS));
        }
    }

    /** A process that begins reads before its first call. */
    private World joined(World world, int i) {
        Process fresh = new Process(true, false, null, false, null, !has(Fix.LIST), Set.of(), false);
        World agreed = compared(world.with(i, fresh), fresh);
        Rec there = found(agreed, fresh);
        return agreed.with(i, has(Fix.LIST) && there != null && !there.removed ? fresh.knowing(there) : fresh);
    }

    // ---------------------------------------------------------------- what must hold

    @Override
    public String brokenBy(World before, World after) {
        for (int i = 0; i < processes; i++) {
            Process was = before.all.get(i);
            Process is = after.all.get(i);
            if (was.lives && is.lives && was.known != null) {
                if (is.known.version < was.known.version) {
                    return "VERSION: of " + was.known + " came " + is.known;
                }
                if (was.shows() && !is.shows() && (is.known.seen & ~was.known.seen) == 0) {
                    return "STOP: " + was.known + " ended by " + is.known + ", of which who put it knew";
                }
            }
            if (!was.lives && is.lives && !is.shows() && mustStand(before)) {
                return "JOIN: a process begins without " + before.acknowledged;
            }
        }
        for (Rec each : after.acknowledged) {
            if (after.written.stream().noneMatch(each::isSameChange)) {
                return "STORED: " + each + " was acknowledged, and no store ever had it";
            }
        }
        Rec stored = before.database;
        return stored != null && after.database.version < stored.version
                ? "VERSION: of " + stored + " the database made " + after.database
                : null;
    }

    /** Whether the process of a removal is there to say so. */
    private boolean isHeard(World world, int removal) {
        return !world.all.get(removal % processes).isCut;
    }

    /** Whether a gate was acknowledged by somebody who knew of all removals. */
    private static boolean mustStand(World world) {
        int made = (1 << world.removals.size()) - 1;
        return world.acknowledged.stream().anyMatch(each -> !each.removed && each.seen == made);
    }

    @Override
    public String brokenAtRest(World world) {
        List<Rec> stored = new ArrayList<>();
        if (stores.hasDatabase && !world.isDatabaseAway) {
            stored.add(world.database);
        }
        if (stores.hasRedis && world.all.stream().anyMatch(each -> each.lives && !each.isCut)) {
            stored.add(world.redis);
        }
        if (stored.isEmpty() || world.all.stream().noneMatch(each -> each.lives)) {
            return null; // nobody is there who could bring them together
        }
        Rec store = stored.get(0);
        boolean stands = store != null && !store.removed;
        for (Rec each : stored) {
            if ((each != null && !each.removed) != stands || stands && each.put != store.put) {
                return "AGREE: " + store + " in one store, " + each + " in the other";
            }
        }
        for (Process each : world.all) {
            if (each.lives && !each.isCut && (each.shows() != stands || stands && each.known.put != store.put)) {
                return "AGREE: " + each.known + " in a process, " + store + " in the store";
            }
        }
        if (stands && world.removals.stream().anyMatch(each -> each / processes == store.put && isHeard(world, each))) {
            return "BACK: " + store + " was removed";
        }
        for (int i = 0; i < world.removals.size() && stands && isOneOfEach; i++) {
            int removal = world.removals.get(i);
            if (removal != NOTHING && isHeard(world, removal) && (store.seen & 1 << i) == 0) {
                return "RESUME: " + store + " stands, whose end was moved while somebody removed it";
            }
        }
        for (Rec each : world.acknowledged) {
            if (stands && each.removed && each.put == store.put) {
                return "BACK: " + store + " was removed";
            }
            if (stands && each.removed && isOneOfEach && (each.seen & ~store.seen) != 0) {
                return "RESUME: " + store + " stands, whose end was moved while somebody removed it";
            }
        }
        if (!stands && mustStand(world)) {
            return "STOP: " + world.acknowledged + " was acknowledged, and none stands";
        }
        return null;
    }

    // ---------------------------------------------------------------- how it is started

    private static final Rec PUT = new Rec(1, 1, false, 0);

    private static List<Walk.Scenario<World>> scenarios(Fix without) {
        // puts, removals, losses, deaths, cuts, times that Redis forgets, times that the database is away
        return List.of(
                scenario("a stop", "in a database", new Gates(DATABASE, 2, null, without, 2, 1, 1, 1, 0, 0, 0)),
                scenario("joining", "after a removal", new Gates(DATABASE, 2, PUT, without, 1, 2, 1, 1, 0, 0, 0)),
                scenario("in Redis", "messages come late", new Gates(REDIS, 2, null, without, 2, 1, 1, 0, 0, 0, 0)),
                scenario("moved and removed", "at one time", new Gates(REDIS, 3, PUT, without, 1, 1, 0, 0, 0, 0, 0)),
                scenario("put twice", "at one time", new Gates(REDIS, 2, PUT, without, 2, 1, 0, 0, 1, 0, 0)),
                scenario("forgetting", "Redis alone", new Gates(REDIS, 2, PUT, without, 1, 1, 0, 0, 1, 1, 0)),
                scenario("two stores", "one is away", new Gates(BOTH, 2, PUT, without, 1, 1, 0, 0, 1, 0, 1)),
                scenario("forgetting, two stores", "a death", new Gates(BOTH, 2, PUT, without, 1, 1, 0, 1, 0, 1, 0)));
    }

    private static Walk.Scenario<World> scenario(String name, String text, Gates model) {
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
                                        fix(Fix.ABOVE, "a gate of an unknown id goes above what is there", 1),
                                        fix(Fix.STAMPS, "a put that was removed here never stands again", 0),
                                        fix(Fix.TIES, "of two changes of one version one stands everywhere", 5),
                                        fix(Fix.REMOVAL, "a removal goes above a put of one time", 3),
                                        fix(Fix.READING, "what was missed is read", 0),
                                        fix(Fix.AGAIN, "what a store has forgotten it gets again", 5),
                                        fix(Fix.COMPARE, "a store takes higher versions only", 0),
                                        fix(Fix.LIST, "a process that begins reads the list first", 1),
                                        fix(
                                                Fix.EQUAL,
                                                "of two changes of one version, in Redis and the database, one stands"
                                                        + " in both",
                                                7),
                                        fix(Fix.STANDS, "what gives way is not acknowledged", 0),
                                        fix(Fix.KEPT, "Redis and the database are compared", 6),
                                        fix(Fix.BOTH, "a change is stored once both have it", 7)))
                        ? 0
                        : 1);
    }
}
