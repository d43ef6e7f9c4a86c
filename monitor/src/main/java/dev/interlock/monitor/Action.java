package dev.interlock.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Work;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One call of a model or tool, or another step that takes time; it is logged when it is settled. Of several settlements
 * the first counts; closed unsettled it is a failure of kind {@link FailureKind#ERROR}. Details are for one thread at a
 * time; any thread may settle it.
 */
public final class Action implements AutoCloseable {
    private final Execution execution;
    private final LogEntry.Builder entry;
    private final long began;
    private final AtomicBoolean settled = new AtomicBoolean();
    private final Map<String, @Nullable Object> metadata = new LinkedHashMap<>(4);
    private @Nullable Guard guard;

    Action(Execution execution, ActionType type, String name) {
        this(execution, execution.agentId(), type, name);
    }

    Action(Execution execution, String agent, ActionType type, String name) {
        this.execution = execution;
        this.entry = execution.entry(agent, type, name);
        this.began = execution.ticks();
    }

    /**
     * What goes in.
     *
     * @param summary is redacted and cut
     * @return this action
     */
    public Action input(String summary) {
        entry.inputSummary(Clip.captured(summary));
        return this;
    }

    /**
     * What came out.
     *
     * @param summary is redacted and cut
     * @return this action
     */
    public Action output(String summary) {
        entry.outputSummary(Clip.captured(summary));
        return this;
    }

    /**
     * Tokens in and out together.
     *
     * @param count not negative, else it is left out
     * @return this action
     */
    public Action tokens(long count) {
        entry.tokenCount(count < 0 ? null : count);
        return this;
    }

    /**
     * What it cost.
     *
     * @param dollars US dollars, finite and not negative, else it is left out
     * @return this action
     */
    public Action costUsd(double dollars) {
        entry.costUsd(dollars >= 0 && Double.isFinite(dollars) ? dollars : null);
        return this;
    }

    /**
     * Whatever else.
     *
     * @param key what it is
     * @param value a text, number, boolean, null, list or map of them; another object's own text is taken
     * @return this action
     */
    public Action with(String key, @Nullable Object value) {
        metadata.put(key, value);
        return this;
    }

    /**
     * Says that a guard counts this call, so that its entry feeds no circuit, and figures only where that guard was not
     * heard. {@link #call} then makes the call through
     * that guard; otherwise the guard is only named.
     *
     * @param by the guard; what it depends on is logged
     * @return this action
     */
    public Action guardedBy(Guard by) {
        this.guard = by;
        return this;
    }

    /**
     * Says what the call depends on, where no guard does: its outcome is attributed to the circuit that it says something
     * about, as that of a guarded call is.
     *
     * @param names of circuits, such as {@code model:kimi-k2} or {@code key:openai-1}, at most {@value
     *     LogEntry#MOST_DEPENDENCIES}; those beyond are left out
     * @return this action
     */
    public Action dependingOn(String... names) {
        entry.dependsOn(
                Stream.of(names).distinct().limit(LogEntry.MOST_DEPENDENCIES).toList());
        return this;
    }

    /**
     * Makes the call, and settles with how it ended.
     *
     * @param work the call
     * @param <T> what it returns
     * @param <X> what it may throw
     * @return what it returned; the summary of what came out stays yours to give, before
     * @throws X what it threw
     * @throws CircuitOpenException if the guard refuses, or the execution is in a loop, which is logged as {@link FailureKind#DOWNSTREAM_OPEN}
     */
    public <T extends @Nullable Object, X extends Exception> T call(Work<? extends T, X> work) throws X {
        try {
            Guard by = guard;
            if (by != null) {
                execution.check(by);
            }
            T result = by == null ? work.call() : by.<T, X>call(work);
            succeed();
            return result;
        } catch (Throwable thrown) {
            fail(thrown);
            throw thrown;
        }
    }

    /** Settles with a success. */
    public void succeed() {
        settle(EntryStatus.SUCCESS, null, null, null, null);
    }

    /**
     * Settles with what was thrown; {@link FailureClassifier#standard()} says what kind of failure that is, and when the
     * failing side asked to be called again.
     *
     * @param thrown its stack trace goes into the metadata
     */
    public void fail(Throwable thrown) {
        Outcome outcome = FailureClassifier.standard().ofException(thrown);
        FailureKind kind = kindOf(outcome);
        settle(
                kind == FailureKind.CANCELLED ? EntryStatus.CANCELLED : EntryStatus.FAILURE,
                kind,
                outcome.retryAfter(),
                StackTraces.headline(thrown),
                thrown instanceof CircuitOpenException ? null : thrown);
    }

    /**
     * Settles with a failure.
     *
     * @param kind why
     * @param message what went wrong
     */
    public void fail(FailureKind kind, String message) {
        settle(EntryStatus.FAILURE, kind, null, message, null);
    }

    /** Settles with a call that its caller gave up. */
    public void cancel() {
        settle(EntryStatus.CANCELLED, FailureKind.CANCELLED, null, null, null);
    }

    /** Says by a digest what a text is as a whole, if its entry will have no more than its beginning. */
    Action whole(String digest, @Nullable String text) {
        if (text != null && text.length() > Clip.TEXT) {
            metadata.put(digest, UUID.nameUUIDFromBytes(text.getBytes(UTF_8)).toString());
        }
        return this;
    }

    /** Settles with an outcome, and what came back with it. */
    void end(Outcome outcome, @Nullable String text) {
        FailureKind kind = outcome.kind();
        if (kind == null) {
            entry.outputSummary(Clip.captured(text));
            succeed();
        } else {
            boolean isGivenUp = kind == FailureKind.CANCELLED;
            settle(isGivenUp ? EntryStatus.CANCELLED : EntryStatus.FAILURE, kind, outcome.retryAfter(), text, null);
        }
    }

    /** Settles with a failure of kind {@link FailureKind#ERROR} if nobody has settled yet. */
    @Override
    public void close() {
        if (!settled.get()) {
            fail(FailureKind.ERROR, "It was not said how it ended");
        }
    }

    /** What a classifier makes of what was thrown; what it takes for an answer is none here. */
    static FailureKind kind(Throwable thrown) {
        return kindOf(FailureClassifier.standard().ofException(thrown));
    }

    private static FailureKind kindOf(Outcome outcome) {
        FailureKind kind = outcome.kind();
        return kind == null ? FailureKind.ERROR : kind;
    }

    private void settle(
            EntryStatus status,
            @Nullable FailureKind kind,
            @Nullable Duration wait,
            @Nullable String message,
            @Nullable Throwable thrown) {
        if (!settled.compareAndSet(false, true)) {
            return;
        }
        long nanos = execution.ticks() - began;
        if (thrown != null) {
            metadata.put("stack_trace", thrown);
        }
        Guard by = guard;
        if (by != null && !by.dependencies().isEmpty()) {
            String[] names = by.dependencies().stream().map(CircuitId::name).toArray(String[]::new);
            metadata.put("depends_on", List.of(names));
            dependingOn(names);
        }
        if (by != null && by.counting() != null) {
            metadata.put(EntryUsage.COUNTED, true);
        }
        execution.add(entry.status(status)
                .errorKind(kind)
                .retryAfterMs(wait == null ? null : wait.toMillis())
                .errorMessage(Clip.captured(message))
                .latencyMs(Math.max(0, Math.round(nanos / 1e6)))
                .metadata(metadata.isEmpty() ? metadata : Values.captured(metadata))
                .guarded(by != null)
                .permit(by == null ? null : by.process()));
    }
}
