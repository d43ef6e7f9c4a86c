package dev.interlock.replay;

import dev.interlock.CircuitBreakerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Recorded calls through real circuits on a virtual clock: what would each policy have refused?
 *
 * <p>One pass over the file feeds all policies in lockstep, so that memory depends on circuits, on calls in flight and
 * on a minute's rows, never on the length of the file. Not for use by several threads.
 */
public final class Replay {
    private static final int ROWS_BETWEEN_LOOKS = 1 << 10;

    private final Map<String, CircuitBreakerConfig> policies;
    private final By by;
    private final boolean guarded;
    private final boolean progress;

    private final List<PolicyRun> runs = new ArrayList<>();
    private final Reorder reorder = new Reorder();
    private long rows;
    private long first;
    private long last;

    /**
     * A replay to be run once.
     *
     * @param policies name to settings, in the order of the report; none stands for those of the house
     * @param by whose circuits the calls ask
     * @param guarded whether to take the log entries that guards wrote instead of the others
     * @param progress whether to show on the error stream how far it is
     */
    public Replay(Map<String, CircuitBreakerConfig> policies, By by, boolean guarded, boolean progress) {
        this.policies = new LinkedHashMap<>(policies.isEmpty() ? Policies.usual() : policies);
        this.by = by;
        this.guarded = guarded;
        this.progress = progress;
    }

    /**
     * Runs the replay and writes its report.
     *
     * @param file the calls, or {@code -} for standard input
     * @param json whether the report is for programs
     * @param circuits whether it reports each circuit as well
     * @param standardInput what {@code -} stands for
     * @param out where the report goes
     * @param err where bad rows and progress go
     * @return false if there was no good row
     * @throws ReplayException if the file cannot be read
     */
    public boolean run(
            String file, boolean json, boolean circuits, InputStream standardInput, PrintWriter out, PrintWriter err)
            throws ReplayException {
        try (CallFile calls = CallFile.open(file, standardInput)) {
            BadRows bad = new BadRows(calls.name());
            Report report = read(calls, bad, err);
            bad.describe().forEach(err::println);
            if (bad.count() > 0) {
                err.println(bad.count() + " of " + rows + (rows == 1 ? " row" : " rows")
                        + (bad.count() == 1 ? " was" : " were") + " bad" + (report == null ? "" : " and left out"));
            }
            if (report == null) {
                err.println(calls.name() + ": has no call to replay: must have at least one good row");
            } else if (json) {
                JsonReport.write(report, circuits, out);
                out.println();
            } else {
                TextReport.write(report, calls.name(), circuits, out);
            }
            out.flush();
            return report != null;
        } catch (InvalidPathException noPath) {
            throw new ReplayException("file = " + Quoted.of(file) + ": must be the path of a file, or -");
        } catch (IOException broken) {
            throw new ReplayException(file + ": cannot be read beyond row " + rows + " (" + broken.getMessage()
                    + "): must be a whole file, plain or gzip");
        } finally {
            runs.forEach(PolicyRun::close);
        }
    }

    private @Nullable Report read(CallFile calls, BadRows bad, PrintWriter err) throws IOException, ReplayException {
        CallReader reader = calls.reader(by, new Names(), guarded);
        Progress bar = progress ? new Progress(err, calls.size(), calls::position, System::nanoTime) : null;
        try {
            while (reader.next()) {
                if ((++rows & ROWS_BETWEEN_LOOKS - 1) == 0 && bar != null) {
                    bar.rows(rows);
                }
                take(reader, bad);
            }
            for (Call call = reorder.drain(); call != null; call = reorder.drain()) {
                begin(call, reader);
            }
        } finally {
            if (bar != null) {
                bar.close();
            }
        }
        runs.forEach(PolicyRun::finish);
        return runs.isEmpty()
                ? null
                : new Report(
                        by,
                        first,
                        last,
                        reader.leftOut(),
                        runs.stream().map(Report::of).toList());
    }

    private void take(CallReader reader, BadRows bad) {
        try {
            Call read = reader.call();
            if (read != null) {
                reorder.add(read);
            }
        } catch (BadRowException wrong) {
            bad.add(reader.line(), wrong);
        }
        for (Call call = reorder.poll(); call != null; call = reorder.poll()) {
            begin(call, reader);
        }
    }

    private void begin(Call call, CallReader reader) {
        if (!reader.isNeeded(call)) {
            return;
        }
        if (runs.isEmpty()) {
            first = call.time();
            policies.forEach((name, config) -> runs.add(new PolicyRun(name, config, by, first)));
        }
        last = call.time();
        for (PolicyRun run : runs) {
            run.begin(call);
        }
    }
}
