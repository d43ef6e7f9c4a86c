package dev.interlock.replay;

import dev.interlock.FailureKind;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One reading of a file, which feeds all policies in lockstep, so that memory depends on circuits, on calls in flight and
 * on a minute's rows, never on the length of the file.
 */
final class OnePass implements AutoCloseable {
    private static final int ROWS_BETWEEN_LOOKS = 1 << 10;

    private final Map<String, Policy> policies;
    private final By by;
    private final boolean guarded;
    private final Incidents incidents;
    private final long slowCall;
    private final @Nullable ProbeAnswers answers;

    /** What answers for probes if it is the log itself, and the calls that are read ahead for it. */
    private final @Nullable ProbeLog log;

    private final Deque<Call> ahead = new ArrayDeque<>();
    private final List<PolicyRun> runs = new ArrayList<>();
    private Reorder reorder = new Reorder();
    private final SlowRule slowRule = new SlowRule();
    private String leftOut = "";
    private long rows;
    private long first;
    private long last;
    private long failures;
    private long withoutKind;

    OnePass(
            Map<String, Policy> policies,
            By by,
            boolean guarded,
            Incidents incidents,
            long slowCall,
            @Nullable ProbeAnswers answers) {
        this.policies = policies;
        this.by = by;
        this.guarded = guarded;
        this.incidents = incidents;
        this.slowCall = slowCall;
        this.answers = answers;
        this.log = answers instanceof ProbeLog own ? own : null;
    }

    /** Reads to the end; {@link #runs} is empty afterwards if there was no call. */
    void read(CallFile calls, BadRows bad, @Nullable Progress progress) throws IOException, ReplayException {
        CallReader reader = calls.reader(by, new Names(), guarded);
        reorder = new Reorder(reader.disorder());
        try {
            while (reader.next()) {
                if ((++rows & ROWS_BETWEEN_LOOKS - 1) == 0 && progress != null) {
                    progress.rows(rows);
                }
                take(reader, bad);
            }
            for (Call call = reorder.drain(); call != null; call = reorder.drain()) {
                look(call, reader);
            }
            ahead.forEach(this::begin);
        } finally {
            if (progress != null) {
                progress.close();
            }
        }
        runs.forEach(PolicyRun::finish);
        leftOut = reader.leftOut();
    }

    List<PolicyRun> runs() {
        return runs;
    }

    long rows() {
        return rows;
    }

    /** When the first call began. */
    long first() {
        return first;
    }

    /** When the last call began. */
    long last() {
        return last;
    }

    String leftOut() {
        return leftOut;
    }

    /** How long good calls took, outside of incidents where they are known. */
    SlowRule slowRule() {
        return slowRule;
    }

    long failures() {
        return failures;
    }

    /** Failures without a kind in the log, or only with ERROR. */
    long withoutKind() {
        return withoutKind;
    }

    @Override
    public void close() {
        runs.forEach(PolicyRun::close);
    }

    private void take(CallReader reader, BadRows bad) {
        Call read = null;
        try {
            read = reader.call();
            if (read != null) {
                reorder.add(read);
            }
        } catch (BadRowException wrong) {
            bad.add(reader.line(), wrong);
            if (read != null) {
                reader.forget(read);
            }
        }
        for (Call call = reorder.poll(); call != null; call = reorder.poll()) {
            look(call, reader);
        }
    }

    /** A call's turn has come: it begins, or waits until what may answer for probes of its time has been read. */
    private void look(Call read, CallReader reader) {
        Call call = reader.settled(read);
        if (call == null) {
            return;
        }
        if (log == null) {
            begin(call);
            return;
        }
        log.add(call, by);
        ahead.add(call);
        while (ahead.element().time() < call.time() - ProbeLog.HORIZON) {
            begin(ahead.remove());
        }
    }

    private void begin(Call call) {
        if (runs.isEmpty()) {
            first = call.time();
            policies.forEach((name, policy) ->
                    runs.add(new PolicyRun(name, policy.circuits(by, first, incidents, answers), incidents, slowCall)));
        }
        last = call.time();
        if (!call.ok()) {
            failures++;
            withoutKind += call.kind() == FailureKind.ERROR ? 1 : 0;
        } else if (call.kind() == null && !incidents.cover(call.time())) {
            slowRule.add(call.duration());
        }
        for (PolicyRun run : runs) {
            run.begin(call);
        }
    }
}
