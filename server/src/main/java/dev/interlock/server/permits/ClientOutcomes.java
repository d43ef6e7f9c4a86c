package dev.interlock.server.permits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.InnerCalls;
import dev.interlock.Settlement;
import dev.interlock.TimeSource;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.server.http.Problem;
import dev.interlock.server.permits.SettledTogether.Answer;
import dev.interlock.server.security.Caller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes in outcomes of calls that clients admitted by themselves, in addition to those of permits. Works in memory
 * only; waits for nobody. Safe for use by any thread.
 */
public final class ClientOutcomes {
    /** The most of one report. */
    public static final int MOST = 1_000;

    private final CircuitBreakerManager circuits;
    private final PermitDesk desk;
    private final PermitWatch watch;
    private final TimeSource time;

    /**
     * An intake before some circuits.
     *
     * @param circuits the circuits
     * @param desk settles permits
     * @param watch hears who calls, and what they depend on
     * @param time the circuits' clocks
     */
    public ClientOutcomes(CircuitBreakerManager circuits, PermitDesk desk, PermitWatch watch, TimeSource time) {
        this.circuits = circuits;
        this.desk = desk;
        this.watch = watch;
        this.time = time;
    }

    /** An outcome that was read, or what is wrong with it. */
    private record Entry(@Nullable ClientReport report, String mistake) {}

    /** Outcomes that have been read, none of which has counted. Immutable. */
    public static final class Batch {
        /** Nothing. */
        public static final Batch NONE = new Batch(List.of());

        private final List<Entry> entries;

        private Batch(List<Entry> entries) {
            this.entries = List.copyOf(entries);
        }

        /** {@return whether any of them may move a circuit: a failure, or how a trial ended} */
        public boolean mayMove() {
            for (Entry each : entries) {
                ClientReport client = each.report();
                if (client != null
                        && (client.report().kind() != null || client.report().permit() != null)) {
                    return true;
                }
            }
            return false;
        }

        /** {@return how many there are} */
        public int size() {
            return entries.size();
        }
    }

    /**
     * Reads outcomes.
     *
     * @param array a JSON array, which is known to be one
     * @return they, those that cannot be read included
     * @throws Problem 400 if there are more than {@value #MOST}
     */
    public static Batch read(byte[] array) {
        List<Entry> entries = new ArrayList<>();
        BatchSplitter splitter = new BatchSplitter(new BatchSplitter.Sink() {
            @Override
            public void entry(byte[] bytes, int from, int length) {
                try {
                    add(new Entry(ClientReportReader.read(bytes, from, length), ""));
                } catch (BadBodyException bad) {
                    badEntry(bad.detail());
                }
            }

            @Override
            public void badEntry(String detail) {
                add(new Entry(null, detail));
            }

            private void add(Entry entry) {
                if (entries.size() == MOST) {
                    throw Problem.invalid(
                            "outcomes: may have at most " + MOST + " entries; send more in another report");
                }
                entries.add(entry);
            }
        });
        splitter.feed(array);
        splitter.end();
        return new Batch(entries);
    }

    /**
     * Takes outcomes in, in their order; permits after what has none. From here on each counts or is refused, whatever
     * becomes of the sender.
     *
     * @param caller who reports
     * @param batch what was read
     * @param tally hears what becomes of each
     * @return complete when all is taken in, in bounded time, on any thread
     */
    public CompletionStage<?> take(Caller caller, Batch batch, Tally tally) {
        List<Claim> claims = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < batch.entries.size(); i++) {
            ClientReport report = batch.entries.get(i).report();
            if (report == null) {
                tally.refused(i, batch.entries.get(i).mistake());
            } else if (report.report().permit() == null) {
                record(caller, report, i, tally);
            } else {
                Claim claim = claim(caller, report.report(), i, tally);
                if (claim != null) {
                    claims.add(claim);
                    places.add(i);
                }
            }
        }
        if (claims.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        if (!desk.asksOthers()) {
            settle(claims, null, places, tally);
            return CompletableFuture.completedFuture(null);
        }
        return desk.ask(claims).thenAccept(answers -> settle(claims, answers, places, tally));
    }

    private void record(Caller caller, ClientReport client, int index, Tally tally) {
        Report report = client.report();
        String agent = Objects.requireNonNull(report.agent());
        try {
            PermitEndpoints.mustTouch(caller, agent);
            PermitEndpoints.mustSpeakFor(caller, report.caller());
            PermitEndpoints.mustDependOn(caller, client.dependencies());
            String organization = caller.organization();
            String named = report.caller() != null ? report.caller() : caller.sourceFor(agent);
            Guard own = circuits.guard(new CircuitId(organization, agent)).withCaller(named);
            Guard guard = client.dependencies().isEmpty()
                    ? own
                    : own.dependingOn(client.dependencies().toArray(String[]::new));
            watch.asked(guard.id(), guard.dependencies(), time.wallTime());
            Settlement settlement = guard.record(
                    report.outcome(-1),
                    Duration.ofNanos(Math.max(0, report.durationNanos()) + client.agoNanos()),
                    inner(organization, client.inner()),
                    epochs(guard, client.epochs()));
            watch.ended(guard, report.usage(), null);
            tally.taken(settlement, false);
        } catch (TooManyCircuitsException | Problem | IllegalArgumentException refusal) {
            tally.refused(index, String.valueOf(refusal.getMessage()));
        }
    }

    private @Nullable Claim claim(Caller caller, Report report, int index, Tally tally) {
        try {
            return PermitEndpoints.claim(desk, caller, report.agent(), report);
        } catch (PermitRefusedException refusal) {
            tally.refused(index, refusal.detail());
        } catch (Problem refusal) {
            tally.refused(index, String.valueOf(refusal.getMessage()));
        }
        return null;
    }

    private void settle(List<Claim> claims, Answer @Nullable [] answers, List<Integer> places, Tally tally) {
        for (int i = 0; i < claims.size(); i++) {
            try {
                tally.taken(desk.settle(claims.get(i), answers == null ? Answer.UNKNOWN : answers[i]), true);
            } catch (PermitRefusedException refusal) {
                tally.refused(places.get(i), refusal.detail());
            }
        }
    }

    private static InnerCalls inner(String organization, ClientReport.Inner inner) {
        return inner.equals(ClientReport.Inner.NONE)
                ? InnerCalls.NONE
                : new InnerCalls(
                        ids(organization, inner.admitted()),
                        ids(organization, inner.refused()),
                        ids(organization, inner.failed()));
    }

    private static Set<CircuitId> ids(String organization, Set<String> names) {
        return names.stream().map(name -> new CircuitId(organization, name)).collect(Collectors.toSet());
    }

    /** In the order of the circuits' ids. */
    private static long[] epochs(Guard guard, Map<String, Long> named) {
        if (named.isEmpty()) {
            return new long[0];
        }
        Set<CircuitId> all = new TreeSet<>(guard.dependencies());
        all.add(guard.id());
        return all.stream().mapToLong(id -> named.get(id.name())).toArray();
    }
}
