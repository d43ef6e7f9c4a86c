package dev.interlock.replay;

import java.io.PrintWriter;
import java.util.List;

/** The tables of a report that are there only if asked for: inside and outside of incidents, and rules for slow calls. */
final class TextParts {
    private static final String RULE = "  + slow rule";

    private TextParts() {}

    static void incidents(Report report, PrintWriter out) {
        out.println();
        out.println("inside and outside of " + report.incidents()
                + (report.incidents() == 1 ? " incident" : " incidents") + ", by when a call began");
        Table table = new Table()
                .names("policy")
                .pair("avoided inside", "calls", "share")
                .pair("blocked inside", "calls", "share")
                .pair("avoided outside", "calls", "share")
                .pair("blocked outside", "calls", "share")
                .pair("openings", "inside", "outside");
        for (Report.OfPolicy policy : report.policies()) {
            Report.Parts parts = policy.parts();
            if (parts != null) {
                Report.Shares inside = parts.inside().calls();
                Report.Shares outside = parts.outside().calls();
                table.row(List.of(
                        TextReport.cut(policy.name()),
                        TextReport.count(inside.failedAvoided()),
                        TextReport.share(inside.failedAvoidedShare()),
                        TextReport.count(inside.goodBlocked()),
                        TextReport.share(inside.goodBlockedShare()),
                        TextReport.count(outside.failedAvoided()),
                        TextReport.share(outside.failedAvoidedShare()),
                        TextReport.count(outside.goodBlocked()),
                        TextReport.share(outside.goodBlockedShare()),
                        TextReport.count(parts.inside().openings()),
                        TextReport.count(parts.outside().openings())));
            }
        }
        table.print(out);
    }

    static void slowRules(Report report, PrintWriter out) {
        out.println();
        out.println("slow rule: slow_call_duration " + TextReport.seconds(report.p90Millis() / 1e3)
                + " s, slow_call_rate_threshold " + SlowRule.RATE);
        Table table = new Table()
                .names("policy")
                .numbers("slow", "calls")
                .pair("slow avoided", "calls", "share")
                .pair("quick blocked", "calls", "share")
                .pair("failed avoided", "calls", "share")
                .numbers("open-", "ings");
        for (Report.OfSlowRule rule : report.slowRules()) {
            table.row(List.of(
                    rule.hasRule() ? RULE : TextReport.cut(rule.name()),
                    TextReport.count(rule.slow()),
                    TextReport.count(rule.slowAvoided()),
                    TextReport.share(rule.slowAvoidedShare()),
                    TextReport.count(rule.quickBlocked()),
                    TextReport.share(rule.quickBlockedShare()),
                    TextReport.count(rule.calls().failedAvoided()),
                    TextReport.share(rule.calls().failedAvoidedShare()),
                    TextReport.count(rule.openings())));
        }
        table.print(out);
    }
}
