package dev.interlock.monitor.budgets;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.interlock.Gate;
import dev.interlock.Gates;
import dev.interlock.TimeSource;
import dev.interlock.TooManyGatesException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps budgets: brings what was used to the store, reports what is nearly used up, and puts a gate before the calls of
 * what is. The gate ends with the period, and is removed sooner if the budget is raised, changed or removed.
 *
 * <p>Each process of a store does so for what it counted itself; the store sums. {@link #step} blocks for as long as the
 * store takes, and is to be called every second or so; a call passes for as long as the step after the one that used the
 * budget up has not ended. Safe for use by any thread.
 */
public final class BudgetKeeper {
    /** The author of its gates. */
    public static final String AUTHOR = "budget";

    private static final Duration READ_EVERY = Duration.ofSeconds(5);
    private static final Duration COMPARED_EVERY = Duration.ofSeconds(5);
    private static final int ID_LENGTH = 128;
    private static final char DELETE = 0x7f;

    private final BudgetStore store;
    private final Gates gates;
    private final TimeSource time;
    private final BudgetMeter meter;
    private final LongAdder noRoom = new LongAdder();
    private volatile BudgetListener listener = (spending, at) -> {};
    private volatile BudgetRules rules = BudgetRules.NONE;
    private Instant read = Instant.MIN;
    private Instant compared = Instant.MIN;

    /**
     * A keeper that knows no budgets before its first {@link #step}.
     *
     * @param store where budgets lie
     * @param gates what it puts and removes gates by
     * @param time the time source of the circuits
     */
    public BudgetKeeper(BudgetStore store, Gates gates, TimeSource time) {
        this.store = store;
        this.gates = gates;
        this.time = time;
        this.meter = new BudgetMeter(time);
    }

    /** {@return what counts calls} */
    public BudgetMeter meter() {
        return meter;
    }

    /** {@return what is in effect, as it was read last} */
    public BudgetRules rules() {
        return rules;
    }

    /**
     * Reports what happens to budgets to somebody, in place of the one before.
     *
     * @param hearer hears it on the thread of {@link #step}; of calls without a price on that of the call
     */
    public void listen(BudgetListener hearer) {
        listener = hearer;
        meter.listen(hearer);
    }

    /** {@return how often a gate could not be put, since its organization has as many as it may} */
    public long withoutRoom() {
        return noRoom.sum();
    }

    /**
     * How many gates of an organization's budgets are in effect.
     *
     * @param organization whose
     * @return how many, on all processes together where they share gates
     */
    public long stopping(String organization) {
        return gates.list(organization).stream()
                .filter(gate -> gate.author().equals(AUTHOR))
                .count();
    }

    /**
     * Brings what was used to the store, and puts and removes gates.
     *
     * @throws dev.interlock.store.StoreUnavailableException if the store cannot be reached; what was used waits for the
     *     next step
     */
    public synchronized void step() {
        Instant now = time.wallTime();
        List<BudgetStore.Used> used = meter.take();
        if (!used.isEmpty()) {
            write(used);
        }
        boolean first = read.equals(Instant.MIN);
        if (!used.isEmpty() || !now.isBefore(read)) {
            readRules(now);
        }
        if (first) {
            rules.budgets().forEach(each -> judge(each, null, now));
        }
        if (!used.isEmpty()) {
            subjects(used).forEach((budget, subjects) -> judge(budget, subjects, now));
        }
        if (!now.isBefore(compared)) {
            compared = now.plus(COMPARED_EVERY);
            compare(now, AUTHOR, "the budget is not used up");
        }
    }

    /**
     * Reads budgets again, since one was changed here, and removes the gates that are no longer due.
     *
     * @param actor who changed it
     * @param reason what became of it
     * @throws dev.interlock.store.StoreUnavailableException if the store cannot be reached
     */
    public synchronized void changed(String actor, String reason) {
        Instant now = time.wallTime();
        List<BudgetStore.Used> used = meter.take();
        if (!used.isEmpty()) {
            write(used);
        }
        readRules(now);
        compare(now, actor, reason);
        for (Budget each : rules.budgets()) {
            judge(each, null, now);
        }
    }

    private void write(List<BudgetStore.Used> used) {
        try {
            store.add(used);
        } catch (RuntimeException failed) {
            meter.putBack(used);
            throw failed;
        }
    }

    private void readRules(Instant now) {
        rules = store.rules(now);
        meter.apply(rules);
        read = now.plus(READ_EVERY);
    }

    private Map<Budget, Set<String>> subjects(List<BudgetStore.Used> used) {
        Map<Budget, Set<String>> subjects = new HashMap<>();
        for (BudgetStore.Used each : used) {
            Budget budget = rules.find(each.organization(), each.budget());
            if (budget != null) {
                subjects.computeIfAbsent(budget, made -> new HashSet<>()).add(each.subject());
            }
        }
        return subjects;
    }

    private void judge(Budget budget, @Nullable Set<String> subjects, Instant now) {
        store.used(budget, budget.period().since(now), subjects).forEach((subject, slices) -> {
            if (!budget.counts(subject)) {
                return; // what is left of the time before the budget was changed
            }
            Spending spending = Spending.of(rules, budget, subject, slices, now);
            if (spending.mark() > Slice.mark(slices)
                    && store.mark(spending, slices.get(slices.size() - 1).start(), now)) {
                listener.onUsed(spending, now);
            }
            if (spending.isUsedUp() && budget.stops()) {
                shut(spending, now);
            }
        });
    }

    private void shut(Spending spending, Instant now) {
        Budget budget = spending.budget();
        String covered = covers(budget, spending.subject());
        if (!budget.together() && covered.indexOf('*') >= 0) {
            return; // as a pattern it would cover the calls of others
        }
        String id = id(budget, spending.subject());
        for (Gate each : gates.list(budget.organization())) {
            if (each.id().equals(id) && Objects.equals(each.until(), spending.until())) {
                return;
            }
        }
        if (!spending.until().isAfter(now)) {
            return;
        }
        Gate gate = budget.isOfUpstreams()
                ? Gate.ofUpstream(budget.organization(), covered, AUTHOR)
                : Gate.ofAgents(budget.organization(), covered, AUTHOR);
        try {
            gates.put(gate.named(id)
                    .because("The budget " + budget.id() + " is used up: " + spending.text())
                    .until(spending.until()));
        } catch (TooManyGatesException full) {
            noRoom.increment();
        }
    }

    private static String covers(Budget budget, String subject) {
        return subject.equals(Budget.TOGETHER) ? budget.pattern().text() : subject;
    }

    /** Removes gates of budgets that are not used up, or not there. */
    private void compare(Instant now, String actor, String reason) {
        for (Gate gate : gates.list()) {
            if (gate.author().equals(AUTHOR) && gate.id().startsWith(AUTHOR + ':') && !isDue(gate, now)) {
                gates.remove(gate.organization(), gate.id(), actor, reason);
            }
        }
    }

    private boolean isDue(Gate gate, Instant now) {
        String[] parts = gate.id().split(":", 3);
        Budget budget = rules.find(gate.organization(), parts[1]);
        if (budget == null || !budget.stops() || gate.pattern() == null) {
            return false;
        }
        String subject = budget.together() ? Budget.TOGETHER : gate.pattern().text();
        if (!gate.id().equals(id(budget, subject))
                || !covers(budget, subject).equals(gate.pattern().text())) {
            return false; // the budget was another one when its gate was put
        }
        List<Slice> slices =
                store.used(budget, budget.period().since(now), Set.of(subject)).getOrDefault(subject, List.of());
        return Spending.of(rules, budget, subject, slices, now).isUsedUp();
    }

    /** The same for all processes; a name that cannot be part of a gate's id is there as its hash. */
    static String id(Budget budget, String subject) {
        String prefix = AUTHOR + ':' + budget.id() + ':';
        if (subject.equals(Budget.TOGETHER)) {
            return prefix + '*';
        }
        boolean fits = prefix.length() + subject.length() <= ID_LENGTH
                && subject.chars().allMatch(each -> each > ' ' && each < DELETE);
        return prefix + (fits ? subject : "#" + UUID.nameUUIDFromBytes(subject.getBytes(UTF_8)));
    }
}
