package dev.interlock.monitor.loops;

import dev.interlock.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Finds loops: the same call with the same result, or with a failure, several times among the last calls of an execution.
 * Identical calls of one turn of a model count once. Keeps digests alone, of the last calls of up to {@value #MOST_EACH}
 * executions an organization. Safe for use by any thread; waits for nothing.
 */
public final class LoopDetector {
    /** For how long further calls of an execution are refused at most. */
    public static final Duration LONGEST = Duration.ofHours(1);

    /** How many executions of an organization are watched; the one that called longest ago is forgotten first. */
    public static final int MOST_EACH = 2_000;

    private record Key(String agent, @Nullable String execution) {}

    /** What is known of one organization; guarded by itself. */
    private static final class Watched {
        final Map<Key, CallHistory> histories = new LinkedHashMap<>(16, 0.75F, true);
    }

    private final LoopSettings settings;
    private final TimeSource time;
    private final Map<String, Watched> organizations = new ConcurrentHashMap<>();

    /** By organization, then by execution: what refuses further calls. */
    private final Map<String, Map<Key, Loop>> looping = new ConcurrentHashMap<>();

    private final LongAdder found = new LongAdder();

    /**
     * A detector that knows nothing yet.
     *
     * @param settings what is a loop
     * @param time the time source of the circuits
     */
    public LoopDetector(LoopSettings settings, TimeSource time) {
        this.settings = settings;
        this.time = time;
    }

    /**
     * Takes note that an execution asked a model: what it calls next is another turn.
     *
     * @param organization whose
     * @param agent whose execution
     * @param execution its id, or null
     */
    public void modelCalled(String organization, String agent, @Nullable String execution) {
        Watched watched = watched(organization);
        synchronized (watched) {
            history(watched, agent, execution).modelCalled(time.wallTime());
        }
    }

    /**
     * Takes a turn in that a request to a model says. One that was said before counts once; and none counts in an execution
     * whose calls are also {@linkplain #called reported}, since they are the same.
     *
     * @param organization whose
     * @param agent whose execution
     * @param execution its id
     * @param turn what was called and what came back
     * @return the loop that it completes, or null; each is reported once, also if it goes on
     */
    public @Nullable Loop turned(String organization, String agent, String execution, ToolTurn turn) {
        Instant now = time.wallTime();
        Watched watched = watched(organization);
        LoopCall repeated = null;
        int repeats = 0;
        synchronized (watched) {
            CallHistory history = history(watched, agent, execution);
            if (!history.turned(turn.id(), now)) {
                return null;
            }
            for (LoopCall each : turn.calls()) {
                int same = settings.isExcepted(each.tool()) ? 0 : history.called(each, now);
                if (same > repeats) {
                    repeats = same;
                    repeated = each;
                }
            }
        }
        return repeated == null ? null : found(organization, agent, execution, repeated, repeats, now);
    }

    /**
     * Takes a call in.
     *
     * @param organization whose
     * @param agent whose execution
     * @param execution its id, or null: then all calls of the agent that name none are one
     * @param call the call
     * @return the loop that it completes, or null; each is reported once, also if it goes on
     */
    public @Nullable Loop called(String organization, String agent, @Nullable String execution, LoopCall call) {
        if (settings.isExcepted(call.tool())) {
            return null;
        }
        Instant now = time.wallTime();
        Watched watched = watched(organization);
        int repeats;
        synchronized (watched) {
            CallHistory history = history(watched, agent, execution);
            history.reported();
            repeats = history.called(call, now);
            if (repeats > 0 && execution == null) {
                watched.histories.remove(new Key(agent, null)); // what comes next begins again
            }
        }
        return repeats == 0 ? null : found(organization, agent, execution, call, repeats, now);
    }

    private @Nullable Loop found(
            String organization, String agent, @Nullable String execution, LoopCall call, int repeats, Instant now) {
        Loop loop = new Loop(organization, agent, execution, call.tool(), repeats, call.ended(), now.plus(LONGEST));
        if (execution != null && !note(loop, now)) {
            return null;
        }
        found.increment();
        return loop;
    }

    private boolean note(Loop loop, Instant now) {
        Map<Key, Loop> own = looping.computeIfAbsent(
                loop.organization(),
                made -> Collections.synchronizedMap(new LinkedHashMap<>() {
                    private static final long serialVersionUID = 1;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Key, Loop> eldest) {
                        return size() > MOST_EACH;
                    }
                }));
        Key execution = new Key(loop.agent(), loop.execution());
        Loop known = own.get(execution);
        if (known != null && now.isBefore(known.until())) {
            return false;
        }
        own.put(execution, loop);
        return true;
    }

    /**
     * Why further calls of an execution are refused.
     *
     * @param organization whose
     * @param agent whose execution
     * @param execution its id
     * @return the loop that it is in, or null if it is in none
     */
    public @Nullable Loop find(String organization, String agent, String execution) {
        Map<Key, Loop> own = looping.get(organization);
        Loop loop = own == null ? null : own.get(new Key(agent, execution));
        return loop != null && time.wallTime().isBefore(loop.until()) ? loop : null;
    }

    /**
     * Takes note that an execution has ended: nothing is refused and nothing known of it any more.
     *
     * @param organization whose
     * @param agent whose execution
     * @param execution its id
     */
    public void ended(String organization, String agent, String execution) {
        Map<Key, Loop> own = looping.get(organization);
        if (own != null) {
            own.remove(new Key(agent, execution));
        }
        Watched watched = organizations.get(organization);
        if (watched != null) {
            synchronized (watched) {
                watched.histories.remove(new Key(agent, execution));
            }
        }
    }

    /** {@return loops that were found since the start} */
    public long found() {
        return found.sum();
    }

    private Watched watched(String organization) {
        return organizations.computeIfAbsent(organization, made -> new Watched());
    }

    private CallHistory history(Watched watched, String agent, @Nullable String execution) {
        Key key = new Key(agent, execution);
        CallHistory history = watched.histories.get(key);
        Instant old = time.wallTime().minus(LONGEST);
        if (history != null && history.touched().isBefore(old)) {
            history = null; // what was called so long ago is no part of a loop
        }
        if (history == null) {
            history = new CallHistory(settings);
            watched.histories.put(key, history);
            if (watched.histories.size() > MOST_EACH) {
                watched.histories.remove(watched.histories.keySet().iterator().next());
            }
        }
        return history;
    }
}
