package dev.interlock.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * A distribution by its quantiles, straight lines between them: how long incidents of two model providers lasted, and how
 * far apart the calls of coding agents began and how long they took. The table holds nothing but these figures.
 */
final class Quantiles {
    private static final String TABLE = "quantiles.csv";

    private final double[] fractions;
    private final double[] values;

    private Quantiles(double[] fractions, double[] values) {
        this.fractions = fractions;
        this.values = values;
    }

    /** Seconds that an incident lasted. */
    static Quantiles incidents() {
        return column(1);
    }

    /** Seconds from the beginning of an agent's call to that of its next one. */
    static Quantiles gaps() {
        return column(2);
    }

    /** Seconds that a call took. */
    static Quantiles durations() {
        return column(3);
    }

    /** The value that so large a fraction does not exceed. */
    double at(double fraction) {
        int high = 1;
        while (high < fractions.length - 1 && fractions[high] < fraction) {
            high++;
        }
        double share = (fraction - fractions[high - 1]) / (fractions[high] - fractions[high - 1]);
        return values[high - 1] + share * (values[high] - values[high - 1]);
    }

    private static Quantiles column(int column) {
        try (BufferedReader table = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Quantiles.class.getResourceAsStream(TABLE), TABLE), StandardCharsets.UTF_8))) {
            List<String[]> rows =
                    table.lines().skip(1).map(line -> line.split(",")).toList();
            return new Quantiles(
                    rows.stream().mapToDouble(row -> Double.parseDouble(row[0])).toArray(),
                    rows.stream()
                            .mapToDouble(row -> Double.parseDouble(row[column]))
                            .toArray());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
