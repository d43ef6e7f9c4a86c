import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Says whether what processes and a Redis did is something that {@link Protocol} allows: walks its own steps over an
 * observed history, with all worlds that are possible by then. Each process is walked by itself, against what Redis
 * answered it, Redis by itself ({@link RedisHistory}), against what all have asked it, and so the database behind it, if there
 * is one ({@link DatabaseHistory}); together these are the model's steps.
 *
 * <p>A history is a list of lines, in the order in which each process wrote them: who, nanoseconds of one clock for all,
 * what, and what belongs to it. The page beside this file says which lines there are.
 */
public final class Histories {
    /** A move may have happened so long before its process could say so. */
    private static final long MOVED_BEFORE = 2_000_000_000L;

    /** What is written may have been read so long before its process said so, and the circuit has moved on meanwhile. */
    private static final long READ_BEFORE = 1_000_000_000L;

    /** An admission may be reported so long before the move that allowed it; less than a cooldown. */
    private static final long ADMITTED_BEFORE = 400_000_000L;

    /** A message that was not heard by then was overtaken by a newer one. */
    private static final long HEARD_WITHIN = 10_000_000_000L;

    /** So many more worlds and one gives up. */
    private static final int MOST = 200_000;

    /** Clocks may be so far apart, in the unit of {@link #time}. */
    private static final int CLOCKS_APART = 25_000;

    private static final Protocol.Note NOTHING = new Protocol.Note(0, 0, false, false, false, false);

    /** A line; of each process they are numbered. */
    record Line(String life, int number, long nanos, String what, List<String> more) {
        String circuit() {
            return more.isEmpty() ? "" : more.get(0);
        }

        String word(int i) {
            return more.get(i);
        }

        @Override
        public String toString() {
            return life + " " + what + " " + String.join(" ", more);
        }
    }

    private final Set<Protocol.Fix> without;
    private final Map<String, List<Line>> lives = new LinkedHashMap<>();
    private final List<Line> befell = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();

    private Histories(List<String> lines, Set<Protocol.Fix> without) {
        this.without = without;
        for (String text : lines) {
            List<String> words = List.of(text.split(" "));
            String life = words.get(0);
            List<Line> own = life.equals("-") ? befell : lives.computeIfAbsent(life, made -> new ArrayList<>());
            own.add(new Line(
                    life, own.size(), Long.parseLong(words.get(1)), words.get(2), words.subList(3, words.size())));
        }
    }

    /**
     * Checks a history.
     *
     * @param lines of all processes; those of the process {@code -} say when Redis forgot
     * @param without names of fixes that are taken out of the model
     * @return what the model does not allow; empty if it allows all
     */
    public static List<String> violations(List<String> lines, List<String> without) {
        Set<Protocol.Fix> out = EnumSet.noneOf(Protocol.Fix.class);
        for (Protocol.Fix fix : Protocol.Fix.values()) {
            if (without.contains(fix.toString())) {
                out.add(fix);
            }
        }
        Histories histories = new Histories(lines, out);
        histories.check();
        return histories.violations;
    }

    /**
     * Checks histories, and prints what it found; ends with 1 if that is something.
     *
     * @param files a history each
     * @throws IOException if one cannot be read
     */
    public static void main(String[] files) throws IOException {
        boolean allowed = true;
        for (String file : files) {
            List<String> violations = violations(Files.readAllLines(Path.of(file)), List.of());
            System.out.println(file + (violations.isEmpty() ? ": a path of the model" : ":"));
            violations.forEach(each -> System.out.println("  " + each));
            allowed &= violations.isEmpty();
        }
        System.exit(allowed ? 0 : 1);
    }

    private void check() {
        Set<String> circuits = new TreeSet<>();
        lives.values().forEach(life -> life.stream()
                .filter(line -> Set.of("moved", "writes", "asks", "counts", "keeps").contains(line.what))
                .forEach(line -> circuits.add(line.circuit())));
        for (String circuit : circuits) {
            lives.values().forEach(life -> new Life(circuit, life).check());
            List<List<Line>> askRedis = new ArrayList<>(lives.values());
            lives.values().forEach(life -> askRedis.add(DatabaseHistory.atRedis(life)));
            new RedisHistory(circuit, without, violations::add).check(askRedis, befell);
            new DatabaseHistory(circuit, without, violations::add).check(lives.values());
        }
    }

    // ---------------------------------------------------------------- words as the model's

    /** Generations and their epochs, in fewer bits; they rise as before, and what follows on one follows on it. */
    static int epoch(String text) {
        long epoch = Long.parseLong(text);
        return epoch == Protocol.NONE ? Protocol.NONE : (int) (epoch >>> 32) * 1_000_000 + (int) (epoch & 0xFFFFFFFFL);
    }

    static Protocol.Scenario observed() {
        return new Protocol.Scenario("history", "what was observed");
    }

    private static int birth(int generation) {
        return generation * 1_000_000;
    }

    static Protocol.State state(String text) {
        return Protocol.State.valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** {@code order-7} is the model's override 8; nobody is 0. */
    static int override(String actor) {
        return actor.equals("-") ? 0 : 1 + Integer.parseInt(actor.substring(actor.lastIndexOf('-') + 1));
    }

    // ---------------------------------------------------------------- one process

    /** What is known of whether Redis has forgotten: {@code News.isForgotten}. */
    private enum Forgot {
        NO,
        MAYBE,
        YES
    }

    /**
     * A possible world of one process and one circuit: how many of its lines are explained, and what it is like by then.
     *
     * @param done lines of the thread that writes and hears
     * @param moved moves
     * @param taken the note that is being written, or null
     * @param stood whether that has stood over nothing already
     * @param heard messages that came, and may not be heard yet
     */
    private record Place(
            int done,
            int moved,
            Protocol.Epoch epoch,
            Protocol.Agreement agreement,
            Protocol.Note note,
            Protocol.Writing writing,
            Protocol.Note taken,
            boolean stood,
            List<Line> heard,
            boolean restored,
            Forgot forgot) {}

    private final class Life {
        private final String circuit;
        private final List<Line> lines = new ArrayList<>();
        private final List<Line> moves = new ArrayList<>();
        private final List<Line> admissions = new ArrayList<>();
        private final Steps steps = new Steps(observed(), without);
        private int generation;
        private long start = Long.MIN_VALUE;

        /** So many lines were written when its circuits had been asked for. */
        private int begun;

        /** Whether it was killed: what it did last it may not have said. */
        private boolean died;

        private Life(String circuit, List<Line> all) {
            this.circuit = circuit;
            for (Line line : all) {
                switch (line.what) {
                    case "opens" -> { // again, since Redis was not found
                        lines.clear();
                        moves.clear();
                    }
                    case "generation" -> generation = Integer.parseInt(line.word(0));
                    case "begun" -> begun = lines.size();
                    case "died" -> died = true;
                    case "moved" -> addIfOf(moves, line);
                    case "read", "resumes", "finds", "found", "writes", "wrote", "hears", "acknowledged" ->
                        addIfOf(lines, line);
                    case "admits" -> addIfOf(admissions, line);
                    case "reads", "all-read", "forgetting", "forgotten" -> lines.add(line);
                    default -> {}
                }
            }
        }

        private void addIfOf(List<Line> to, Line line) {
            if (line.circuit().equals(circuit)) {
                to.add(line);
            }
        }

        /** Times in ten microseconds since the first one that is spoken of. */
        private int time(String micros) {
            long at = Long.parseLong(micros);
            if (start == Long.MIN_VALUE) {
                start = at - 6_000_000_000L; // an hour and more
            }
            return Math.toIntExact((at - start) / 10);
        }

        private Protocol.Stored record(Line line, int from) {
            return new Protocol.Stored(
                    epoch(line.word(from)),
                    state(line.word(from + 1)),
                    line.word(from + 2).equals("held") ? override(line.word(from + 3)) : 0,
                    override(line.word(from + 3)),
                    0,
                    Integer.parseInt(line.word(from + 4)),
                    0,
                    time(line.word(from + 5)));
        }

        private void check() {
            Protocol.Node fresh = new Protocol.Node();
            fresh.epoch = new Protocol.Epoch(birth(generation), Protocol.State.CLOSED, 0, 0, 0, 0, true, false);
            Place first = place(fresh, 0, 0, null, false, List.of(), false, Forgot.NO);
            ArrayDeque<Place> left = new ArrayDeque<>(List.of(first));
            Set<Place> known = new HashSet<>(left);
            Place furthest = first;
            while (!left.isEmpty()) {
                Place place = left.poll();
                boolean all = place.done == lines.size() || died && nextOfTheWriter(place.done + 1) == null;
                if (all && place.moved == moves.size()) {
                    admissions();
                    return;
                }
                if (place.done + place.moved > furthest.done + furthest.moved) {
                    furthest = place;
                }
                for (Place next : next(place)) {
                    if (known.size() < MOST && known.add(next)) {
                        left.add(next);
                    }
                }
            }
            if (known.size() >= MOST) {
                violations.add("too many worlds explain " + circuit + " up to " + at(furthest));
            } else {
                violations.add("no world of the model does this: " + at(furthest));
            }
        }

        private String at(Place place) {
            String line = place.done < lines.size() ? lines.get(place.done).toString() : "the end";
            String move = place.moved < moves.size() ? moves.get(place.moved).toString() : "no move";
            List<String> before = new ArrayList<>();
            List<Line> all = new ArrayList<>(lines.subList(Math.max(0, place.done - 6), place.done));
            all.addAll(moves.subList(Math.max(0, place.moved - 4), place.moved));
            all.sort(Comparator.comparingInt(Line::number));
            all.forEach(each -> before.add(each.what + " " + String.join(" ", each.more)));
            return line + " and " + move + ", after " + before + ", with " + place.epoch + ", " + place.agreement
                    + ", noted " + place.note + ", writing " + place.taken + ", news " + place.heard;
        }

        private Place place(
                Protocol.Node node,
                int done,
                int moved,
                Protocol.Note taken,
                boolean stood,
                List<Line> heard,
                boolean restored,
                Forgot forgot) {
            Protocol.Epoch epoch = node.epoch;
            // For the checker of the model alone, which has no say here.
            Protocol.Epoch bare = new Protocol.Epoch(
                    epoch.epoch(), epoch.state(), epoch.hold(), epoch.actor(), 0, epoch.at(), epoch.birth(), false);
            return new Place(
                    done, moved, bare, node.agreement, node.note, node.writing, taken, stood, heard, restored, forgot);
        }

        private Protocol.World world(Place place) {
            Protocol.World world = new Protocol.World();
            Protocol.Node node = new Protocol.Node();
            node.up = true;
            node.attached = true;
            node.generation = generation;
            node.first = birth(generation);
            node.epoch = place.epoch;
            node.agreement = place.agreement;
            node.note = place.note;
            node.writing = place.writing;
            node.forgotten = place.forgot == Forgot.YES;
            world.nodes = new Protocol.Node[] {node};
            if (place.moved < moves.size()) {
                world.time = time(moves.get(place.moved).word(5)) - 1; // so that it is what comes next
            }
            return world;
        }

        private List<Place> next(Place place) {
            List<Place> next = new ArrayList<>();
            Line line = place.done < lines.size() ? lines.get(place.done) : null;
            Line move = place.moved < moves.size() ? moves.get(place.moved) : null;
            boolean early = line == null || move != null && move.nanos - line.nanos <= MOVED_BEFORE;
            if (move != null && early && !move.word(3).equals("ADOPTED")) {
                moves(place, move, next);
            }
            Line nextOwn = nextOfTheWriter(place.done);
            String writes = nextOwn == null ? "" : nextOwn.what;
            boolean something = place.note != null || writes.equals("writes") && mayBeAskedFor(place);
            if (place.taken == null && something && Set.of("finds", "writes").contains(writes)) {
                Protocol.Node node = world(place).nodes[0];
                Protocol.Note taken = node.note == null ? NOTHING : node.note;
                node.note = null;
                next.add(place(
                        node,
                        place.done,
                        place.moved,
                        taken,
                        false,
                        place.heard,
                        place.restored,
                        place.forgot));
            }
            if (place.taken == null && place.writing == null) {
                for (int i = 0; i < place.heard.size(); i++) {
                    Protocol.Stored record = record(place.heard.get(i), 1);
                    List<Line> rest = List.copyOf(place.heard.subList(i + 1, place.heard.size()));
                    for (Place from : unseen(place, record)) {
                        Protocol.World world = world(from);
                        steps.hear(world, world.nodes[0], record, false);
                        add(from, world, place.done, null, false, rest, place.restored, place.forgot, next);
                    }
                }
            }
            if (line != null && (move == null || move.number > line.number || isOfAnOlderRecord(place, line, move))) {
                line(place, line, next);
            }
            return next;
        }

        /** What is written was read before the circuit moved; what is heard between read and said waits for the end of the write. */
        private boolean isOfAnOlderRecord(Place place, Line line, Line move) {
            Line writes = nextOfTheWriter(place.done);
            boolean waits = line.what.equals("hears") && place.taken != null && place.writing == null;
            return (line == writes || waits)
                    && writes != null
                    && writes.what.equals("writes")
                    && writes.nanos - move.nanos <= READ_BEFORE;
        }

        /** A circuit that is heard of before anybody has asked for it here begins below what is heard. */
        private List<Place> unseen(Place place, Protocol.Stored record) {
            boolean asked = !place.epoch.birth() || begun < place.done || record.epoch() > place.epoch.epoch();
            if (asked) {
                return List.of(place);
            }
            Protocol.Node node = world(place).nodes[0];
            node.epoch = new Protocol.Epoch(
                    record.epoch() - 1, Protocol.State.CLOSED, 0, 0, 0, 0, true, false);
            return List.of(
                    place,
                    place(node, place.done, place.moved, place.taken, place.stood, place.heard, true, place.forgot));
        }

        /** Whoever overrides asks whether that is stored, which is noted as well, and may be written once more for it. */
        private boolean mayBeAskedFor(Place place) {
            return moves.subList(0, place.moved).stream()
                    .anyMatch(move -> move.word(3).equals("OVERRIDE"));
        }

        /** Takes in what a step did, if it moved the circuit as was observed, or not at all. */
        private void add(
                Place before,
                Protocol.World world,
                int done,
                Protocol.Note taken,
                boolean stood,
                List<Line> heard,
                boolean restored,
                Forgot forgot,
                List<Place> to) {
            Protocol.Node node = world.nodes[0];
            int moved = before.moved;
            if (node.epoch.epoch() != before.epoch.epoch()) {
                if (moved == moves.size() || !moves.get(moved).word(3).equals("ADOPTED") || !isSame(node, moved)) {
                    return;
                }
                moved++;
            }
            if (world.wrong == null) {
                to.add(place(node, done, moved, taken, stood, heard, restored, forgot));
            }
        }

        private boolean isSame(Protocol.Node node, int moved) {
            Line move = moves.get(moved);
            Protocol.Epoch epoch = node.epoch;
            return epoch.epoch() == epoch(move.word(4))
                    && epoch.state() == state(move.word(2))
                    && epoch.hold() != 0 == move.word(6).equals("held")
                    && epoch.actor() == override(move.word(7))
                    && epoch.at() == time(move.word(5));
        }

        /** A move of this process' own; whether it was attached just then is not known. */
        private void moves(Place place, Line move, List<Place> next) {
            for (boolean attached : new boolean[] {true, false}) {
                Protocol.World world = world(place);
                Protocol.Node node = world.nodes[0];
                node.attached = attached;
                if (!state(move.word(1)).equals(node.epoch.state())) {
                    return;
                }
                if (move.word(3).equals("OVERRIDE")) {
                    boolean holds = move.word(6).equals("held");
                    steps.override(world, node, state(move.word(2)), holds, override(move.word(7)));
                } else if (mayMove(move)) {
                    steps.move(world, node, state(move.word(2)));
                } else {
                    return;
                }
                if (world.wrong == null && isSame(node, place.moved)) {
                    next.add(place(
                            node,
                            place.done,
                            place.moved + 1,
                            place.taken,
                            place.stood,
                            place.heard,
                            place.restored,
                            place.forgot));
                }
            }
        }

        /** The model's steps that move a circuit: trips, begins and ends of trials, and hearing that enough succeeded. */
        private boolean mayMove(Line move) {
            Protocol.State from = state(move.word(1));
            return switch (state(move.word(2))) {
                case OPEN ->
                    from == Protocol.State.CLOSED
                                    && Set.of("FAILURE_STREAK", "FAILURE_RATE", "FAILURE_KIND")
                                            .contains(move.word(3))
                            || from == Protocol.State.HALF_OPEN && move.word(3).equals("TRIAL_FAILED");
                case HALF_OPEN -> from == Protocol.State.OPEN && move.word(3).equals("COOLDOWN_OVER");
                case CLOSED -> from != Protocol.State.CLOSED && move.word(3).equals("TRIALS_SUCCEEDED");
            };
        }

        private Line nextOfTheWriter(int from) {
            for (int i = from; i < lines.size(); i++) {
                if (!Set.of("hears", "forgetting", "forgotten", "acknowledged").contains(lines.get(i).what)) {
                    return lines.get(i);
                }
            }
            return null;
        }

        private void line(Place place, Line line, List<Place> next) {
            Protocol.World world = world(place);
            Protocol.Node node = world.nodes[0];
            int done = place.done + 1;
            boolean idle = place.taken == null && place.writing == null;
            switch (line.what) {
                case "reads", "finds" ->
                    add(place, world, done, place.taken, place.stood, place.heard, place.restored, place.forgot, next);
                case "all-read" -> {
                    boolean read = line.word(0).equals("ok");
                    Forgot forgot = read && place.forgot == Forgot.YES ? Forgot.MAYBE : place.forgot;
                    add(place, world, done, null, false, place.heard, place.restored || read, forgot, next);
                }
                case "read", "resumes" -> {
                    Protocol.Stored record = record(line, 1);
                    if (place.restored) {
                        if (!idle) {
                            return;
                        }
                        steps.hear(world, node, record, true);
                        add(place, world, done, null, false, place.heard, true, place.forgot, next);
                    } else {
                        Protocol.Steps.resume(node, record);
                        next.add(place(node, done, place.moved, null, false, place.heard, false, place.forgot));
                        node.agreement = new Protocol.Agreement(null, node.epoch.epoch()); // if it was detached just then
                        next.add(place(node, done, place.moved, null, false, place.heard, false, place.forgot));
                    }
                }
                case "found" -> found(place, line, next);
                case "writes" -> {
                    boolean gaveWay = place.taken != null && steps.givesWayOnReturn(place.taken) && !place.stood;
                    if (place.taken == null || gaveWay || place.writing != null) {
                        return;
                    }
                    steps.standAboveStored(world, node);
                    Protocol.Stored record = record(line, 2);
                    Protocol.Stored ours = Protocol.Steps.record(node);
                    boolean same = ours.epoch() == record.epoch()
                            && ours.state() == record.state()
                            && ours.hold() == record.hold()
                            && ours.actor() == record.actor()
                            && ours.writer() == record.writer()
                            && (ours.at() == record.at() || node.epoch.birth());
                    if (same && node.basis() == epoch(line.word(1))) {
                        node.writing = new Protocol.Writing(record, place.taken, null);
                        add(
                                place,
                                world,
                                done,
                                place.taken,
                                place.stood,
                                place.heard,
                                place.restored,
                                place.forgot,
                                next);
                    }
                }
                case "wrote" -> wrote(place, line, next);
                case "hears" -> {
                    List<Line> heard = new ArrayList<>(place.heard);
                    heard.removeIf(each -> line.nanos - each.nanos > HEARD_WITHIN);
                    if (Integer.parseInt(line.word(5)) != generation) {
                        heard.add(line);
                    }
                    add(
                            place,
                            world,
                            done,
                            place.taken,
                            place.stood,
                            List.copyOf(heard),
                            place.restored,
                            place.forgot,
                            next);
                }
                case "forgetting", "forgotten" -> {
                    Forgot forgot = line.what.equals("forgotten")
                            ? Forgot.YES
                            : place.forgot == Forgot.NO ? Forgot.MAYBE : place.forgot;
                    add(place, world, done, place.taken, place.stood, place.heard, place.restored, forgot, next);
                }
                case "acknowledged" -> {
                    int bit = 1 << override(line.word(1));
                    boolean waits = node.note != null && (node.note.overrides() & bit) != 0
                            || place.taken != null && (place.taken.overrides() & bit) != 0;
                    if (!waits) {
                        add(
                                place,
                                world,
                                done,
                                place.taken,
                                place.stood,
                                place.heard,
                                place.restored,
                                place.forgot,
                                next);
                    }
                }
                default -> throw new IllegalArgumentException(line.toString());
            }
        }

        private void found(Place place, Line line, List<Place> next) {
            int done = place.done + 1;
            boolean unknown = line.word(1).equals("unknown");
            for (boolean forgotten : maybe(place.forgot)) {
                Protocol.World world = world(place);
                Protocol.Node node = world.nodes[0];
                node.forgotten = forgotten;
                boolean nothing = line.word(1).equals("nothing");
                world.record = unknown || nothing ? null : record(line, 1);
                if (place.taken == null) {
                    if (!unknown) {
                        steps.look(world, node);
                    }
                    add(place, world, done, null, false, place.heard, place.restored, place.forgot, next);
                } else if (steps.givesWayOnReturn(place.taken) && place.writing == null && !place.stood) {
                    if (unknown) {
                        Protocol.Note back = place.taken.asDetached();
                        node.note = back.and(node.note);
                        add(place, world, done, null, false, place.heard, place.restored, place.forgot, next);
                    } else {
                        boolean gaveWay = steps.yields(world, node, place.taken);
                        Protocol.Note taken = gaveWay ? null : place.taken;
                        add(place, world, done, taken, !gaveWay, place.heard, place.restored, place.forgot, next);
                    }
                }
                if (place.moved < moves.size() && place.taken != null && !unknown) {
                    // It moved again while Redis was asked, which is noted: what was adopted is not.
                    overtaken(place, line, next);
                }
            }
        }

        /** A circuit that moves between the look and the step that follows: the step does nothing, what is noted stays. */
        private void overtaken(Place place, Line line, List<Place> next) {
            if (place.note != null && steps.givesWayOnReturn(place.taken) && !place.stood && !line.word(1).equals("nothing")) {
                Protocol.World world = world(place);
                add(place, world, place.done + 1, null, false, place.heard, place.restored, place.forgot, next);
            }
        }

        private void wrote(Place place, Line line, List<Place> next) {
            if (place.writing == null) {
                return;
            }
            Protocol.World world = world(place);
            Protocol.Node node = world.nodes[0];
            switch (line.word(1)) {
                case "ok" -> steps.answered(world, node);
                case "stands" -> {
                    node.writing = new Protocol.Writing(place.writing.record(), place.taken, record(line, 2));
                    steps.answered(world, node);
                }
                default -> {
                    boolean asked = line.word(1).equals("unknown");
                    Protocol.Note back = asked ? place.taken.asUnanswered() : place.taken.asDetached();
                    node.writing = null;
                    node.note = back.and(node.note);
                }
            }
            if (NOTHING.equals(node.note)) {
                node.note = null; // somebody waited for what was written already
            }
            add(place, world, place.done + 1, null, false, place.heard, place.restored, place.forgot, next);
        }

        private boolean[] maybe(Forgot forgot) {
            return forgot == Forgot.MAYBE ? new boolean[] {true, false} : new boolean[] {forgot == Forgot.YES};
        }

        /** Ordinary calls are let in while closed, trials while half-open. */
        private void admissions() {
            for (Line admitted : admissions) {
                boolean trial = admitted.word(2).equals("true");
                Protocol.State wanted = trial ? Protocol.State.HALF_OPEN : Protocol.State.CLOSED;
                long asked = Long.parseLong(admitted.word(1));
                if (!isWithin(wanted, asked, admitted.nanos)) {
                    violations.add("let in, though it was not " + wanted + ": " + admitted);
                }
            }
        }

        private boolean isWithin(Protocol.State wanted, long asked, long answered) {
            boolean before = moves.isEmpty() || asked <= moves.get(0).nanos;
            if (before && (moves.isEmpty() || state(moves.get(0).word(1)) == wanted)) {
                return true;
            }
            for (int i = 0; i < moves.size(); i++) {
                long end = i + 1 < moves.size() ? moves.get(i + 1).nanos : Long.MAX_VALUE;
                if (state(moves.get(i).word(2)) == wanted
                        && asked <= end
                        && answered >= moves.get(i).nanos - ADMITTED_BEFORE) {
                    return true;
                }
            }
            return false;
        }
    }

    /** The model's steps, of observed times. */
    static final class Steps extends Protocol.Steps {
        Steps(Protocol.Scenario scenario, Set<Protocol.Fix> without) {
            super(scenario, without, false);
        }

        @Override
        boolean isOlder(int one, int other) {
            return one + CLOCKS_APART < other;
        }
    }
}
