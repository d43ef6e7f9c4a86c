import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A model of how processes know together which callers of a shared circuit are failing. It knows the decisions of
 * Callers, FleetCallers, Unreported and tally.lua. The state of the circuit all have at once: how they agree about that is
 * {@link Protocol}. A caller is a bit; two callers must be failing (minCallers 2), and two failures in a row trip.
 */
final class Callers implements Walk.Model<Callers.World> {
    enum Fix {
        NONE,
        SLOTS,
        GOOD,
        TRIALS,
        ASKED,
        ANSWER,
        OWN,
        RESET,
        ONLY
    }

    enum Budget {
        CALLS,
        LOSSES,
        CUTS,
        RESETS
    }

    private static final int MIN_CALLERS = 2;
    private static final int STREAK = 2;

    /**
     * What a process reports.
     *
     * @param failing whose last outcome was a failure; {@code good}: whose was none
     * @param failures since the last success among its calls
     */
    record Tally(int epoch, int asked, int failing, int good, int failures, boolean succeeded) {}

    /**
     * What Redis says by all reports.
     *
     * @param trips whether the streak is long enough
     * @param unfair what would be wrong with a trip, or null; for the checker
     */
    record Answer(boolean isCounted, boolean trips, int asked, int failing, String unfair) {}

    static final class Process implements Cloneable {
        boolean isCut;

        /** Who asked here, and whose last outcome here was a failure. */
        int asked;

        int failing;

        /** Who asked, and whose outcome came, since the last report. */
        int askedSince;

        int endedSince;

        /** Failures of ordinary calls that are not reported, and those in a row here. */
        int failures;

        boolean succeeded;
        int streak;

        /** What holds by the reports of all, as was heard last. */
        int heardAsked;

        int heardFailing;
        Tally sent;
        Answer answer;

        Process copy() {
            try {
                return (Process) clone();
            } catch (CloneNotSupportedException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        List<Object> key() {
            return Arrays.asList(
                    isCut,
                    asked,
                    failing,
                    askedSince,
                    endedSince,
                    failures,
                    succeeded,
                    streak,
                    heardAsked,
                    heardFailing,
                    sent,
                    answer);
        }

        @Override
        public String toString() {
            return "asked " + bits(asked) + ", failing " + bits(failing) + ", to report " + bits(askedSince) + '/'
                    + bits(endedSince) + (isCut ? ", cut off" : "") + (sent == null ? "" : ", " + sent)
                    + (answer == null ? "" : ", " + answer);
        }
    }

    static final class World implements Cloneable {
        boolean isOpen;
        int epoch;
        int asked;
        int failing;
        int streak;
        Process[] all;
        int[] left;

        /** For the checker: who asked, and whose last outcome was a failure; failures that count at their agents. */
        int truthAsked;

        int truthFailing;
        String wrong;
        private List<Object> key;

        World fork() {
            try {
                World fork = (World) clone();
                fork.key = null;
                fork.left = left.clone();
                fork.all = all.clone();
                for (int i = 0; i < all.length; i++) {
                    fork.all[i] = all[i].copy();
                }
                return fork;
            } catch (CloneNotSupportedException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        World spend(Budget budget) {
            left[budget.ordinal()]--;
            return this;
        }

        boolean has(Budget budget) {
            return left[budget.ordinal()] > 0;
        }

        private List<Object> key() {
            if (key == null) {
                List<Object> all =
                        new ArrayList<>(List.of(isOpen, epoch, asked, failing, streak, truthAsked, truthFailing));
                for (int each : left) {
                    all.add(each);
                }
                for (Process each : this.all) {
                    all.addAll(each.key());
                }
                all.add(wrong);
                key = all;
            }
            return key;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof World world && key().equals(world.key());
        }

        @Override
        public int hashCode() {
            return key().hashCode();
        }

        @Override
        public String toString() {
            return (isOpen ? "open" : "closed") + "; Redis: asked " + bits(asked) + ", failing " + bits(failing)
                    + ", streak " + streak + "; truth " + bits(truthAsked) + '/' + bits(truthFailing) + "; "
                    + Arrays.toString(all);
        }
    }

    private final List<Integer> homes;
    private final Fix without;
    private final int[] budgets;

    /** @param homes in which process each caller calls */
    private Callers(List<Integer> homes, Fix without, int... budgets) {
        this.homes = homes;
        this.without = without;
        this.budgets = budgets;
    }

    private boolean has(Fix fix) {
        return without != fix;
    }

    private static String bits(int set) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Integer.SIZE; i++) {
            if ((set & 1 << i) != 0) {
                text.append((char) ('a' + i));
            }
        }
        return text.isEmpty() ? "-" : text.toString();
    }

    @Override
    public World begin() {
        World world = new World();
        world.left = budgets;
        int processes = homes.stream().mapToInt(each -> each).max().orElseThrow() + 1;
        world.all = new Process[processes];
        for (int i = 0; i < processes; i++) {
            world.all[i] = new Process();
        }
        return world;
    }

    @Override
    public void steps(World world, Walk.Sink<World> into) {
        for (int caller = 0; caller < homes.size() && world.has(Budget.CALLS); caller++) {
            calls(world, caller, into);
        }
        for (int i = 0; i < world.all.length; i++) {
            reports(world, i, into);
        }
        for (int i = 0; i < world.all.length && world.has(Budget.RESETS); i++) {
            resets(world, i, into);
        }
    }

    /** A process forgets who of its callers failed, and reports that; of others' it would say what may be over. */
    private void resets(World world, int i, Walk.Sink<World> into) {
        World next = world.fork().spend(Budget.RESETS);
        Process process = next.all[i];
        next.isOpen = false;
        begin(next);
        if (has(Fix.RESET)) {
            process.endedSince |= process.failing;
        }
        if (!has(Fix.ONLY)) {
            process.endedSince |= process.heardFailing;
        }
        process.failing = 0;
        for (int caller = 0; caller < homes.size(); caller++) {
            next.truthFailing &= homes.get(caller) == i ? ~(1 << caller) : -1;
        }
        into.step(Walk.Kind.CHANCE, () -> "somebody resets it at " + i, next);
    }

    // ---------------------------------------------------------------- calls

    /** A call as a whole: it asks, and where it is let in it ends at once. In open it is refused, or is the trial. */
    private void calls(World world, int caller, Walk.Sink<World> into) {
        int bit = 1 << caller;
        for (boolean good : new boolean[] {true, false}) {
            World next = world.fork().spend(Budget.CALLS);
            asks(next, caller);
            Process process = next.all[homes.get(caller)];
            boolean isTrial = next.isOpen;
            process.failing = good ? process.failing & ~bit : process.failing | bit;
            next.truthFailing = good ? next.truthFailing & ~bit : next.truthFailing | bit;
            if ((!isTrial || has(Fix.TRIALS)) && (!good || has(Fix.GOOD))) {
                process.endedSince |= bit;
            }
            if (isTrial) {
                next.isOpen = !good;
                begin(next);
            } else {
                process.failures = good ? 0 : process.failures + 1;
                process.succeeded |= good;
                process.streak = good ? 0 : process.streak + 1;
                if (process.isCut && process.streak >= STREAK && allows(knownAsked(process), knownFailing(process))) {
                    next.wrong = unfair(next, homes.get(caller), -1, knownAsked(process), knownFailing(process));
                }
            }
            String what = (isTrial ? "the trial of " : "a call of ") + bits(bit) + (good ? " succeeds" : " fails");
            into.step(Walk.Kind.CHANCE, () -> what, next);
        }
        if (world.isOpen) {
            World next = world.fork().spend(Budget.CALLS);
            asks(next, caller);
            into.step(Walk.Kind.CHANCE, () -> bits(bit) + " is refused", next);
        }
    }

    private void asks(World world, int caller) {
        int bit = 1 << caller;
        Process process = world.all[homes.get(caller)];
        process.asked |= bit;
        world.truthAsked |= bit;
        if (!world.isOpen || has(Fix.ASKED)) {
            process.askedSince |= bit;
        }
    }

    private static void begin(World world) {
        world.epoch++;
        world.streak = 0;
        for (Process each : world.all) {
            each.failures = 0;
            each.succeeded = false;
            each.streak = 0;
        }
    }

    private static boolean allows(int asked, int failing) {
        int callers = Integer.bitCount(asked | failing);
        int needed = callers < MIN_CALLERS ? callers : Math.max(MIN_CALLERS, (callers + 3) / 4);
        return Integer.bitCount(failing) >= needed;
    }

    private static int knownAsked(Process process) {
        return process.asked | process.heardAsked;
    }

    /** Of callers that ask here this process knows best how their calls end. */
    private int knownFailing(Process process) {
        return has(Fix.OWN)
                ? process.failing | process.heardFailing & ~process.asked
                : process.failing | process.heardFailing;
    }

    /**
     * What is known when it trips must be true, but for what is on its way.
     *
     * @param alone the process that trips by itself while it is cut off, or -1
     * @param taken the process whose report Redis takes in, or -1
     * @return what is wrong, or null
     */
    private String unfair(World world, int alone, int taken, int asked, int failing) {
        boolean isAll = alone < 0;
        for (int caller = 0; caller < homes.size(); caller++) {
            int bit = 1 << caller;
            Process home = world.all[homes.get(caller)];
            boolean isUnheard = home.isCut && alone < 0 || alone >= 0 && homes.get(caller) != alone;
            boolean isTaken = homes.get(caller) == taken || home.answer != null && home.answer.isCounted;
            Tally sent = isTaken ? null : home.sent;
            boolean isOutcomeUnheard =
                    isUnheard || alone < 0 && (home.endedSince & bit) != 0 || sent != null && (sent.good & bit) != 0;
            boolean isQuestionUnheard =
                    isUnheard || alone < 0 && (home.askedSince & bit) != 0 || sent != null && (sent.asked & bit) != 0;
            if ((failing & bit) != 0 && (world.truthFailing & bit) == 0 && !isOutcomeUnheard) {
                return "BLAME: tripped by " + bits(failing) + ", though the last call of " + bits(bit) + " was good";
            }
            if ((asked & bit) == 0 && (world.truthAsked & bit) != 0 && !isQuestionUnheard) {
                return "MANY: tripped among " + bits(asked) + ", though " + bits(bit) + " asked, too";
            }
            isAll &= !isOutcomeUnheard && !isQuestionUnheard;
        }
        return isAll && !allows(world.truthAsked, world.truthFailing)
                ? "BLAME: tripped, though only " + bits(failing) + " of " + bits(asked) + " are failing"
                : null;
    }

    // ---------------------------------------------------------------- reports

    private void reports(World world, int i, Walk.Sink<World> into) {
        Process process = world.all[i];
        if (process.isCut) {
            World back = world.fork();
            back.all[i].isCut = false;
            back.all[i].failures = 0;
            back.all[i].succeeded = false;
            into.step(Walk.Kind.CHANCE, () -> i + " is back", back);
        } else if (world.has(Budget.CUTS)) {
            World cut = world.fork().spend(Budget.CUTS);
            lost(cut.all[i]);
            cut.all[i].isCut = true;
            into.step(Walk.Kind.CHANCE, () -> i + " is cut off", cut);
        }
        if (process.isCut) {
            return;
        }
        boolean hasCounted = process.failures > 0 || process.succeeded;
        boolean hasCallers = (process.askedSince | process.endedSince) != 0;
        if (process.sent == null && !world.isOpen && (hasCounted || hasCallers && has(Fix.TRIALS))) {
            World next = world.fork();
            sends(next.all[i], next.epoch);
            into.step(Walk.Kind.OWN, () -> i + " reports " + next.all[i].sent, next);
        }
        if (process.sent != null && process.answer == null) {
            World next = world.fork();
            next.all[i].answer = take(next, i, process.sent);
            into.step(Walk.Kind.OWN, () -> "Redis takes " + process.sent, next);
        }
        if (process.sent != null && world.has(Budget.LOSSES)) {
            World next = world.fork().spend(Budget.LOSSES);
            lost(next.all[i]);
            into.step(Walk.Kind.CHANCE, () -> i + " has no answer to " + process.sent, next);
        }
        if (process.answer != null) {
            World next = world.fork();
            hears(next, i);
            into.step(Walk.Kind.OWN, () -> i + " hears " + process.answer, next);
        }
    }

    private static void sends(Process process, int epoch) {
        int good = process.endedSince & ~process.failing;
        process.sent = new Tally(
                epoch,
                process.askedSince,
                process.endedSince & process.failing,
                good,
                process.failures,
                process.succeeded);
        process.askedSince = 0;
        process.endedSince = 0;
        process.failures = 0;
        process.succeeded = false;
    }

    /** tally.lua. */
    private Answer take(World world, int i, Tally tally) {
        if (tally.epoch != world.epoch || world.isOpen) {
            return new Answer(false, false, 0, 0, null);
        }
        world.streak = tally.succeeded ? tally.failures : world.streak + tally.failures;
        world.asked |= tally.asked;
        world.failing = world.failing & ~tally.good | tally.failing;
        String unfair = unfair(world, -1, i, world.asked | world.all[i].asked, world.failing);
        return new Answer(true, world.streak >= STREAK && tally.failures > 0, world.asked, world.failing, unfair);
    }

    /** Without an answer a report counts as not made, for its callers: their bits say what is, and may be said twice. */
    private void lost(Process process) {
        if (process.sent != null && has(Fix.ANSWER)) {
            putBack(process, process.sent);
        }
        process.sent = null;
        process.answer = null;
    }

    private static void putBack(Process process, Tally tally) {
        process.askedSince |= tally.asked;
        process.endedSince |= tally.failing | tally.good;
    }

    private void hears(World world, int i) {
        Process process = world.all[i];
        Answer answer = process.answer;
        Tally sent = process.sent;
        process.sent = null;
        process.answer = null;
        if (!answer.isCounted) {
            putBack(process, sent);
            return;
        }
        process.heardAsked = answer.asked;
        process.heardFailing = answer.failing;
        int asked = answer.asked | process.asked;
        boolean enough = !has(Fix.SLOTS) || allows(asked, answer.failing);
        if (answer.trips && !world.isOpen && sent.epoch == world.epoch && enough) {
            world.wrong = answer.unfair;
            world.isOpen = true;
            begin(world);
        }
    }

    // ---------------------------------------------------------------- what must hold

    @Override
    public String brokenBy(World before, World after) {
        return after.wrong;
    }

    @Override
    public String brokenAtRest(World world) {
        boolean isCut = false;
        for (Process each : world.all) {
            isCut |= each.isCut;
        }
        if (world.isOpen || isCut) {
            return null; // nothing is reported
        }
        if (world.failing != world.truthFailing) {
            return "LAST: by all reports " + bits(world.failing) + " are failing, in truth " + bits(world.truthFailing);
        }
        if (world.asked != world.truthAsked) {
            return "ASKED: by all reports " + bits(world.asked) + " asked, in truth " + bits(world.truthAsked);
        }
        return null;
    }

    // ---------------------------------------------------------------- how it is started

    private static final List<Integer> APART = List.of(0, 0, 1);

    private static List<Walk.Scenario<World>> scenarios(Fix without) {
        return List.of(
                scenario("callers", "three, of two processes", new Callers(APART, without, 5, 0, 0, 0)),
                scenario(
                        "an answer is lost",
                        "and its report was counted, or not",
                        new Callers(APART, without, 4, 1, 0, 0)),
                scenario("cut off", "a process judges by what it knows", new Callers(APART, without, 4, 0, 1, 0)),
                scenario("a reset", "forgets who failed", new Callers(APART, without, 4, 0, 0, 1)));
    }

    private static Walk.Scenario<World> scenario(String name, String text, Callers model) {
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
                                        fix(Fix.SLOTS, "the callers of all say whether it trips", 0),
                                        fix(Fix.GOOD, "a report says whose last call was good, too", 0),
                                        fix(Fix.TRIALS, "how trials end is reported", 0),
                                        fix(Fix.ASKED, "who was refused is reported", 0),
                                        fix(Fix.ANSWER, "callers of a report without an answer are reported again", 1),
                                        fix(Fix.OWN, "a process knows best how calls of its own callers end", 2),
                                        fix(Fix.RESET, "that a reset forgot who failed is reported", 3),
                                        fix(Fix.ONLY, "a process reports outcomes of its own callers only", 3)))
                        ? 0
                        : 1);
    }
}
