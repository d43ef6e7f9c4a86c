package dev.interlock.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Measures what adapters add to a call of their framework, and writes the page. {@code benchmarks/adapters} starts it. */
public final class AdaptersReport {
    private static final int ROUNDS = 3;
    private static final String PAGE = "docs/adapters-cost.md";

    private AdaptersReport() {}

    /**
     * Measures, prints and writes.
     *
     * @param arguments {@code --quick} for a look that writes no page
     * @throws IOException if a file cannot be written
     * @throws RunnerException if a benchmark fails
     */
    public static void main(String[] arguments) throws IOException, RunnerException {
        boolean quick = Flags.of(arguments, 0, "--quick").has("--quick");
        Path folder = Path.of(System.getProperty("benchmarks.folder", "benchmarks/target"));
        Measurements measurements = new Measurements();
        for (int round = 1; round <= (quick ? 1 : ROUNDS); round++) {
            System.out.println("Round " + round + "; details in " + folder + "/adapters-" + round + ".log");
            for (RunResult result : new Runner(options(folder, round, quick)).run()) {
                measurements.add(result);
            }
        }
        String page = new AdaptersPage(measurements).text();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.println(page);
        if (!quick) {
            Files.writeString(Path.of(PAGE), page);
            out.println("Written to " + PAGE);
        }
    }

    private static Options options(Path folder, int round, boolean quick) {
        return new OptionsBuilder()
                .include("AdapterBenchmark")
                .forks(1)
                .shouldFailOnError(true)
                .warmupIterations(4)
                .warmupTime(TimeValue.milliseconds(quick ? 300 : 500))
                .measurementIterations(5)
                .measurementTime(TimeValue.milliseconds(quick ? 200 : 300))
                .jvmArgsPrepend(Report.JVM)
                .addProfiler(GCProfiler.class)
                .addProfiler(CpuTimeProfiler.class)
                .output(folder.resolve("adapters-" + round + ".log").toString())
                .build();
    }
}
