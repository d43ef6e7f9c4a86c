package dev.interlock.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a soak saw, as a page, and what it should not have seen. For one thread. */
final class SoakFindings {
    private static final int MOST_BROKEN = 50;

    private final long seed;
    private final Map<String, Long> counts = new TreeMap<>();
    private final List<String> broken = new ArrayList<>();
    private final List<Long> permits = new ArrayList<>();
    private final List<Long> starts = new ArrayList<>();
    private final List<Sample> samples = new ArrayList<>();
    private long looks;

    /** How the server was as a process, after its garbage had been collected, in MiB and threads. */
    record Sample(long second, double heap, long resident, long threads) {}

    SoakFindings(long seed) {
        this.seed = seed;
    }

    void count(String what) {
        counts.merge(what, 1L, Long::sum);
    }

    void add(String what, long more) {
        counts.merge(what, more, Long::sum);
    }

    /** Something is not as it was promised. */
    void broken(String what) {
        if (broken.size() < MOST_BROKEN) {
            broken.add(what);
        }
    }

    void expect(boolean kept, String what) {
        looks++;
        if (!kept) {
            broken(what);
        }
    }

    void permit(long micros) {
        permits.add(micros);
    }

    void started(long millis) {
        starts.add(millis);
    }

    void sample(Sample sample) {
        samples.add(sample);
    }

    List<String> broken() {
        return List.copyOf(broken);
    }

    int lives() {
        return starts.size() + 1;
    }

    long found() {
        return counts.getOrDefault(Soak.FOUND, 0L);
    }

    List<Sample> samples() {
        return List.copyOf(samples);
    }

    /** The page, as Markdown. */
    String page() {
        StringBuilder page = new StringBuilder("Seed " + seed + ".\n\n| | |\n|---|---|\n");
        counts.forEach((what, count) -> row(page, what, String.format(Locale.ROOT, "%,d", count)));
        row(page, "permits of the looker: p50, p95, p99", percentiles());
        row(
                page,
                "starts until the first answer: longest",
                starts.stream().mapToLong(i -> i).max().orElse(0) + " ms");
        row(page, "looks at what is promised", String.format(Locale.ROOT, "%,d", looks));
        row(page, "**broken promises**", "**" + broken.size() + "**");
        broken.forEach(each -> row(page, "broken", each));
        page.append(
                "\n| second of the last life | heap after collection, MiB | resident, MiB | threads |\n|---|---|---|---|\n");
        samples.forEach(each -> page.append(String.format(
                Locale.ROOT,
                "| %d | %.1f | %d | %d |%n",
                each.second(),
                each.heap(),
                each.resident(),
                each.threads())));
        return page.toString();
    }

    private String percentiles() {
        if (permits.isEmpty()) {
            return "none";
        }
        List<Long> sorted = permits.stream().sorted().toList();
        return millis(sorted, 50) + ", " + millis(sorted, 95) + ", " + millis(sorted, 99) + " ms";
    }

    private static String millis(List<Long> sorted, int percent) {
        return String.format(Locale.ROOT, "%.1f", sorted.get((sorted.size() - 1) * percent / 100) / 1_000.0);
    }

    private static void row(StringBuilder page, String what, String value) {
        page.append("| ").append(what).append(" | ").append(value).append(" |\n");
    }
}
