package dev.interlock.monitor;

import dev.interlock.Alpha;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ToolListener;
import dev.interlock.UsageListener;
import dev.interlock.monitor.loops.LoopRefusals;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of an agent: the scope in which what it does is logged under one id. Safe for use by any thread.
 *
 * <p>Closing it logs nothing by itself; it asks for what waits to be sent if the run had a failure, so that a circuit that
 * is fed by the log hears of it at once.
 */
public final class Execution implements AutoCloseable {
    private final Shipper shipper;
    private final EntryIds ids;
    private final String agentId;
    private final String executionId;
    private final @Nullable LoopRefusals loops;
    private final UsageListener usage;
    private final ToolListener tools = this::begins;
    private volatile boolean failed;

    Execution(Shipper shipper, EntryIds ids, String agentId, String executionId, @Nullable LoopRefusals loops) {
        this.loops = loops;
        this.shipper = shipper;
        this.ids = ids;
        this.agentId = String.valueOf(Clip.captured(agentId));
        this.executionId = String.valueOf(Clip.captured(executionId));
        this.usage =
                used -> add(UsageEntries.of(used, shipper.time().wallTime()).executionId(this.executionId));
    }

    /**
     * The run's id.
     *
     * @return the same in all its entries
     */
    public String id() {
        return executionId;
    }

    /**
     * The agent.
     *
     * @return its id
     */
    public String agentId() {
        return agentId;
    }

    /**
     * Begins a call of a tool; from now on its time is measured.
     *
     * @param name which tool
     * @return the call, to be settled once
     */
    public Action toolCall(String name) {
        return new Action(this, ActionType.TOOL_CALL, name);
    }

    /**
     * Begins a call of a model; from now on its time is measured.
     *
     * @param model which model
     * @return the call, to be settled once
     */
    public Action llmInference(String model) {
        return new Action(this, ActionType.LLM_INFERENCE, model);
    }

    /**
     * Begins something else; from now on its time is measured.
     *
     * @param name what it is
     * @return it, to be settled once
     */
    public Action custom(String name) {
        return new Action(this, ActionType.CUSTOM, name);
    }

    /**
     * Logs a decision.
     *
     * @param name what was to be decided
     * @param decision what was decided, and why
     */
    public void decision(String name, String decision) {
        decision(name, decision, Map.of());
    }

    /**
     * Logs a decision with whatever else there is to say.
     *
     * @param name what was to be decided
     * @param decision what was decided, and why
     * @param metadata texts, numbers, booleans, nulls, lists and maps of them
     */
    public void decision(String name, String decision, Map<String, ? extends @Nullable Object> metadata) {
        add(entry(ActionType.DECISION, name)
                .outputSummary(Clip.captured(decision))
                .metadata(Values.captured(metadata)));
    }

    /**
     * Logs that something went wrong that was no single call. It is an outcome of the run unless a call of it has failed.
     *
     * @param thrown what was thrown; its stack trace goes into the metadata
     */
    public void error(Throwable thrown) {
        error(Action.kind(thrown), thrown);
    }

    /**
     * Logs that something of a known kind went wrong that was no single call.
     *
     * @param kind why
     * @param thrown what was thrown; its stack trace goes into the metadata
     */
    public void error(FailureKind kind, Throwable thrown) {
        add(entry(ActionType.ERROR, thrown.getClass().getName())
                .status(kind == FailureKind.CANCELLED ? EntryStatus.CANCELLED : EntryStatus.FAILURE)
                .errorKind(kind)
                .errorMessage(StackTraces.headline(thrown))
                .metadata(Map.of("stack_trace", thrown)));
    }

    /**
     * Logs that something went wrong that was no single call.
     *
     * @param kind why
     * @param message what
     */
    public void error(FailureKind kind, String message) {
        add(entry(ActionType.ERROR, kind.name())
                .status(EntryStatus.FAILURE)
                .errorKind(kind)
                .errorMessage(Clip.captured(message)));
    }

    /**
     * Logs calls of guarded models as those of this run, as {@link AgentLogger#usage} does for runs that nobody knows: {@code
     * model.countedBy(run.usage())} is such a model. An entry is of the agent whose guard let the call pass.
     *
     * @return a listener, the same one each time
     */
    @Alpha
    public UsageListener usage() {
        return usage;
    }

    /**
     * Logs calls of guarded tools as those of this run, each with its arguments and its result, so that a loop is found; once
     * the run is in one, calls are refused. For {@code loggedBy} of the guarded tools of LangChain4j, Spring AI and MCP. An
     * entry is of the agent whose guard let the call pass.
     *
     * @return a listener, the same one each time
     */
    @Alpha
    public ToolListener tools() {
        return tools;
    }

    private ToolListener.Call begins(Guard guard, String tool, String arguments) {
        Action action = new Action(this, guard.id().name(), ActionType.TOOL_CALL, tool);
        action.whole(EntryLoops.ARGUMENTS, arguments).input(arguments).guardedBy(guard);
        try {
            check(guard);
        } catch (CircuitOpenException refused) {
            action.fail(refused);
            throw refused;
        }
        return (outcome, result) -> action.whole(EntryLoops.RESULT, result).end(outcome, result);
    }

    /** Ends the scope. */
    @Override
    public void close() {
        if (failed) {
            shipper.flush();
        }
    }

    /** Refuses a guarded call if this execution is in a loop. */
    void check(Guard guard) {
        if (loops != null) {
            loops.check(guard.id(), executionId);
        }
    }

    long ticks() {
        return shipper.time().ticks();
    }

    LogEntry.Builder entry(ActionType type, String name) {
        return entry(agentId, type, name);
    }

    LogEntry.Builder entry(String agent, ActionType type, String name) {
        return LogEntry.builder(agent, type, shipper.time().wallTime())
                .executionId(executionId)
                .actionName(Clip.captured(name));
    }

    void add(LogEntry.Builder entry) {
        LogEntry done = entry.entryId(ids.next()).build();
        if (done.status() == EntryStatus.FAILURE) {
            failed = true;
        }
        shipper.add(done);
    }
}
