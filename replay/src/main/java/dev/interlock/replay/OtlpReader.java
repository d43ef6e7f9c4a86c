package dev.interlock.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.FailureKind;
import dev.interlock.monitor.spans.CallSpan.What;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls from OpenTelemetry traces as a collector's file exporter writes them: OTLP JSON, a request with many spans a line.
 *
 * <p>A span ends after those within it, so who called is known only when the agent's span has come: a call waits for it
 * in the queue of calls, and takes the nearest agent around it, else that of its trace, else its service.
 */
final class OtlpReader extends JsonLinesReader<OtlpReader.Read> {
    private static final int REMEMBERED = 200_000;

    /** A span that is known. */
    private record Known(
            What what, @Nullable String parent, @Nullable Name agent) {}

    /** Whose a call is, for as long as that may change. */
    private record Whose(Span span, @Nullable Name service) {}

    /** A span and what its resource says of it. */
    record Read(Span span, String service) {}

    private final By by;
    private final Names names;
    private final boolean guarded;
    private final Map<String, Known> spans = remembering();
    private final Map<String, Name> agents = remembering();
    private final Map<String, Boolean> outer = remembering();
    private final IdentityHashMap<Call, Whose> waiting = new IdentityHashMap<>();
    private long others;
    private long guardedOnes;
    private long withoutName;
    private long within;

    /** The first line must be the present one. */
    OtlpReader(Lines lines, By by, Names names, boolean guarded) {
        super(lines);
        this.by = by;
        this.names = names;
        this.guarded = guarded;
    }

    @Override
    @Nullable
    Call call(Read read) throws BadRowException {
        Span span = read.span;
        if (span.isGuarded() != guarded) {
            guardedOnes++;
            return null;
        }
        String target = span.target();
        if (by.needsTarget() && target.isEmpty()) {
            withoutName++;
            return null;
        }
        long start = time("startTimeUnixNano", span.start());
        long end = time("endTimeUnixNano", span.end());
        if (end < start) {
            throw BadRowException.of("endTimeUnixNano", span.end(), "not before startTimeUnixNano, " + span.start());
        }
        FailureKind kind = span.kind();
        boolean ok = kind == null || kind == FailureKind.CANCELLED;
        Name service = read.service.isEmpty() || !by.needsAgent() ? null : names.of("service.name", read.service);
        Call call = new Call(
                line(),
                start,
                end - start,
                service,
                by.needsTarget() ? names.of("target", target) : null,
                ok,
                kind,
                Call.NO_WAIT,
                null);
        waiting.put(call, new Whose(span, service));
        return call;
    }

    @Override
    public void forget(Call call) {
        waiting.remove(call);
    }

    @Override
    public @Nullable Call settled(Call call) {
        Whose whose = waiting.remove(call);
        if (whose == null) {
            return call;
        }
        if (whose.span.what() == What.MODEL_CALL && outer.containsKey(whose.span.key())) {
            within++;
            return null;
        }
        if (!by.needsAgent()) {
            return call;
        }
        Name agent = agent(whose.span, whose.service);
        if (agent == null) {
            withoutName++;
            return null;
        }
        return new Call(
                call.line(),
                call.time(),
                call.duration(),
                agent,
                call.target(),
                call.ok(),
                call.kind(),
                call.retryAfter(),
                call.unlessFailed());
    }

    @Override
    public String leftOut() {
        List<String> words = new ArrayList<>();
        note(words, others, "span that is no call", "spans that are no calls");
        note(words, guardedOnes, guarded ? "not guarded" : "guarded", guarded ? "not guarded" : "guarded");
        note(words, withoutName, "call without a name", "calls without a name");
        note(words, within, "span around a call of its own", "spans around calls of their own");
        return String.join(", ", words);
    }

    private static void note(List<String> words, long count, String one, String many) {
        if (count > 0) {
            words.add(count + " " + (count == 1 ? one : many));
        }
    }

    /** Inner spans first, as they come when each is exported by itself. */
    @Override
    void readLine(JsonNode line) throws BadRowException {
        List<Read> found = new ArrayList<>();
        for (JsonNode resource : line.path("resourceSpans")) {
            String service = service(resource.path("resource").path("attributes"));
            for (String scopes : new String[] {"scopeSpans", "instrumentationLibrarySpans"}) {
                for (JsonNode scope : resource.path(scopes)) {
                    scope.path("spans").forEach(span -> found.add(new Read(new Span(span), service)));
                }
            }
        }
        found.sort(Comparator.comparing((Read each) -> each.span.end(), OtlpReader::compareNumbers)
                .thenComparing(each -> each.span.start(), Collections.reverseOrder(OtlpReader::compareNumbers)));
        for (Read each : found) {
            note(each.span);
            boolean isCall = each.span.what() == What.MODEL_CALL || each.span.what() == What.TOOL_CALL;
            if (isCall) {
                ready(each);
            } else {
                others++;
            }
        }
    }

    private void note(Span span) throws BadRowException {
        String name = by.needsAgent() ? span.agent() : "";
        Name agent = name.isEmpty() ? null : names.of("gen_ai.agent.name", name);
        spans.put(span.key(), new Known(span.what(), span.parent(), agent));
        if (agent != null) {
            agents.putIfAbsent(span.trace(), agent);
        }
        if (span.what() == What.MODEL_CALL || span.what() == What.OTHER && outer.containsKey(span.key())) {
            noteOuter(span.parent());
        }
    }

    /** A model call is within these: of a framework's span and an SDK's only the innermost is the call. */
    private void noteOuter(@Nullable String inner) {
        for (String key = inner; key != null; ) {
            Known known = spans.get(key);
            if (known != null && (known.what == What.TOOL_CALL || known.what == What.AGENT)
                    || outer.put(key, true) != null) {
                return;
            }
            key = known == null ? null : known.parent;
        }
    }

    private @Nullable Name agent(Span span, @Nullable Name service) {
        int steps = 0;
        for (String key = span.key(); key != null && steps < REMEMBERED; steps++) {
            Known known = spans.get(key);
            if (known == null) {
                break;
            }
            if (known.agent != null) {
                return known.agent;
            }
            key = known.parent;
        }
        Name ofTrace = agents.get(span.trace());
        return ofTrace != null ? ofTrace : service;
    }

    private static String service(JsonNode attributes) {
        String service = "";
        for (JsonNode attribute : attributes) {
            String key = attribute.path("key").asText();
            if (key.equals("interlock.agent")) {
                return Span.value(attribute.path("value"));
            }
            if (key.equals("service.name")) {
                service = Span.value(attribute.path("value"));
            }
        }
        return service;
    }

    private static long time(String name, String text) throws BadRowException {
        long time;
        try {
            time = Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            time = Times.NONE;
        }
        if (!Times.isOne(time)) {
            throw BadRowException.of(name, text, "nanoseconds since 1970, before the year 2200");
        }
        return time;
    }

    /** Whole numbers as texts, shorter ones first. */
    private static int compareNumbers(String one, String other) {
        return one.length() != other.length() ? Integer.compare(one.length(), other.length()) : one.compareTo(other);
    }

    private static <V> Map<String, V> remembering() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }
}
