import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Says whether Redis can have answered as it did about one circuit: whether there is an order of what all processes asked
 * at one time in which each answer is the one that the scripts of {@link Protocol} give: those that write and read its
 * record, give, keep and take back places of trials, and count.
 */
final class RedisHistory {
    /** So many more orders and one gives up. */
    private static final int MOST = 200_000;

    /** The place of a trial that nobody keeps is lost after so long. */
    private static final long KEPT = 5_000_000_000L;

    /** By so much a while may be longer by the clock of Redis. */
    private static final long CLOCKS_APART = 200_000_000L;

    /** What took longer may have been sent twice, over a connection that was cut. */
    private static final long SENT_AGAIN = 20_000_000L;

    /** What is asked about trials and figures, and has no answer by then, has no effect any more. */
    private static final long GIVEN_UP = 10_000_000_000L;

    private static final String UNKNOWN = "unknown";
    private static final String FORGETS = "forgets";

    /** By the word of a question: the word of its answer. */
    private static final Map<String, String> ANSWERS =
            Map.of("asks", "asked", "renews", "renewed", "settles", "settled", "counts", "counted");

    /** The place of a trial that was given, or kept, at some time between these two. */
    private record Kept(int trial, long from, long until) {}

    /**
     * What Redis may have of the circuit.
     *
     * @param isKnown false if trials and figures may be at something earlier
     */
    private record Shared(
            Protocol.Stored record, int round, int succeeded, List<Kept> places, int streak, boolean isKnown) {
        private static final Shared NOTHING = new Shared(null, 0, 0, List.of(), 0, true);

        Shared without(Kept place) {
            List<Kept> others = new ArrayList<>(places);
            others.remove(place);
            return new Shared(record, round, succeeded, List.copyOf(others), streak, isKnown);
        }
    }

    /** What a question does to what Redis may have, for each way in which it can be answered so. */
    private interface Effect {
        List<Shared> on(Shared before, Asked asked);
    }

    /** Something that Redis was asked, and what it said; or what befell it. */
    private static final class Asked {
        private final Histories.Line line;
        private final Effect effect;
        private List<String> answer = List.of(UNKNOWN);
        private long end = Long.MAX_VALUE;

        /** Whether it may have had no effect at all. */
        private boolean mayBe;

        private Asked(Histories.Line line, Effect effect) {
            this.line = line;
            this.effect = effect;
        }

        private Asked answered(List<String> words, long at) {
            answer = words;
            end = at;
            return this;
        }

        /** As it was sent before, over a connection that was cut. */
        private Asked sentBefore() {
            Asked before = new Asked(line, effect);
            before.mayBe = true;
            before.end = end;
            return before;
        }

        private boolean is(String word) {
            return answer.get(0).equals(word);
        }

        private boolean isUnknown() {
            return is(UNKNOWN);
        }

        private long lastly() {
            return end == Long.MAX_VALUE ? line.nanos() + GIVEN_UP : end;
        }

        @Override
        public String toString() {
            return line + " and then " + String.join(" ", answer);
        }
    }

    /** @param open what is asked and has had its effect, though not its answer */
    private record Memory(Shared shared, Set<Asked> open) {}

    private final String circuit;
    private final Set<Protocol.Fix> without;
    private final Consumer<String> violations;
    private final Set<Protocol.Stored> everything = new LinkedHashSet<>();
    private final Map<String, Integer> trials = new HashMap<>();
    private Histories.Steps steps;

    RedisHistory(String circuit, Set<Protocol.Fix> without, Consumer<String> violations) {
        this.circuit = circuit;
        this.without = without;
        this.violations = violations;
        this.steps = steps(1, 1, 1);
        everything.add(null);
    }

    void check(Collection<List<Histories.Line>> lives, List<Histories.Line> befell) {
        List<Asked> all = new ArrayList<>();
        List<Histories.Line> heard = new ArrayList<>();
        lives.forEach(life -> asked(life, all, heard));
        all.stream()
                .filter(each -> each.line.what().equals("writes") && !each.is("stands"))
                .forEach(each -> everything.add(record(each.line.more(), 2)));
        heard.stream()
                .filter(line -> !everything.contains(record(line.more(), 1)))
                .forEach(line -> violations.accept("heard, though nobody wrote it: " + line));
        lives.forEach(life -> together(life, all));
        all.addAll(losses(befell));
        walk(all);
    }

    private Histories.Steps steps(int most, int atOnce, int needed) {
        return new Histories.Steps(
                Histories.observed().trials(most, atOnce, needed).longestStreak(Integer.MAX_VALUE), without);
    }

    // ---------------------------------------------------------------- its record

    private static Protocol.Stored record(List<String> words, int from) {
        return new Protocol.Stored(
                Histories.epoch(words.get(from)),
                Histories.state(words.get(from + 1)),
                words.get(from + 2).equals("held") ? Histories.override(words.get(from + 3)) : 0,
                Histories.override(words.get(from + 3)),
                0,
                Integer.parseInt(words.get(from + 4)),
                0,
                Histories.override(words.get(from + 3))); // two overrides are of two times; others are not looked at
    }

    private void asked(List<Histories.Line> life, List<Asked> to, List<Histories.Line> heard) {
        Asked writing = null;
        Histories.Line finding = null;
        long reading = 0;
        for (Histories.Line line : life) {
            boolean ours = line.circuit().equals(circuit);
            if (line.what().equals("reads")) {
                reading = line.nanos();
            } else if (ours && line.what().equals("hears")) {
                heard.add(line);
            } else if (ours && line.what().equals("writes")) {
                writing = writes(line);
                to.add(writing);
            } else if (ours && line.what().equals("wrote") && writing != null) {
                wrote(writing, line, to);
            } else if (ours && line.what().equals("finds")) {
                finding = line;
            } else if (ours && line.what().equals("found") && finding != null && !line.word(1).equals(UNKNOWN)) {
                to.add(found(finding, line));
            } else if (ours && line.what().equals("read")) {
                to.add(found(new Histories.Line(line.life(), line.number(), reading, line.what(), line.more()), line));
            }
        }
    }

    private Asked writes(Histories.Line line) {
        Protocol.Stored record = record(line.more(), 2);
        int basis = Histories.epoch(line.word(1));
        return new Asked(
                line,
                (before, asked) -> asked.is("stands")
                        ? written(before, record, basis).isEmpty() ? met(before, record(asked.answer, 1)) : List.of()
                        : written(before, record, basis));
    }

    private void wrote(Asked writing, Histories.Line line, List<Asked> to) {
        List<String> answer = line.more().subList(1, line.more().size());
        if (answer.get(0).equals("unasked")) {
            to.remove(writing);
            return;
        }
        if (!answer.get(0).equals(UNKNOWN)) {
            writing.answered(answer, line.nanos());
        }
        if (writing.is("stands")) {
            to.add(writing.sentBefore());
        }
    }

    private static Asked found(Histories.Line asked, Histories.Line answer) {
        Protocol.Stored answered = answer.word(1).equals("nothing") ? null : record(answer.more(), 1);
        return new Asked(asked, (before, each) -> met(before, answered))
                .answered(List.of("found", String.valueOf(answered)), answer.nanos());
    }

    private static List<Shared> met(Shared present, Protocol.Stored answered) {
        return Objects.equals(bare(present.record), answered) ? List.of(present) : List.of();
    }

    private List<Shared> written(Shared present, Protocol.Stored record, int basis) {
        Protocol.World world = world(present);
        if (steps.store(world, record, basis, false) != null) {
            return List.of();
        }
        boolean begins = world.record.round() == world.record.epoch()
                && (present.record == null || present.record.epoch() != record.epoch());
        return List.of(after(world, present, null, begins || present.isKnown));
    }

    private static Protocol.Stored bare(Protocol.Stored stored) {
        return stored == null
                ? null
                : new Protocol.Stored(
                        stored.epoch(), stored.state(), stored.hold(), stored.actor(), 0, stored.writer(), 0, stored.at());
    }

    // ---------------------------------------------------------------- trials and figures

    /** What a process asked about trials and figures; each question has a number, which its answer bears, too. */
    private void together(List<Histories.Line> life, List<Asked> to) {
        Map<String, Asked> open = new LinkedHashMap<>();
        for (Histories.Line line : life) {
            if (!line.circuit().equals(circuit)) {
                continue;
            }
            if (ANSWERS.containsKey(line.what())) {
                open.put(ANSWERS.get(line.what()) + line.word(1), new Asked(line, effect(line)));
            } else if (ANSWERS.containsValue(line.what())) {
                Asked asked = open.get(line.what() + line.word(1));
                if (asked != null && !line.word(2).equals(UNKNOWN)) {
                    asked.answered(line.more().subList(2, line.more().size()), line.nanos());
                }
            }
        }
        for (Asked asked : open.values()) {
            to.add(asked);
            if (asked.isUnknown()) {
                asked.mayBe = true;
                asked.end = asked.lastly();
            } else if (asked.end - asked.line.nanos() > SENT_AGAIN) {
                to.add(asked.sentBefore());
            }
        }
    }

    private Effect effect(Histories.Line line) {
        return switch (line.what()) {
            case "asks" -> {
                steps = steps(number(line, 3), number(line, 4), number(line, 5));
                int trial = trial(line);
                yield (before, asked) -> place(before, asked, trial);
            }
            case "renews" -> {
                int trial = trial(line);
                int round = Histories.epoch(line.word(3));
                yield (before, asked) -> renewed(before, asked, trial, round);
            }
            case "settles" -> {
                Protocol.Ticket ticket = new Protocol.Ticket(trial(line), Histories.epoch(line.word(3)));
                boolean good = line.word(4).equals("good");
                yield (before, asked) -> ended(before, asked, ticket, good);
            }
            default -> (before, asked) -> counted(before, asked, line);
        };
    }

    private int trial(Histories.Line line) {
        return trials.computeIfAbsent(line.word(2), name -> trials.size() + 1);
    }

    private static int number(Histories.Line line, int word) {
        return Integer.parseInt(line.word(word));
    }

    private List<Shared> place(Shared present, Asked asked, int trial) {
        if (!present.isKnown) {
            return List.of(present);
        }
        List<Shared> possible = new ArrayList<>();
        boolean cools = present.record != null
                && present.record.state() == Protocol.State.OPEN
                && present.record.hold() == 0;
        if (cools && (asked.is("cooling") || asked.isUnknown())) {
            possible.add(present);
        }
        for (Shared before : lapsed(present, asked)) {
            Protocol.World world = world(before);
            Protocol.Answer answer = steps.place(world, trial);
            boolean is = switch (answer) {
                case GIVEN -> asked.is("given") && Histories.epoch(asked.answer.get(1)) == world.round;
                case FULL -> asked.is("full");
                case ENOUGH -> asked.is("enough");
                case LOOK_AGAIN -> asked.is(before.record == null ? "no-record" : "not-tried");
            };
            if (is || asked.isUnknown()) {
                possible.add(after(world, before, new Kept(trial, asked.line.nanos(), asked.lastly()), true));
            }
        }
        return possible;
    }

    private List<Shared> renewed(Shared present, Asked asked, int trial, int round) {
        if (!present.isKnown || asked.is("ended")) {
            return List.of(present);
        }
        List<Shared> possible = new ArrayList<>();
        for (Shared before : lapsed(present, asked)) {
            boolean kept = before.round == round
                    && before.places.stream().anyMatch(place -> place.trial == trial);
            if (asked.isUnknown() || asked.is("lost") != kept) {
                Kept again = new Kept(trial, asked.line.nanos(), asked.lastly());
                possible.add(kept ? after(world(before), before, again, true) : before);
            }
        }
        return possible;
    }

    private List<Shared> ended(Shared present, Asked asked, Protocol.Ticket ticket, boolean good) {
        if (!present.isKnown) {
            return List.of(present);
        }
        Protocol.World world = world(present);
        boolean enough = steps.end(world, ticket, good);
        boolean is = asked.isUnknown() || asked.is("enough") == enough;
        return is ? List.of(after(world, present, null, true)) : List.of();
    }

    private List<Shared> counted(Shared present, Asked asked, Histories.Line line) {
        if (!present.isKnown) {
            return List.of(present);
        }
        Protocol.World world = world(present);
        boolean counts = steps.count(
                world, Histories.epoch(line.word(2)), number(line, 3), number(line, 4), number(line, 5));
        boolean is = counts
                ? asked.answer.size() > 1 && Integer.parseInt(asked.answer.get(1)) == world.streak
                : asked.is(present.record == null ? "no-record" : "other-record");
        return is || asked.isUnknown() ? List.of(after(world, present, null, true)) : List.of();
    }

    /** With and without the places that may be lost by then, and without those that are. */
    private static List<Shared> lapsed(Shared present, Asked asked) {
        List<Shared> possible = new ArrayList<>(List.of(present));
        for (Kept place : present.places) {
            if (place.from + KEPT - CLOCKS_APART > asked.lastly()) {
                continue;
            }
            boolean isLost = place.until + KEPT + CLOCKS_APART < asked.line.nanos();
            List<Shared> lost = possible.stream().map(each -> each.without(place)).toList();
            if (isLost) {
                possible.clear();
            }
            possible.addAll(lost);
        }
        return possible;
    }

    private static Protocol.World world(Shared shared) {
        Protocol.World world = new Protocol.World();
        world.nodes = new Protocol.Node[0];
        world.record = shared.record;
        world.round = shared.round;
        world.succeeded = shared.succeeded;
        world.streak = shared.streak;
        world.places = shared.places.stream().map(Kept::trial).toList();
        return world;
    }

    /** @param kept the place that was given or kept, if it is among those that there are */
    private static Shared after(Protocol.World world, Shared before, Kept kept, boolean isKnown) {
        Protocol.Stored stored = world.record;
        Protocol.Stored record = stored == null
                ? null
                : new Protocol.Stored(
                        stored.epoch(),
                        stored.state(),
                        stored.hold(),
                        stored.actor(),
                        0,
                        stored.writer(),
                        stored.round(),
                        stored.at());
        List<Kept> places = world.places.stream()
                .distinct()
                .sorted()
                .map(trial -> kept != null && kept.trial == trial ? kept : keptBefore(before, trial))
                .toList();
        return new Shared(record, world.round, world.succeeded, places, world.streak, isKnown);
    }

    private static Kept keptBefore(Shared before, int trial) {
        return before.places.stream()
                .filter(place -> place.trial == trial)
                .findFirst()
                .orElseThrow();
    }

    // ---------------------------------------------------------------- what befell it, and the walk

    /** Between two of these lines Redis has forgotten everything; or, of a Cluster, went back to something earlier. */
    private List<Asked> losses(List<Histories.Line> befell) {
        List<Asked> losses = new ArrayList<>();
        Histories.Line begin = null;
        for (Histories.Line line : befell) {
            if (begin == null && line.what().equals(FORGETS)) {
                begin = line;
            } else if (begin != null && Set.of(FORGETS, "remembers").contains(line.what())) {
                boolean all = line.what().equals(FORGETS);
                Asked loss = new Asked(begin, (before, asked) -> all ? List.of(Shared.NOTHING) : earlier())
                        .answered(List.of(all ? "lost" : "went back"), line.nanos());
                loss.mayBe = !begin.more().isEmpty() && !begin.more().contains(circuit);
                losses.add(loss);
                begin = null;
            }
        }
        return losses;
    }

    private List<Shared> earlier() {
        return everything.stream()
                .map(record -> new Shared(record, 0, 0, List.of(), 0, false))
                .toList();
    }

    /** All orders in which what was asked at one time may have come to Redis. */
    private void walk(List<Asked> all) {
        record At(long nanos, boolean ends, Asked asked) {}
        List<At> times = new ArrayList<>();
        for (Asked each : all) {
            times.add(new At(each.line.nanos(), false, each));
            if (each.end != Long.MAX_VALUE) {
                times.add(new At(each.end, true, each));
            }
        }
        times.sort(Comparator.comparingLong(At::nanos).thenComparing(At::ends));
        Set<Memory> possible = new HashSet<>(Set.of(new Memory(Shared.NOTHING, Set.of())));
        Set<Asked> open = new LinkedHashSet<>();
        for (At at : times) {
            if (!at.ends) {
                open.add(at.asked);
                continue;
            }
            Set<Memory> grown = grow(possible, open);
            open.remove(at.asked);
            Set<Memory> next = new HashSet<>();
            for (Memory memory : grown) {
                if (memory.open.contains(at.asked) || at.asked.mayBe) { // at the latest now
                    next.add(new Memory(memory.shared, minus(memory.open, at.asked)));
                }
            }
            if (next.isEmpty() || next.size() > MOST) {
                violations.accept((next.isEmpty() ? "Redis cannot have answered so: " : "too many orders at ")
                        + at.asked + ", it had one of "
                        + grown.stream()
                                .map(Memory::shared)
                                .distinct()
                                .limit(6)
                                .map(Shared::toString)
                                .collect(Collectors.joining("; ")));
                return;
            }
            possible = next;
        }
    }

    /** What it may have once some of what is open has had its effect. */
    private static Set<Memory> grow(Set<Memory> from, Set<Asked> open) {
        Set<Memory> grown = new HashSet<>(from);
        ArrayDeque<Memory> left = new ArrayDeque<>(from);
        while (!left.isEmpty() && grown.size() <= MOST) {
            Memory memory = left.poll();
            for (Asked asked : open) {
                if (!memory.open.contains(asked)) {
                    for (Shared shared : asked.effect.on(memory.shared, asked)) {
                        Memory next = new Memory(shared, plus(memory.open, asked));
                        if (grown.add(next)) {
                            left.add(next);
                        }
                    }
                }
            }
        }
        return grown;
    }

    private static Set<Asked> plus(Set<Asked> set, Asked asked) {
        Set<Asked> more = new HashSet<>(set);
        more.add(asked);
        return Set.copyOf(more);
    }

    private static Set<Asked> minus(Set<Asked> set, Asked asked) {
        if (!set.contains(asked)) {
            return set;
        }
        Set<Asked> less = new HashSet<>(set);
        less.remove(asked);
        return Set.copyOf(less);
    }
}
