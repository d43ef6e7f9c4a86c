package dev.interlock.cli.demo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Who works in the fleet, and with what. The names of models are invented, like all else. Immutable. */
final class Cast {
    /** The key with which every team may ask while its own is not available. */
    static final String RESERVE_KEY = "key:reserve";

    private static final String LARGE = "model:atlas-large";
    private static final String MINI = "model:atlas-mini";
    private static final String ORION = "model:orion-2";

    /** Behind the name of an agent that only logs. */
    private static final String WATCHED = "*";

    /** Behind the name of an agent that has no guard and no log of ours, and is seen by its traces. */
    private static final String TRACED = "~";

    private final List<String> traced = new ArrayList<>();

    private final List<Member> members = new ArrayList<>();

    Cast() {
        team(
                "product",
                LARGE,
                ORION,
                "tool:git tool:code-runner tool:tickets tool:vector-store",
                "planner architect coder code-reviewer test-writer debugger release-notes* incident-responder"
                        + " deploy-guard");
        team(
                "research",
                ORION,
                LARGE,
                "tool:web-search tool:browser tool:vector-store tool:pdf-reader",
                "researcher web-researcher fact-checker citation-finder news-digest* competitor-watch summarizer"
                        + " report-writer*");
        team(
                "support",
                MINI,
                ORION,
                "tool:tickets tool:mail tool:crm tool:vector-store",
                "support-triage support-reply refund-desk order-tracker sentiment onboarding-guide translator~"
                        + " escalation-router knowledge-base");
        team(
                "finance",
                LARGE,
                MINI,
                "tool:sql tool:pdf-reader tool:payments tool:mail",
                "invoice-reader* expense-auditor fraud-screener forecaster contract-reviewer compliance-checker"
                        + " data-analyst sql-writer");
        team(
                "marketing",
                MINI,
                LARGE,
                "tool:web-search tool:crm tool:mail tool:calendar",
                "lead-qualifier ad-copywriter seo-editor mail-drafter meeting-notes calendar-assistant"
                        + " social-scheduler");
    }

    /** Others than those of the demo. */
    Cast(List<Member> others) {
        members.addAll(others);
    }

    private void team(String team, String model, String spareModel, String tools, String names) {
        for (String name : names.split(" ", -1)) {
            String plain = name.replace(WATCHED, "").replace(TRACED, "");
            if (name.endsWith(TRACED)) {
                traced.add(plain);
            }
            members.add(new Member(
                    plain, model, spareModel, "key:" + team, List.of(tools.split(" ")), !plain.equals(name)));
        }
    }

    List<Member> members() {
        return List.copyOf(members);
    }

    /** Whether an agent is seen by its traces alone. */
    boolean isTraced(String agent) {
        return traced.contains(agent);
    }

    /** The agents that have a guard around their calls, or those that have none. */
    List<String> agents(boolean watched) {
        return members.stream()
                .filter(member -> member.watched() == watched)
                .map(Member::name)
                .toList();
    }

    List<String> models() {
        return names(members.stream().map(Member::model));
    }

    /** The keys of the teams, without the reserve. */
    List<String> teamKeys() {
        return names(members.stream().map(Member::key));
    }

    List<String> tools() {
        return names(members.stream().flatMap(member -> member.tools().stream()));
    }

    /** The tools that enough agents use to notice within seconds that one has become slow. */
    List<String> busyTools() {
        Map<String, Long> users = members.stream()
                .filter(member -> !member.watched())
                .flatMap(member -> member.tools().stream())
                .collect(Collectors.groupingBy(tool -> tool, Collectors.counting()));
        return names(users.keySet().stream().filter(tool -> users.getOrDefault(tool, 0L) >= 12));
    }

    private static List<String> names(Stream<String> names) {
        return names.distinct().sorted(Comparator.naturalOrder()).toList();
    }
}
