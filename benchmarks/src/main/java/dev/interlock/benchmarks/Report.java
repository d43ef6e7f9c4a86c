package dev.interlock.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures everything in one run and writes the page of ratios. {@code benchmarks/run} starts it.
 *
 * <p>The run goes over all benchmarks several times, each time with a fresh JVM a benchmark, so that what disturbs the
 * machine for a minute disturbs one round of several benchmarks and not all rounds of one.
 */
public final class Report {
    private static final int ROUNDS = 4;
    private static final String PAGE = "docs/benchmarks.md";

    /** A heap of fixed size whose pages are there from the start: the kernel's work to find them is not ours. */
    static final String[] JVM = {"-Xms1g", "-Xmx1g", "-Xmn640m", "-XX:+AlwaysPreTouch"};

    private Report() {}

    /**
     * Measures, prints and writes.
     *
     * @param arguments {@code --quick} for a look of a few minutes that writes no page
     * @throws IOException if a file cannot be written
     * @throws RunnerException if a benchmark fails
     */
    public static void main(String[] arguments) throws IOException, RunnerException {
        Footprint.prepare();
        boolean quick = Flags.of(arguments, 0, "--quick").has("--quick");
        Path folder = Path.of(System.getProperty("benchmarks.folder", "benchmarks/target"));
        Measurements measurements = new Measurements();
        long start = System.nanoTime();
        for (int round = 1; round <= (quick ? 1 : ROUNDS); round++) {
            System.out.println("Round " + round + " of " + (quick ? 1 : ROUNDS) + "; details in " + folder + "/jmh-"
                    + round + ".log");
            for (RunResult result : new Runner(options(folder, round, quick)).run()) {
                measurements.add(result);
            }
        }
        long minutes = (System.nanoTime() - start + 30_000_000_000L) / 60_000_000_000L;
        String page = Page.of(measurements, minutes);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.println(page);
        if (quick) {
            out.println("This was a quick look: " + PAGE + " stays as it is.");
        } else {
            Files.writeString(Path.of(PAGE), page);
            out.println("Written to " + PAGE);
        }
    }

    private static Options options(Path folder, int round, boolean quick) {
        return new OptionsBuilder()
                .include("dev\\.interlock\\.benchmarks\\.")
                .exclude("AdapterBenchmark") // AdaptersReport
                .forks(1)
                .warmupIterations(quick ? 3 : 4)
                .warmupTime(TimeValue.milliseconds(200))
                .measurementIterations(quick ? 3 : 4)
                .measurementTime(TimeValue.milliseconds(quick ? 150 : 200))
                .jvmArgsPrepend(JVM)
                .addProfiler(GCProfiler.class)
                .addProfiler(CpuTimeProfiler.class)
                .verbosity(VerboseMode.NORMAL)
                .output(folder.resolve("jmh-" + round + ".log").toString())
                .resultFormat(ResultFormatType.JSON)
                .result(folder.resolve("jmh-" + round + ".json").toString())
                .build();
    }
}
