package dev.interlock.monitor;

import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.TimeSource;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.monitor.budgets.BudgetMeter;
import dev.interlock.monitor.budgets.Usage;
import dev.interlock.monitor.loops.Loop;
import dev.interlock.monitor.loops.LoopDetector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes batches of the agent log in: registers agents, counts outcomes in figures and circuits, and hands the rows to a
 * store. Safe for use by any thread; it waits for nothing.
 *
 * <p>Each entry counts once, also when its batch is sent twice, provided that it has an id. What was sent later than 5
 * minutes after it ended is stored and counts in the figures where it belongs, but moves no circuit: it says nothing about
 * now.
 */
public final class LogProcessor implements EntrySink {
    private static final Duration REMEMBERED = Duration.ofMinutes(15);
    private static final int MOST_IDS = 1 << 20;
    static final Duration STALE = Duration.ofMinutes(5);
    private static final int LONGEST_ID = 256;
    private static final int LONGEST_PERMIT = 24_576;

    private final HealthMonitor monitor;
    private final AgentRegistry agents;
    private final LogStore store;
    private final TimeSource time;
    private final OwnedIds entries;

    /** Runs of agents whose failure has been counted. */
    private final OwnedIds failedRuns;

    private final AtomicLong lostRows = new AtomicLong();
    private volatile Consumer<CircuitId> names = name -> {};
    private volatile BiPredicate<String, String> heard = (organization, permit) -> false;
    private volatile @Nullable BudgetMeter meter;
    private volatile @Nullable EntryLoops loops;

    /**
     * A processor that remembers up to a million entry ids, each for at least 15 minutes; if there are more, the
     * organization that sent most is the first whose oldest are forgotten.
     *
     * @param monitor whose figures and circuits count
     * @param agents who is known
     * @param store where the rows go
     * @param time the time source of the circuits
     */
    public LogProcessor(HealthMonitor monitor, AgentRegistry agents, LogStore store, TimeSource time) {
        this.monitor = monitor;
        this.agents = agents;
        this.store = store;
        this.time = time;
        this.entries = new OwnedIds(time, REMEMBERED, MOST_IDS);
        this.failedRuns = new OwnedIds(time, REMEMBERED, MOST_IDS);
    }

    /**
     * Asks somebody about each agent and dependency before an entry counts.
     *
     * @param gate throws {@link IllegalArgumentException} with the reason if the name is not to be used; called by any
     *     thread, often
     */
    public void admitNamesBy(Consumer<CircuitId> gate) {
        names = gate;
    }

    /**
     * Asks somebody of each guarded entry that names its permit whether the settlement of that was heard here; entries of
     * guards of the circuits' own manager were. An entry whose settlement was not heard counts in figures, and moves no
     * circuit.
     *
     * @param settlements says so of an organization and a permit; called by any thread, often
     */
    public void leaveOutHeardBy(BiPredicate<String, String> settlements) {
        heard = settlements;
    }

    /**
     * Lets budgets count the calls of entries, each once: also those of guards, whose settlements say nothing of tokens.
     *
     * @param counting counts what calls use
     */
    public void countBy(BudgetMeter counting) {
        meter = counting;
    }

    /**
     * Looks for loops among the tool calls of entries.
     *
     * @param detector finds them
     * @param fails whether a loop of calls without an execution id is a failure of the agent's circuit, of kind LOOP
     * @param hearer hears of each loop once, on the thread of the entry that completes it
     */
    public void findLoopsBy(LoopDetector detector, boolean fails, Consumer<Loop> hearer) {
        loops = new EntryLoops(detector, monitor, fails, hearer);
    }

    /**
     * Whether what a permit's call used is reported for the first time: by its outcome, or by its entry.
     *
     * @param organization whose permit
     * @param permit its text
     * @return false if it was reported before
     */
    public boolean isFirstUsage(String organization, String permit) {
        UUID digest = UUID.nameUUIDFromBytes(permit.getBytes(StandardCharsets.UTF_8));
        return entries.add(organization, null, "usage of " + digest);
    }

    /**
     * Takes a batch in; a bad entry is refused alone.
     *
     * @param batch what was sent; without an organization it is of the default one
     * @return what became of it; entries that had come before count as taken in
     * @throws IllegalArgumentException if the organization is none
     */
    @Override
    public Receipt take(LogBatch batch) {
        String organization = batch.organization() == null ? CircuitId.DEFAULT_ORGANIZATION : batch.organization();
        new CircuitId(organization, "any"); // refuses what is no organization, for the batch as a whole
        Instant now = time.wallTime();
        Instant sentAt = EntryTimes.sentAt(batch, now);
        Set<String> failedHere = failedRuns(batch);
        List<LogRow> rows = new ArrayList<>(batch.entries().size());
        List<Receipt.Refusal> refused = new ArrayList<>();
        int accepted = 0;
        for (int i = 0; i < batch.entries().size(); i++) {
            LogEntry entry = batch.entries().get(i);
            try {
                LogRow row = take(guard(organization, entry, batch.sender()), entry, sentAt, now, failedHere);
                if (row != null) {
                    rows.add(row);
                }
                accepted++;
            } catch (IllegalArgumentException | TooManyCircuitsException bad) {
                String problem = bad.getMessage();
                refused.add(new Receipt.Refusal(i, problem == null ? "The entry is not valid" : problem));
            }
        }
        int notStored = rows.isEmpty() ? 0 : append(rows);
        return new Receipt(accepted, refused, notStored);
    }

    /**
     * Takes entries in whose calls somebody else has counted, or that count for nobody: they are stored and show their
     * agents, and feed neither figures nor circuits. Whether they came before is not looked at.
     *
     * @param batch what was noted
     * @return what became of it
     * @throws IllegalArgumentException if the organization is none
     */
    public Receipt note(LogBatch batch) {
        String organization = batch.organization() == null ? CircuitId.DEFAULT_ORGANIZATION : batch.organization();
        Instant now = time.wallTime();
        Instant sentAt = EntryTimes.sentAt(batch, now);
        List<LogRow> rows = new ArrayList<>(batch.entries().size());
        List<Receipt.Refusal> refused = new ArrayList<>();
        for (int i = 0; i < batch.entries().size(); i++) {
            LogEntry entry = batch.entries().get(i);
            try {
                EntryTimes.check(entry);
                Guard guard = guard(organization, entry, batch.sender());
                names.accept(guard.id());
                Set<CircuitId> dependencies = dependencies(guard, entry);
                dependencies.forEach(names);
                sight(guard.id(), dependencies, now);
                if (!entry.guarded()) {
                    count(guard.id(), dependencies, entry, false);
                }
                Duration age = age(entry, sentAt);
                lookForLoop(guard.id(), entry, age);
                rows.add(new LogRow(organization, now.minus(age), entry));
            } catch (IllegalArgumentException bad) {
                refused.add(new Receipt.Refusal(i, String.valueOf(bad.getMessage())));
            }
        }
        return new Receipt(rows.size(), refused, rows.isEmpty() ? 0 : append(rows));
    }

    /**
     * Takes note of a call that is about to be counted by somebody else, so that it counts once, whatever way it comes.
     *
     * @param organization whose call
     * @param entryId its name, as an entry's id
     * @return false if it has come before
     */
    public boolean isNew(String organization, String entryId) {
        return entries.add(organization, null, entryId);
    }

    /**
     * Takes note of an entry that was taken in by an earlier life of this process, so that it counts for nothing if it
     * comes again.
     *
     * @param organization whose entry
     * @param entryId its id
     */
    public void remember(String organization, String entryId) {
        entries.add(organization, null, entryId);
    }

    /**
     * Rows that the store refused, though their outcomes have counted.
     *
     * @return how many since the start
     */
    public long lostRows() {
        return lostRows.get();
    }

    /** The circuits around an entry's call, and who made it. */
    private Guard guard(String organization, LogEntry entry, @Nullable String sender) {
        checkLength("caller", entry.caller());
        String caller = entry.caller() != null ? entry.caller() : sender;
        return monitor.guard(new CircuitId(organization, entry.agentId()), entry.dependsOn(), caller);
    }

    /** The row of an entry, or null if it has been here before. */
    private @Nullable LogRow take(Guard guard, LogEntry entry, Instant sentAt, Instant now, Set<String> failedHere) {
        CircuitId agent = guard.id();
        String organization = agent.organization();
        EntryTimes.check(entry);
        checkLength("entry_id", entry.entryId());
        checkLength("permit", LONGEST_PERMIT, entry.permit());
        checkLength("execution_id", entry.executionId());
        checkLength("action_name", entry.actionName());
        names.accept(agent);
        Set<CircuitId> dependencies = dependencies(guard, entry);
        dependencies.forEach(names);
        boolean isHeard = isHeard(organization, entry);
        Outcome outcome = isHeard ? null : EntryOutcomes.of(entry);
        if (outcome != null) {
            monitor.makeRoom(guard); // before the entry is remembered: it may be refused here, and sent again
        }
        if (entry.entryId() != null && !entries.add(organization, null, entry.entryId())) {
            return null;
        }
        sight(agent, dependencies, now);
        count(agent, dependencies, entry, isHeard);
        Duration latency = latency(entry);
        Duration age = age(entry, sentAt);
        if (outcome != null && !(entry.actionType() == ActionType.ERROR && isCounted(agent, entry, failedHere))) {
            feed(guard, outcome, age, latency, entry.guarded());
        }
        remember(organization, entry);
        lookForLoop(agent, entry, age);
        return new LogRow(organization, now.minus(age), entry);
    }

    private static Duration latency(LogEntry entry) {
        return Duration.ofMillis(entry.latencyMs() == null ? 0 : entry.latencyMs());
    }

    /** How long ago an entry's call began, at least as long as it took. */
    private static Duration age(LogEntry entry, Instant sentAt) {
        Duration sinceStart = Duration.between(entry.timestamp(), sentAt);
        Duration latency = latency(entry);
        return sinceStart.compareTo(latency) < 0 ? latency : sinceStart;
    }

    /** What an entry says or shows its agent to depend on. */
    private static Set<CircuitId> dependencies(Guard guard, LogEntry entry) {
        Set<CircuitId> dependencies = new LinkedHashSet<>(guard.dependencies());
        String shown = EntryOutcomes.dependency(entry);
        if (shown != null) {
            dependencies.add(new CircuitId(guard.id().organization(), shown));
        }
        return dependencies;
    }

    private void sight(CircuitId agent, Set<CircuitId> dependencies, Instant now) {
        agents.sighted(agent, null, now);
        for (CircuitId each : dependencies) {
            agents.sighted(agent, each.name(), now);
            agents.sighted(each, null, now);
        }
    }

    /** Whether a call has fed all that it may feed here: its guard's settlement was heard, or nobody can say. */
    private boolean isHeard(String organization, LogEntry entry) {
        String permit = entry.permit();
        return entry.guarded()
                && (permit == null
                        || entry.actionType() == ActionType.ERROR
                        || monitor.hears(permit)
                        || heard.test(organization, permit));
    }

    private void lookForLoop(CircuitId agent, LogEntry entry, Duration age) {
        EntryLoops looking = loops;
        if (looking != null && age.minus(latency(entry)).compareTo(STALE) <= 0) {
            looking.take(agent, entry);
        }
    }

    /** Money is spent also by a call that failed, or of which this process hears late. */
    private void count(CircuitId agent, Set<CircuitId> dependencies, LogEntry entry, boolean isHeard) {
        BudgetMeter counting = meter;
        if (counting == null || !entry.actionType().isCall()) {
            return;
        }
        Usage usage = EntryUsage.of(entry);
        String permit = entry.permit();
        boolean isCounted = isHeard && (permit == null || !monitor.hears(permit));
        if (EntryUsage.isNoCall(entry)) {
            counting.countUsage(agent, dependencies, usage);
        } else if (!isCounted) {
            counting.count(agent, dependencies, usage);
        } else if (usage.isKnown() && (permit == null || isFirstUsage(agent.organization(), permit))) {
            counting.countUsage(agent, dependencies, usage);
        }
    }

    private void feed(Guard guard, Outcome outcome, Duration age, Duration latency, boolean isGuarded) {
        boolean isOld = age.minus(latency).compareTo(STALE) > 0;
        if (isOld || isGuarded) {
            monitor.observe(guard, outcome, age, isOld);
        } else {
            monitor.record(guard, outcome, age);
        }
    }

    /** Whether the run of an error has a failure already, be it in this batch and still to come. */
    private boolean isCounted(CircuitId agent, LogEntry error, Set<String> failedHere) {
        String run = error.executionId();
        return run != null
                && (failedHere.contains(run(error.agentId(), run))
                        || failedRuns.contains(agent.organization(), agent.name(), run));
    }

    private void remember(String organization, LogEntry entry) {
        if (entry.executionId() != null && EntryOutcomes.isFailure(entry)) {
            failedRuns.add(organization, entry.agentId(), entry.executionId());
        }
    }

    /** The runs with a failed call in the batch; only looked for if it has an error. */
    private static Set<String> failedRuns(LogBatch batch) {
        if (batch.entries().stream().noneMatch(entry -> entry.actionType() == ActionType.ERROR)) {
            return Set.of();
        }
        Set<String> runs = new HashSet<>();
        for (LogEntry entry : batch.entries()) {
            String run = entry.executionId();
            if (run != null && entry.actionType().isCall() && entry.status() == EntryStatus.FAILURE) {
                runs.add(run(entry.agentId(), run));
            }
        }
        return runs;
    }

    private static String run(String agent, String execution) {
        return agent + '\n' + execution;
    }

    private int append(List<LogRow> rows) {
        try {
            return store.append(rows);
        } catch (RuntimeException broken) {
            lostRows.addAndGet(rows.size());
            return rows.size();
        }
    }

    private static void checkLength(String field, @Nullable String value) {
        checkLength(field, LONGEST_ID, value);
    }

    private static void checkLength(String field, int longest, @Nullable String value) {
        if (value != null && value.length() > longest) {
            throw new IllegalArgumentException(
                    field + " may have at most " + longest + " characters, but this one has " + value.length());
        }
    }
}
