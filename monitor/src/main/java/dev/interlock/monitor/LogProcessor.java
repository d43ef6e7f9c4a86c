package dev.interlock.monitor;

import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.TimeSource;
import dev.interlock.TooManyCircuitsException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
    private static final Duration STALE = Duration.ofMinutes(5);
    private static final int LONGEST_ID = 256;
    private static final int LONGEST_PERMIT = 24_576;
    private static final Duration LONGEST_LATENCY = Duration.ofDays(30);
    private static final Instant YEAR_10000 = Instant.ofEpochSecond(253_402_300_800L);

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
        Instant sentAt = sentAt(batch, now);
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
        Instant sentAt = sentAt(batch, now);
        List<LogRow> rows = new ArrayList<>(batch.entries().size());
        List<Receipt.Refusal> refused = new ArrayList<>();
        for (int i = 0; i < batch.entries().size(); i++) {
            LogEntry entry = batch.entries().get(i);
            try {
                checkTimes(entry);
                Guard guard = guard(organization, entry, batch.sender());
                names.accept(guard.id());
                Set<CircuitId> dependencies = dependencies(guard, entry);
                dependencies.forEach(names);
                sight(guard.id(), dependencies, now);
                rows.add(new LogRow(organization, now.minus(age(entry, sentAt)), entry));
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
        checkTimes(entry);
        checkLength("entry_id", entry.entryId());
        checkLength("permit", LONGEST_PERMIT, entry.permit());
        checkLength("execution_id", entry.executionId());
        checkLength("action_name", entry.actionName());
        names.accept(agent);
        Set<CircuitId> dependencies = dependencies(guard, entry);
        dependencies.forEach(names);
        Outcome outcome = isHeard(organization, entry) ? null : EntryOutcomes.of(entry);
        if (outcome != null) {
            monitor.makeRoom(guard); // before the entry is remembered: it may be refused here, and sent again
        }
        if (entry.entryId() != null && !entries.add(organization, null, entry.entryId())) {
            return null;
        }
        sight(agent, dependencies, now);
        Duration latency = latency(entry);
        Duration age = age(entry, sentAt);
        if (outcome != null && !(entry.actionType() == ActionType.ERROR && isCounted(agent, entry, failedHere))) {
            feed(guard, outcome, age, latency, entry.guarded());
        }
        remember(organization, entry);
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

    /** The runs of which the batch has a failed call; only looked for if it has an error. */
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

    /**
     * When a batch was sent, by its own clock. Who does not say so has the receiver's clock; unless all entries are more
     * than 5 minutes from it, then it is another one, and the newest entry has just ended.
     */
    private static Instant sentAt(LogBatch batch, Instant now) {
        Instant sentAt = batch.sentAt();
        if (sentAt != null) {
            if (!isPlausible(sentAt)) {
                throw new IllegalArgumentException("sent_at must be a time since 1970 and before 10000");
            }
            return sentAt;
        }
        Instant newest = Instant.EPOCH;
        for (LogEntry entry : batch.entries()) {
            if (problemOfTimes(entry) != null) {
                continue;
            }
            Instant end = entry.timestamp().plusMillis(entry.latencyMs() == null ? 0 : entry.latencyMs());
            newest = end.isAfter(newest) ? end : newest;
        }
        return Duration.between(newest, now).abs().compareTo(STALE) > 0 ? newest : now;
    }

    private int append(List<LogRow> rows) {
        try {
            return store.append(rows);
        } catch (RuntimeException broken) {
            lostRows.addAndGet(rows.size());
            return rows.size();
        }
    }

    private static void checkTimes(LogEntry entry) {
        String problem = problemOfTimes(entry);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
    }

    private static @Nullable String problemOfTimes(LogEntry entry) {
        if (!isPlausible(entry.timestamp())) {
            return "timestamp must be a time since 1970 and before 10000";
        }
        Long latency = entry.latencyMs();
        return latency != null && latency > LONGEST_LATENCY.toMillis()
                ? "latency_ms must be at most " + LONGEST_LATENCY.toMillis() + " (30 days), but was " + latency
                : null;
    }

    private static boolean isPlausible(Instant time) {
        return !time.isBefore(Instant.EPOCH) && time.isBefore(YEAR_10000);
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
