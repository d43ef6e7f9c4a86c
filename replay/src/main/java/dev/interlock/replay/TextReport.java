package dev.interlock.replay;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report for people: a table of at most 100 columns with a row a policy, and one with a row a circuit if asked for. */
final class TextReport {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int LONGEST_POLICY = 13;
    private static final String NOTHING = "–";

    private TextReport() {}

    static void write(Report report, String file, boolean circuits, PrintWriter out) {
        title(report, file, out);
        out.println();
        Table table = new Table();
        table.names("policy").numbers("cir-", "cuits");
        common(table, true);
        for (Report.OfPolicy policy : report.policies()) {
            List<String> cells = new ArrayList<>();
            cells.add(cut(policy.name()));
            cells.add(count(policy.circuitCount()));
            cells.addAll(cells(policy.line()));
            cells.add(cells.size() - 4, count(policy.circuitsOpened()));
            table.row(cells);
        }
        table.print(out);
        for (Report.OfPolicy policy : report.policies()) {
            if (policy.probes() > 0) {
                out.println("probes of " + policy.name() + ": " + policy.probes());
            }
        }
        if (circuits) {
            report.policies().forEach(policy -> circuits(policy, out));
        }
        if (report.incidents() > 0) {
            TextParts.incidents(report, out);
        }
        if (!report.slowRules().isEmpty()) {
            TextParts.slowRules(report, out);
        }
        legend(out);
    }

    private static void title(Report report, String file, PrintWriter out) {
        Report.Line any = report.policies().get(0).line();
        out.println(file + " by " + report.by().name().toLowerCase(Locale.ROOT) + ": "
                + any.calls().calls()
                + (any.calls().calls() == 1 ? " call from " : " calls from ") + time(report.first()) + " to "
                + time(report.last()) + " UTC");
        if (report.p90Millis() > 0) {
            out.println("p90 of good calls" + (report.incidents() > 0 ? " outside of incidents: " : ": ")
                    + seconds(report.p90Millis() / 1e3) + " s");
        }
        if (!report.leftOut().isEmpty()) {
            out.println("left out: " + report.leftOut());
        }
    }

    private static void circuits(Report.OfPolicy policy, PrintWriter out) {
        out.println();
        out.println("circuits of policy " + policy.name());
        Table table = new Table();
        common(table, false);
        table.names("circuit");
        for (Report.OfCircuit circuit : policy.circuits()) {
            List<String> cells = cells(circuit.line());
            cells.add(circuit.name());
            table.row(cells);
        }
        table.print(out);
    }

    private static void legend(PrintWriter out) {
        out.println();
        out.println(
                "avoided: failed calls that a circuit refused, of all failed ones; blocked: good calls, of all good");
        out.println(
                "ones. openings: flaps, those from half-open, included. late: outcomes of calls that an earlier epoch");
        out.println("admitted. Medians: from the first failure that counted to the trip; from the trip to the close.");
    }

    private static void common(Table table, boolean ofPolicy) {
        table.numbers("", "calls")
                .numbers("fail-", "ures")
                .numbers("re-", "jected")
                .pair("avoided", "calls", "share")
                .pair("blocked", "calls", "share")
                .numbers("open-", "ings");
        if (ofPolicy) {
            table.numbers("ever", "opened");
        }
        table.numbers("", "late").numbers("", "flaps").pair("median s to", "open", "recover");
    }

    private static List<String> cells(Report.Line line) {
        Report.Shares calls = line.calls();
        List<String> cells = new ArrayList<>();
        cells.add(count(calls.calls()));
        cells.add(count(calls.failures()));
        cells.add(count(calls.rejected()));
        cells.add(count(calls.failedAvoided()));
        cells.add(share(calls.failedAvoidedShare()));
        cells.add(count(calls.goodBlocked()));
        cells.add(share(calls.goodBlockedShare()));
        cells.add(count(line.openings()));
        cells.add(count(line.late()));
        cells.add(count(line.flaps()));
        cells.add(seconds(line.medianSecondsToOpen()));
        cells.add(seconds(line.medianSecondsToRecover()));
        return cells;
    }

    static String cut(String name) {
        return name.length() <= LONGEST_POLICY ? name : "…" + name.substring(name.length() - LONGEST_POLICY + 1);
    }

    private static String time(long nanos) {
        return TIME.format(Instant.EPOCH.plusNanos(nanos));
    }

    /** At most five characters, so that a table of many rows is as wide as one of few. */
    static String count(long number) {
        if (number < 100_000) {
            return Long.toString(number);
        }
        return number < 999_500 ? decimal(number / 1e3, 0) + "k" : threeDigits(number / 1e6) + "M";
    }

    /** A percentage of three digits. */
    static String share(double fraction) {
        double percent = fraction * 100;
        return percent == 0
                ? "0%"
                : percent >= 99.95 ? (fraction == 1 ? "100%" : ">99.9%") : threeDigits(percent) + "%";
    }

    static String seconds(double seconds) {
        return Double.isNaN(seconds) ? NOTHING : seconds < 999.95 ? decimal(seconds, 1) : count(Math.round(seconds));
    }

    private static String threeDigits(double value) {
        return decimal(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
    }

    private static String decimal(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
