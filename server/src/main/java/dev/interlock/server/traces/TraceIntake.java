package dev.interlock.server.traces;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.TimeSource;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.LogBatch;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.spans.CallSpan.What;
import dev.interlock.server.http.Problem;
import dev.interlock.server.names.NameGate;
import dev.interlock.server.security.Caller;
import dev.interlock.server.text.Texts;
import dev.interlock.server.traces.TraceFigures.Fate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes outcomes and rows of the log of spans: says whose a span is, whether it counts, and for whom. Safe for use by any
 * thread; it waits for nothing but another batch of the same key.
 */
final class TraceIntake {
    private final TraceMemory memory = new TraceMemory();
    private final TraceFeed feed;
    private final CircuitBreakerManager circuits;
    private final AgentRegistry agents;
    private final NameGate names;
    private final LogProcessor log;
    private final TimeSource time;
    private final TraceFigures figures;

    TraceIntake(
            TraceFeed feed,
            CircuitBreakerManager circuits,
            AgentRegistry agents,
            NameGate names,
            LogProcessor log,
            TimeSource time,
            TraceFigures figures) {
        this.feed = feed;
        this.circuits = circuits;
        this.agents = agents;
        this.names = names;
        this.log = log;
        this.time = time;
        this.figures = figures;
    }

    /**
     * Takes spans in.
     *
     * @param caller whose key sent them
     * @param spans them; those that are refused are noted in it
     * @param proxies of a host and its port, whether a proxy of this installation is there, which counts its calls itself
     */
    void take(Caller caller, SpanList spans, Proxies proxies) {
        Rows rows = new Rows();
        memory.use(caller, traces -> new Batch(caller, traces, spans, proxies, rows).take());
        rows.store(caller.organization(), caller.source());
        figures.count(Fate.REFUSED, spans.refused());
    }

    /** Counts what has waited long enough for its agent, for whom it seems to be; everything if that is asked for. */
    void sweep(boolean all) {
        long now = time.ticks();
        memory.each(now, (organization, traces) -> {
            Rows rows = new Rows();
            for (WaitingCall each : all ? traces.all() : traces.due(now)) {
                settle(traces, each, fallback(each.trace, each.call.span().sender()), rows);
            }
            rows.store(organization, null);
        });
    }

    /** What traces take in memory, in bytes. */
    long bytes() {
        return memory.bytes();
    }

    /** Where proxies of this installation are. */
    interface Proxies {
        boolean has(String host, String port);
    }

    /** Entries to be stored, once no lock is held. */
    private final class Rows {
        private final List<LogEntry> entries = new ArrayList<>();

        void add(String agent, SpanCall call, Caller caller) {
            String source = call.span().sender().name();
            String speaksFor = !source.isEmpty() && caller.maySpeakFor(source) ? source : null;
            entries.add(TraceRows.entry(agent, call, speaksFor));
        }

        void store(String organization, @Nullable String sender) {
            if (!entries.isEmpty()) {
                log.note(new LogBatch(organization, time.wallTime(), entries, sender));
            }
        }
    }

    /** A span in its place. */
    private record Arrived(TraceSpan span, Trace trace, TraceNode node) {}

    /** One request's spans. */
    private final class Batch {
        private final Caller caller;
        private final KeyTraces traces;
        private final SpanList spans;
        private final Proxies proxies;
        private final Rows rows;
        private final long now = time.ticks();
        private final Map<TraceId, Trace> touched = new HashMap<>();
        private final List<WaitingCall> evicted = new ArrayList<>();

        Batch(Caller caller, KeyTraces traces, SpanList spans, Proxies proxies, Rows rows) {
            this.caller = caller;
            this.traces = traces;
            this.spans = spans;
            this.proxies = proxies;
            this.rows = rows;
        }

        void take() {
            List<Arrived> arrived = new ArrayList<>(spans.spans().size());
            List<TraceSpan> inner = new ArrayList<>(spans.spans());
            inner.sort((one, other) -> one.end() != other.end()
                    ? Long.compare(one.end(), other.end())
                    : Long.compare(other.start(), one.start()));
            for (TraceSpan span : inner) {
                note(span, arrived);
            }
            arrived.forEach(this::raise);
            arrived.forEach(this::judge);
            touched.values().forEach(this::settleKnown);
            for (WaitingCall each : evicted) {
                settle(traces, each, fallback(each.trace, each.call.span().sender()), rows);
            }
        }

        private void note(TraceSpan span, List<Arrived> arrived) {
            Trace trace = touched.computeIfAbsent(span.trace(), id -> traces.trace(id, now, evicted));
            if (trace.knows(span.id())) {
                figures.count(Fate.REPEATED, 1);
                return;
            }
            int missing = trace.missing(span.id(), span.parent());
            boolean fits = missing >= 0
                    && (!trace.isRemembered
                            || traces.grant(
                                    trace,
                                    missing * TraceNode.BYTES
                                            + 2 * span.call().agent().length(),
                                    evicted));
            Trace place = fits ? trace : new Trace();
            arrived.add(new Arrived(span, place, place.note(span.id(), span.parent(), span.call())));
        }

        /** Says of the spans around this one what it is. */
        private void raise(Arrived each) {
            What what = each.span.call().what();
            boolean isProxied = each.span.call().proxied()
                    || proxies.has(each.span.call().server(), each.span.call().port());
            if (isProxied && what.isCall()) {
                each.node.set(TraceNode.PROXIED);
            }
            int flags = isProxied && what == What.OTHER ? TraceNode.PROXIED : 0;
            if (what.isCall()) {
                flags |= TraceNode.HAS_CALL
                        | (what == What.MODEL_CALL ? TraceNode.HAS_MODEL_CALL : TraceNode.HAS_TOOL_CALL)
                        | (hasFailed(each.span) ? TraceNode.HAS_FAILED : 0);
            }
            each.trace.raise(each.node, flags, each.node.tool);
        }

        private void judge(Arrived each) {
            What what = each.span.call().what();
            if (what == What.OTHER) {
                figures.count(Fate.IGNORED, 1);
            } else if (what.isCall() && isAround(each)) {
                figures.count(Fate.AROUND, 1);
            } else if (each.span.start() <= 0 || each.span.end() < each.span.start()) {
                spans.refuse("A span of a call must have a start since 1970, and an end that is not before it");
            } else if (!log.isNew(caller.organization(), each.span.entryId())) {
                figures.count(Fate.REPEATED, 1);
            } else {
                try {
                    if (what == What.AGENT) {
                        judgeRun(each);
                    } else {
                        judgeCall(each);
                    }
                } catch (IllegalArgumentException | Problem | TooManyCircuitsException no) {
                    spans.refuse(no.getMessage());
                }
            }
        }

        private boolean isAround(Arrived each) {
            boolean isOuter = each.span.call().what() == What.MODEL_CALL
                    ? each.node.has(TraceNode.HAS_MODEL_CALL)
                    : each.node.has(TraceNode.HAS_TOOL_CALL) && each.node.toolWithin.equals(each.node.tool);
            return isOuter || each.trace.isWithinCounted(each.node, each.span.call());
        }

        private void judgeCall(Arrived each) {
            each.node.set(TraceNode.COUNTED);
            SpanCall call = call(each);
            String target = call.call().target();
            if (!target.isEmpty()) {
                admitted(traces, caller, target, caller.mayDependOn(target));
            }
            String own = named(each.span);
            Trace.Around around = own.isEmpty() ? each.trace.agentAround(each.node) : new Trace.Around(own, true);
            boolean waits = !around.isComplete()
                    && traces.await(
                            new WaitingCall(call, each.node, each.trace, caller, now + KeyTraces.PATIENCE.toNanos()),
                            evicted);
            if (waits && call.counts() && !target.isEmpty()) {
                feed.target(caller.organization(), target, source(caller, call), call, traces.thinned());
            } else if (!waits) {
                count(around.agent().isEmpty() ? fallback(each.trace, each.span.sender()) : around.agent(), call);
            }
        }

        /** A run counts for its agent where no call within it says what happened. */
        private void judgeRun(Arrived each) {
            SpanCall call = call(each);
            String own = named(each.span);
            String around = own.isEmpty() ? each.trace.agentAround(each.node).agent() : own;
            String agent = around.isEmpty() ? fallback(each.trace, each.span.sender()) : around;
            boolean isSaid = each.span.call().kind() == null
                    ? each.trace.hasCallWithin(each.node)
                    : each.trace.hasFailedWithin(each.node);
            if (hasFailed(each.span)) {
                each.trace.raise(each.node, TraceNode.HAS_FAILED, "");
            }
            count(agent, isSaid ? new SpanCall(each.span, false, call.elsewhere()) : call);
        }

        private SpanCall call(Arrived each) {
            boolean elsewhere = each.span.sender().countsElsewhere()
                    || each.node.has(TraceNode.PROXIED)
                    || each.trace.isGuarded(each.node);
            return new SpanCall(each.span, !elsewhere && !SpanCall.isOld(each.span, time.wallTime()), elsewhere);
        }

        private void count(String agent, SpanCall call) {
            String target = call.call().target();
            String name = agent.isEmpty() ? target : agent;
            if (name.isEmpty()) {
                figures.count(Fate.IGNORED, 1);
                return;
            }
            if (!agent.isEmpty()) {
                admitted(traces, caller, agent, caller.mayTouch(agent));
            }
            String organization = caller.organization();
            if (call.counts() && agent.isEmpty()) {
                feed.target(organization, target, source(caller, call), call, traces.thinned());
            } else if (call.counts()) {
                feed.call(organization, agent, target, source(caller, call), call, traces.thinned());
            }
            figures.count(call.counts() ? Fate.COUNTED : Fate.LOGGED, 1);
            rows.add(name, call, caller);
        }

        private void settleKnown(Trace trace) {
            List<WaitingCall> known = new ArrayList<>(0);
            for (WaitingCall each : trace.waiting()) {
                if (trace.agentAround(each.node).isComplete()) {
                    known.add(each);
                }
            }
            trace.waiting().removeAll(known);
            for (WaitingCall each : known) {
                traces.awaited(each);
                String around = trace.agentAround(each.node).agent();
                settle(
                        traces,
                        each,
                        around.isEmpty() ? fallback(trace, each.call.span().sender()) : around,
                        rows);
            }
        }
    }

    /** A call that waited: its agent hears what is left to hear. */
    private void settle(KeyTraces traces, WaitingCall waiting, String agent, Rows rows) {
        SpanCall call = waiting.call;
        String target = call.call().target();
        String name = agent.isEmpty() ? target : agent;
        try {
            if (name.isEmpty()) {
                figures.count(Fate.IGNORED, 1);
                return;
            }
            Caller caller = waiting.caller;
            if (!agent.isEmpty()) {
                admitted(traces, caller, agent, caller.mayTouch(agent));
            }
            if (call.counts() && !agent.isEmpty()) {
                feed.agent(caller.organization(), agent, target, source(caller, call), call, traces.thinned());
            }
            figures.count(call.counts() ? Fate.COUNTED : Fate.LOGGED, 1);
            rows.add(name, call, caller);
        } catch (IllegalArgumentException | Problem | TooManyCircuitsException no) {
            figures.count(Fate.REFUSED, 1);
        }
    }

    /** Refuses a name that this key may not report on, or that its spans may not bring into being. */
    private void admitted(KeyTraces traces, Caller caller, String name, boolean isAllowed) {
        if (!isAllowed) {
            throw new IllegalArgumentException("This key may not report calls of '" + Texts.shown(name)
                    + "'; it is limited to '" + caller.agents()
                    + "'. The resource attribute interlock.agent names the agent of a process");
        }
        CircuitId id = new CircuitId(caller.organization(), name);
        names.admit(id);
        if (!exists(id) && !traces.mayName(name, each -> exists(new CircuitId(caller.organization(), each)))) {
            throw new IllegalArgumentException("Spans of this key have named " + KeyTraces.MOST_NAMES
                    + " new agents, models and tools, as many as they may within a day: '" + Texts.shown(name)
                    + "' is one more");
        }
    }

    private boolean exists(CircuitId id) {
        return circuits.contains(id) || agents.find(id) != null;
    }

    /** Who makes a call, as circuits distinguish callers: known of every span at once, so that nobody is two. */
    private static String source(Caller caller, SpanCall call) {
        String sender = call.span().sender().name();
        return sender.isEmpty() ? caller.source() : caller.sourceFor(sender);
    }

    /** The agent that a span names; the one that its process says to be goes before it. */
    private static String named(TraceSpan span) {
        return span.sender().agent().isEmpty()
                ? span.call().agent()
                : span.sender().agent();
    }

    /** Whose a call is where no span around it says so. */
    private static String fallback(Trace trace, Sender sender) {
        return trace.onlyAgent().isEmpty() ? sender.name() : trace.onlyAgent();
    }

    private static boolean hasFailed(TraceSpan span) {
        return span.call().kind() != null && span.call().kind() != FailureKind.CANCELLED;
    }
}
