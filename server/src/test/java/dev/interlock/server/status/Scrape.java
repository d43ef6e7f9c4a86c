package dev.interlock.server.status;

import dev.interlock.server.RunningServer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code /metrics} of a server says, as Prometheus would read it. */
final class Scrape {
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

    /** One line. */
    record Sample(String name, Map<String, String> labels, double value) {}

    /** Names of families, and their types. */
    final Map<String, String> types = new TreeMap<>();

    final List<Sample> samples = new ArrayList<>();

    private Scrape() {}

    static Scrape of(RunningServer server, String caller) {
        Scrape scrape = new Scrape();
        String body = server.get("/metrics", caller).body();
        for (String line : body.split("\n")) {
            if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ");
                scrape.types.put(words[2], words[3]);
            } else if (!line.startsWith("#")) {
                Matcher sample = SAMPLE.matcher(line);
                if (!sample.matches()) {
                    throw new AssertionError("Not in the text format of Prometheus: " + line);
                }
                scrape.samples.add(
                        new Sample(sample.group(1), labels(sample.group(2)), Double.parseDouble(sample.group(3))));
            }
        }
        return scrape;
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        Matcher label = LABEL.matcher(text == null ? "" : text);
        while (label.find()) {
            labels.put(label.group(1), label.group(2));
        }
        return labels;
    }

    /** The labels of a family's samples, but for those that its type brings. */
    Set<String> labelsOf(String family) {
        Set<String> labels = new TreeSet<>();
        for (Sample each : samples) {
            if (each.name().equals(family)
                    || each.name().equals(family + "_count")
                    || each.name().equals(family + "_bucket")) {
                labels.addAll(each.labels().keySet());
            }
        }
        labels.remove("le");
        return labels;
    }

    /** The only sample with some labels, given as names and values in turn. */
    double value(String name, String... labels) {
        List<Sample> found = samples.stream()
                .filter(each -> each.name().equals(name))
                .filter(each -> {
                    for (int i = 0; i < labels.length; i += 2) {
                        if (!labels[i + 1].equals(each.labels().get(labels[i]))) {
                            return false;
                        }
                    }
                    return true;
                })
                .toList();
        if (found.size() != 1) {
            throw new AssertionError("Expected one " + name + " with " + List.of(labels) + ", but found " + found);
        }
        return found.get(0).value();
    }
}
