package dev.interlock.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** What all rounds measured, by benchmark. */
final class Measurements {
    /**
     * A figure with its error.
     *
     * @param median of the rounds
     * @param error half of the distance between the least and the greatest round
     */
    record Figure(double median, double error) {
        static Figure of(List<Double> rounds) {
            double[] sorted =
                    rounds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            int middle = sorted.length / 2;
            double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
            return new Figure(median, (sorted[sorted.length - 1] - sorted[0]) / 2);
        }
    }

    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private final Map<String, List<Double>> wall = new HashMap<>();
    private final Map<String, List<Double>> cpu = new HashMap<>();
    private final Map<String, List<Double>> bytes = new HashMap<>();

    void add(RunResult run) {
        String name = run.getParams().getBenchmark();
        String key = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1)
                + run.getParams().getParamsKeys().stream()
                        .map(param -> ":" + run.getParams().getParam(param))
                        .reduce("", String::concat);
        for (BenchmarkResult fork : run.getBenchmarkResults()) {
            put(wall, key, best(fork, IterationResult::getPrimaryResult));
            put(
                    cpu,
                    key,
                    best(
                            fork,
                            iteration -> Objects.requireNonNull(
                                    iteration.getSecondaryResults().get(CpuTimeProfiler.LABEL),
                                    CpuTimeProfiler.LABEL)));
            for (IterationResult iteration : fork.getIterationResults()) {
                iteration.getSecondaryResults().forEach((label, result) -> {
                    if (label.endsWith(ALLOCATED)) {
                        put(bytes, key, result.getScore());
                    }
                });
            }
        }
    }

    boolean has(String key) {
        return cpu.containsKey(key);
    }

    /** Nanoseconds on the clock, each thread's own. */
    Figure wall(String key) {
        return figure(wall, key);
    }

    /** Nanoseconds of the processors, all threads' together. */
    Figure cpu(String key) {
        return figure(cpu, key);
    }

    /** Bytes allocated a call. */
    Figure bytes(String key) {
        return figure(bytes, key);
    }

    /** How many times less processor time one takes than the other. */
    double ratio(String peer, String ours) {
        return cpu(peer).median() / cpu(ours).median();
    }

    private static Figure figure(Map<String, List<Double>> all, String key) {
        List<Double> values = all.get(key);
        if (values == null) {
            throw new IllegalArgumentException("Nobody measured " + key + ", only "
                    + Arrays.toString(all.keySet().stream().sorted().toArray()));
        }
        return Figure.of(values);
    }

    /** A round's figure is that of its best iteration: what disturbs can only add. */
    private static double best(BenchmarkResult fork, Function<IterationResult, Result<?>> figure) {
        return fork.getIterationResults().stream()
                .mapToDouble(iteration -> figure.apply(iteration).getScore())
                .min()
                .orElseThrow();
    }

    private static void put(Map<String, List<Double>> all, String key, double value) {
        all.computeIfAbsent(key, first -> new ArrayList<>()).add(value);
    }
}
