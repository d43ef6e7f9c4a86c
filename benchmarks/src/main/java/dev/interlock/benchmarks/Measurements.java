package dev.interlock.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** What all rounds measured, by benchmark. */
final class Measurements {
    /**
     * A figure with its error.
     *
     * @param median of all iterations of all rounds
     * @param error half of the distance between the quartiles
     */
    record Figure(double median, double error) {
        static Figure of(List<Double> values) {
            double[] sorted =
                    values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            return new Figure(at(sorted, 0.5), (at(sorted, 0.75) - at(sorted, 0.25)) / 2);
        }

        private static double at(double[] sorted, double share) {
            double place = share * (sorted.length - 1);
            int below = (int) place;
            int above = Math.min(below + 1, sorted.length - 1);
            return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
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
            for (IterationResult iteration : fork.getIterationResults()) {
                put(wall, key, iteration.getPrimaryResult());
                put(cpu, key, iteration.getSecondaryResults().get(CpuTimeProfiler.LABEL));
                iteration.getSecondaryResults().forEach((label, result) -> {
                    if (label.endsWith(ALLOCATED)) {
                        put(bytes, key, result);
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

    private static void put(Map<String, List<Double>> all, String key, Result<?> result) {
        all.computeIfAbsent(key, first -> new ArrayList<>()).add(result.getScore());
    }
}
