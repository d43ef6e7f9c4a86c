package dev.interlock.replay;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Recorded calls through real circuits on a virtual clock: what would each policy have refused?
 *
 * <p>Not for use by several threads. What is not said stays off.
 */
public final class Replay {
    private final Map<String, Policy> policies;
    private final By by;
    private boolean guarded;
    private boolean slow;
    private boolean progress;
    private boolean probesFromLog;
    private @Nullable ProbeAnswers answers;
    private @Nullable String incidents;

    /**
     * A replay to be run once.
     *
     * @param policies name to policy, in the order of the report; none stands for those of the house
     * @param by whose circuits the calls ask
     */
    public Replay(Map<String, Policy> policies, By by) {
        this.policies = new LinkedHashMap<>(policies.isEmpty() ? Policies.usual() : policies);
        this.by = by;
    }

    /**
     * Takes the log entries that guards wrote instead of the others.
     *
     * @param taken whether it does
     * @return this
     */
    public Replay guarded(boolean taken) {
        guarded = taken;
        return this;
    }

    /**
     * Reports figures inside and outside of incidents.
     *
     * @param file CSV with the columns {@code start} and {@code end}; null for none
     * @return this
     */
    public Replay incidents(@Nullable String file) {
        incidents = file;
        return this;
    }

    /**
     * Reads the file a second time and reports what a rule for slow calls would have done, from the 90th percentile of
     * the good calls on.
     *
     * @param wanted whether it does
     * @return this
     */
    public Replay slowRule(boolean wanted) {
        slow = wanted;
        return this;
    }

    /**
     * Lets policies with a probe make theirs, answered by the recorded calls: the nearest one of the circuit, or where
     * calls are rarely one drawn from the nearest eight within ten minutes. The log must be one that nobody guarded.
     *
     * @param wanted whether it does; without, nothing is probed
     * @return this
     */
    public Replay probesFromLog(boolean wanted) {
        probesFromLog = wanted;
        return this;
    }

    /**
     * Lets policies with a probe make theirs, answered by something else than the log.
     *
     * @param known what answers
     * @return this
     */
    public Replay probes(ProbeAnswers known) {
        answers = known;
        return this;
    }

    /**
     * Shows on the error stream how far it is.
     *
     * @param shown whether it does
     * @return this
     */
    public Replay progress(boolean shown) {
        progress = shown;
        return this;
    }

    /**
     * Runs the replay and writes its report.
     *
     * @param file the calls, or {@code -} for standard input
     * @param json whether the report is for programs
     * @param circuits whether it reports each circuit as well
     * @param standardInput what {@code -} stands for
     * @param out where the report goes
     * @param err where bad rows, warnings and progress go
     * @return false if there was no good row
     * @throws ReplayException if a file cannot be read
     */
    public boolean run(
            String file, boolean json, boolean circuits, InputStream standardInput, PrintWriter out, PrintWriter err)
            throws ReplayException {
        Incidents known = incidents == null ? Incidents.NONE : Incidents.read(incidents);
        if (slow && file.equals(CallFile.STANDARD_INPUT)) {
            throw new ReplayException("FILE = '-': must be a file where --slow is given, since it is read twice");
        }
        OnePass pass = new OnePass(policies, by, guarded, known, Long.MAX_VALUE, answers());
        try (CallFile calls = CallFile.open(file, standardInput)) {
            BadRows bad = new BadRows(calls.name());
            pass.read(calls, bad, bar(calls, err));
            boolean isDone = !pass.runs().isEmpty();
            complain(pass, bad, isDone, err);
            if (!isDone) {
                err.println(calls.name() + ": has no call to replay: must have at least one good row");
                return false;
            }
            Report report = Report.of(by, pass, known, slow ? withSlowRule(file, pass, known, err) : List.of());
            if (json) {
                JsonReport.write(report, circuits, out);
                out.println();
            } else {
                TextReport.write(report, calls.name(), circuits, out);
            }
            out.flush();
            return true;
        } catch (InvalidPathException noPath) {
            throw new ReplayException("file = " + Quoted.of(file) + ": must be the path of a file, or -");
        } catch (IOException broken) {
            throw new ReplayException(file + ": cannot be read beyond row " + pass.rows() + " (" + broken.getMessage()
                    + "): must be a whole file, plain or gzip");
        } finally {
            pass.close();
        }
    }

    /** Our policies and the same with the rule, one after the other. */
    private List<Report.OfSlowRule> withSlowRule(String file, OnePass once, Incidents known, PrintWriter err)
            throws IOException, ReplayException {
        Duration limit = Duration.ofMillis(Math.max(1, once.slowRule().p90Millis()));
        Map<String, Policy> both = new LinkedHashMap<>();
        policies.forEach((name, policy) -> {
            Policy slower = policy.withSlowRule(limit);
            if (slower != null) {
                both.put(name, policy);
                both.put(name + Report.OfSlowRule.SUFFIX, slower);
            }
        });
        try (OnePass twice = new OnePass(both, by, guarded, known, limit.toNanos(), answers());
                CallFile again = CallFile.open(file, InputStream.nullInputStream())) {
            twice.read(again, new BadRows(again.name()), bar(again, err));
            return twice.runs().stream().map(Report.OfSlowRule::of).toList();
        }
    }

    private @Nullable ProbeAnswers answers() {
        return probesFromLog ? new ProbeLog() : answers;
    }

    private @Nullable Progress bar(CallFile calls, PrintWriter err) {
        return progress ? new Progress(err, calls.size(), calls::position, System::nanoTime) : null;
    }

    private void complain(OnePass pass, BadRows bad, boolean isDone, PrintWriter err) {
        bad.describe().forEach(err::println);
        if (bad.count() > 0) {
            err.println(bad.count() + " of " + pass.rows() + (pass.rows() == 1 ? " row" : " rows")
                    + (bad.count() == 1 ? " was" : " were") + " bad" + (isDone ? " and left out" : ""));
        }
        if (answers() == null) {
            policies.forEach((name, policy) -> {
                if (policy.isProbed()) {
                    err.println(
                            "warning: " + name + " has a probe, and a replay makes no requests: nothing is probed. Give"
                                    + " --probes log to have recorded calls answer");
                }
            });
        }
        if (by == By.BOTH && 2 * pass.withoutKind() > pass.failures()) {
            err.println("warning: " + pass.withoutKind() + " of " + pass.failures()
                    + " failures have no kind, or ERROR: with --by both they count in the agent's circuit alone, and no"
                    + " target's circuit protects the others. Log kinds such as TIMEOUT, or take --by target");
        }
    }
}
