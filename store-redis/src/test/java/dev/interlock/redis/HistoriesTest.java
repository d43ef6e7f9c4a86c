package dev.interlock.redis;

import static dev.interlock.redis.ToldHistory.epoch;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The check of histories against the model: takes what the protocol does, refuses what it does not do, and refuses what it
 * does where the model lacks the fix that makes it do so.
 */
class HistoriesTest {
    private static final ModelOfHistories MODEL = new ModelOfHistories();

    /** A trips, B adopts it, tries and closes, A adopts that; then somebody holds the other circuit. */
    private static List<String> aTripAndARecovery() {
        String opened = epoch(1, 1) + " open free - 1 1009000";
        String tried = epoch(2, 2) + " half_open free - 2 2014000";
        String closed = epoch(2, 3) + " closed free - 2 3019000";
        String held = epoch(1, 1) + " open held order-0 1 4026000";
        return new ToldHistory()
                .begins("a", 1)
                .begins("b", 2)
                .line("a", "moved planner CLOSED OPEN FAILURE_STREAK " + epoch(1, 1) + " now free -")
                .writes("a", "-1 " + opened, "ok")
                .line("b", "hears planner " + opened)
                .line("b", "moved planner CLOSED OPEN ADOPTED " + epoch(2, 1) + " 1009000 free -")
                .pause(1_000)
                .line("b", "admits planner 2013000000 true")
                .line("b", "moved planner OPEN HALF_OPEN COOLDOWN_OVER " + epoch(2, 2) + " 2014000 free -")
                .writes("b", epoch(1, 1) + " " + tried, "ok")
                .line("a", "hears planner " + tried)
                .pause(1_000)
                .line("b", "moved planner HALF_OPEN CLOSED TRIALS_SUCCEEDED " + epoch(2, 3) + " 3019000 free -")
                .line("a", "moved planner OPEN HALF_OPEN ADOPTED " + epoch(2, 2) + " 2014000 free -")
                .writes("b", epoch(2, 2) + " " + closed, "ok")
                .line("a", "hears planner " + closed)
                .line("a", "moved planner HALF_OPEN CLOSED ADOPTED " + epoch(2, 3) + " 3019000 free -")
                .pause(1_000)
                .line("a", "admits planner 4024500000 false")
                .line("a", "moved held CLOSED OPEN OVERRIDE " + epoch(1, 1) + " 4026000 held order-0")
                .line("a", "writes held -1 " + held)
                .line("a", "wrote held ok")
                .line("a", "acknowledged held order-0")
                .line("b", "finds held")
                .line("b", "found held " + held)
                .line("b", "moved held CLOSED OPEN ADOPTED " + epoch(2, 1) + " 4026000 held order-0")
                .lines();
    }

    @Test
    void what_the_protocol_does_is_taken() {
        assertThat(MODEL.violations(aTripAndARecovery())).isEmpty();
    }

    /** What is written is read first and said afterwards, and in between the circuit moved on. */
    @Test
    void a_write_may_be_said_after_the_move_that_followed_what_is_written() {
        String opened = epoch(1, 1) + " open free - 1 1005000";
        ToldHistory base = new ToldHistory()
                .begins("a", 1)
                .line("a", "moved planner CLOSED OPEN FAILURE_STREAK " + epoch(1, 1) + " 1005000 free -")
                .writes("a", "-1 " + opened, "ok")
                .line("a", "moved planner OPEN HALF_OPEN COOLDOWN_OVER " + epoch(1, 2) + " 1008000 free -")
                .line("a", "moved planner HALF_OPEN OPEN TRIAL_FAILED " + epoch(1, 3) + " 1009000 free -");

        String tried = epoch(1, 2) + " half_open free - 1 1008000";
        String never = epoch(1, 2) + " closed free - 1 1008000";
        assertThat(MODEL.violations(new ToldHistory(base)
                        .writes("a", epoch(1, 1) + " " + tried, "ok")
                        .lines()))
                .isEmpty();
        assertThat(MODEL.violations(new ToldHistory(base)
                        .writes("a", epoch(1, 1) + " " + never, "ok")
                        .lines()))
                .as("what the circuit never was")
                .isNotEmpty();
        assertThat(MODEL.violations(new ToldHistory(base)
                        .pause(2_000)
                        .writes("a", epoch(1, 1) + " " + tried, "ok")
                        .lines()))
                .as("two seconds later")
                .isNotEmpty();
    }

    /** Between reading and saying, another thread may have heard what somebody else wrote; it waits for the end of the write. */
    @Test
    void a_message_may_come_between_what_is_read_and_the_write_of_it() {
        String opened = epoch(1, 1) + " open free - 1 1009000";
        String again = epoch(1, 3) + " open free - 1 2016000";
        ToldHistory base = new ToldHistory()
                .begins("a", 1)
                .begins("b", 2)
                .line("a", "moved planner CLOSED OPEN FAILURE_STREAK " + epoch(1, 1) + " 1009000 free -")
                .writes("a", "-1 " + opened, "ok")
                .line("b", "hears planner " + opened)
                .line("b", "moved planner CLOSED OPEN ADOPTED " + epoch(2, 1) + " 1009000 free -")
                .pause(1_000)
                .line("a", "moved planner OPEN HALF_OPEN COOLDOWN_OVER " + epoch(1, 2) + " 2014000 free -")
                .line("b", "moved planner OPEN HALF_OPEN COOLDOWN_OVER " + epoch(2, 2) + " 2015000 free -")
                .line("a", "moved planner HALF_OPEN OPEN TRIAL_FAILED " + epoch(1, 3) + " 2016000 free -")
                .writes("a", epoch(1, 1) + " " + again, "ok")
                .line("b", "moved planner HALF_OPEN OPEN TRIAL_FAILED " + epoch(2, 3) + " 2019000 free -")
                .line("b", "hears planner " + again);
        String tried = epoch(1, 1) + " " + epoch(2, 2) + " half_open free - 2 2015000";
        String failed = epoch(1, 1) + " " + epoch(2, 3) + " open free - 2 2019000";

        ToldHistory adopted = new ToldHistory(base)
                .writes("b", tried, "stands " + again)
                .writes("b", failed, "stands " + again)
                .line("b", "moved planner OPEN OPEN ADOPTED " + epoch(2, 4) + " 2016000 free -");
        assertThat(MODEL.violations(adopted.lines())).isEmpty();
        assertThat(MODEL.violations(new ToldHistory(base)
                        .line("b", "moved planner OPEN OPEN ADOPTED " + epoch(2, 4) + " 2016000 free -")
                        .writes("b", tried, "stands " + again)
                        .lines()))
                .as("heard in the middle of a write")
                .isNotEmpty();
    }

    /** What is done to a history, so that it is none of the protocol any more. */
    private static Map<String, UnaryOperator<List<String>>> breakages() {
        return Map.ofEntries(
                Map.entry("a move is missing", without("moved planner OPEN HALF_OPEN COOLDOWN_OVER")),
                Map.entry("an adoption is missing", without("moved held CLOSED OPEN ADOPTED")),
                Map.entry("an epoch is left out", with(epoch(2, 2) + " 2014000", epoch(2, 4) + " 2014000")),
                Map.entry("an epoch comes twice", with("COOLDOWN_OVER " + epoch(2, 2), "COOLDOWN_OVER " + epoch(2, 1))),
                Map.entry(
                        "a half-open circuit trips", with("HALF_OPEN CLOSED TRIALS", "HALF_OPEN OPEN FAILURE_STREAK")),
                Map.entry(
                        "a closed circuit is tried",
                        with("CLOSED OPEN FAILURE_STREAK", "CLOSED HALF_OPEN COOLDOWN_OVER")),
                Map.entry("another state is written", with("open free - 1", "closed free - 1")),
                Map.entry("the basis is another", with("writes planner " + epoch(1, 1), "writes planner -1")),
                Map.entry(
                        "a write is refused by one that was not in the way",
                        with("wrote held ok", "wrote held stands " + epoch(2, 9) + " open held order-0 2 1000000")),
                Map.entry("acknowledged before it is written", before("acknowledged held", "writes held")),
                Map.entry(
                        "heard, though nobody wrote it",
                        with("hears planner " + epoch(2, 3), "hears planner " + epoch(2, 7))),
                Map.entry("adopted without news", without("hears planner " + epoch(1, 1))),
                Map.entry("found before it was written", before("b finds held", "writes held", "b found held")),
                Map.entry(
                        "another hold is adopted",
                        with(
                                "moved held CLOSED OPEN ADOPTED " + epoch(2, 1) + " 4026000 held order-0",
                                "moved held CLOSED OPEN ADOPTED " + epoch(2, 1) + " 4026000 held order-1")),
                Map.entry(
                        "a held circuit moves",
                        after(
                                "moved held CLOSED OPEN ADOPTED",
                                "b 4040000000 moved held OPEN HALF_OPEN COOLDOWN_OVER " + epoch(2, 2)
                                        + " 4040000 free -")),
                Map.entry("a trial is let in while closed", with("4024500000 false", "4024500000 true")),
                Map.entry("a call is no trial while half-open", with("2013000000 true", "2013000000 false")));
    }

    @TestFactory
    Stream<DynamicTest> a_broken_history_is_refused() {
        return breakages().entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
                    List<String> broken = each.getValue().apply(aTripAndARecovery());
                    assertThat(broken).isNotEqualTo(aTripAndARecovery());
                    assertThat(MODEL.violations(broken))
                            .as(String.join("\n", broken))
                            .isNotEmpty();
                }));
    }

    /** By fix: what a process or Redis does because of it, and would not do without. */
    private static Map<String, List<String>> fixes() {
        String opened = epoch(1, 1) + " open free - 1 1009000";
        return Map.of(
                "compare",
                new ToldHistory()
                        .begins("a", 1)
                        .begins("b", 2)
                        .line("a", "moved planner CLOSED OPEN FAILURE_STREAK " + epoch(1, 1) + " 1009000 free -")
                        .writes("a", "-1 " + opened, "ok")
                        .line("b", "moved planner CLOSED OPEN FAILURE_STREAK " + epoch(2, 1) + " 1012000 free -")
                        .writes("b", "-1 " + epoch(2, 1) + " open free - 2 1012000", "stands " + opened)
                        .line("b", "moved planner OPEN OPEN ADOPTED " + epoch(2, 2) + " 1009000 free -")
                        .lines(),
                "above",
                aTripAndARecovery(),
                "return",
                new ToldHistory()
                        .begins("a", 1)
                        .line("a", "moved planner CLOSED OPEN FAILURE_STREAK " + epoch(1, 1) + " 1005000 free -")
                        .line("a", "finds planner")
                        .line("a", "found planner nothing")
                        .line("a", "moved planner OPEN CLOSED ADOPTED " + epoch(1, 2) + " 1008000 free -")
                        .line("a", "reads")
                        .line("a", "all-read ok")
                        .lines(),
                "unanswered",
                new ToldHistory()
                        .begins("a", 1)
                        .line("a", "moved planner CLOSED OPEN FAILURE_STREAK " + epoch(1, 1) + " 1005000 free -")
                        .writes("a", "-1 " + epoch(1, 1) + " open free - 1 1005000", "unknown")
                        .redis("forgets")
                        .redis("forgets")
                        .line("a", "finds planner")
                        .line("a", "found planner nothing")
                        .line("a", "moved planner OPEN OPEN ADOPTED " + epoch(1, 2) + " 1005000 free -")
                        .writes("a", "-1 " + epoch(1, 2) + " open free - 1 1005000", "ok")
                        .lines(),
                "settled",
                new ToldHistory()
                        .begins("a", 1)
                        .begins("b", 2)
                        .line("a", "moved planner CLOSED OPEN FAILURE_STREAK " + epoch(1, 1) + " 1009000 free -")
                        .writes("a", "-1 " + opened, "ok")
                        .line("b", "moved planner CLOSED OPEN OVERRIDE " + epoch(2, 1) + " 1012000 held order-0")
                        .writes("b", "-1 " + epoch(2, 1) + " open held order-0 2 1012000", "stands " + opened)
                        .writes("b", epoch(1, 1) + " " + epoch(2, 1) + " open held order-0 2 1012000", "unknown")
                        .line("b", "reads")
                        .line("b", "read planner " + opened)
                        .line("b", "all-read ok")
                        .writes("b", epoch(1, 1) + " " + epoch(2, 1) + " open held order-0 2 1012000", "ok")
                        .lines(),
                "refill",
                forgotten(),
                "keep",
                forgotten(),
                "next-epoch",
                forgotten(),
                "same",
                new ToldHistory()
                        .begins("a", 1)
                        .begins("other", 2)
                        .line("a", "moved planner CLOSED OPEN OVERRIDE " + epoch(1, 1) + " 1009000 held order-0")
                        .writes("a", "-1 " + epoch(1, 1) + " open held order-0 1 1009000", "ok")
                        .redis("forgets")
                        .redis("forgets")
                        .writes("other", "-1 " + epoch(1, 1) + " open held order-1 2 1010000", "ok")
                        .line("a", "reads")
                        .line("a", "read planner " + epoch(1, 1) + " open held order-1 2 1010000")
                        .line("a", "moved planner OPEN OPEN ADOPTED " + epoch(1, 2) + " 1010000 held order-1")
                        .line("a", "all-read ok")
                        .lines(),
                "age",
                new ToldHistory()
                        .begins("a", 1)
                        .begins("other", 2)
                        .line("a", "moved planner CLOSED OPEN OVERRIDE " + epoch(1, 1) + " 1009000 held order-0")
                        .writes("a", "-1 " + epoch(1, 1) + " open held order-0 1 1009000", "ok")
                        .line("a", "moved planner OPEN CLOSED OVERRIDE " + epoch(1, 2) + " 1609000 held order-1")
                        .writes("a", epoch(1, 1) + " " + epoch(1, 2) + " closed held order-1 1 1609000", "ok")
                        .redis("forgets")
                        .redis("forgets")
                        .writes("other", "-1 " + epoch(2, 2) + " open held order-0 2 1009000", "ok")
                        .line("a", "reads")
                        .line("a", "read planner " + epoch(2, 2) + " open held order-0 2 1009000")
                        .line("a", "moved planner CLOSED CLOSED ADOPTED " + epoch(2, 3) + " 1609000 held order-1")
                        .line("a", "all-read ok")
                        .writes("a", epoch(2, 2) + " " + epoch(2, 3) + " closed held order-1 1 1609000", "ok")
                        .lines());
    }

    /** Redis forgets an open circuit, and gets it again as the next epoch. */
    private static List<String> forgotten() {
        return new ToldHistory()
                .begins("a", 1)
                .line("a", "moved planner CLOSED OPEN FAILURE_STREAK " + epoch(1, 1) + " 1005000 free -")
                .writes("a", "-1 " + epoch(1, 1) + " open free - 1 1005000", "ok")
                .redis("forgets")
                .redis("forgets")
                .line("a", "reads")
                .line("a", "all-read ok")
                .line("a", "finds planner")
                .line("a", "found planner nothing")
                .line("a", "moved planner OPEN OPEN ADOPTED " + epoch(1, 2) + " 1005000 free -")
                .writes("a", "-1 " + epoch(1, 2) + " open free - 1 1005000", "ok")
                .lines();
    }

    @TestFactory
    Stream<DynamicTest> what_a_fix_does_is_refused_without_it() {
        return fixes().entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
                    assertThat(violations(each)).as("with it").isEmpty();
                    assertThat(violations(each, each.getKey())).as("without it").isNotEmpty();
                }));
    }

    /** Two processes count together, open, try one at a time, and open again. */
    private static ToldHistory trialsAndFigures() {
        String first = Long.toString(epoch(1, 1));
        String second = Long.toString(epoch(2, 3));
        return new ToldHistory()
                .begins("a", 1)
                .begins("b", 2)
                .asks("a", "counts planner 1 -1 3 2 2", "counted planner 1 stays 2")
                .asks("b", "counts planner 1 -1 2 2 2", "counted planner 1 failure-streak 4")
                .writes("a", "-1 " + first + " open free - 1 1009000", "ok")
                .asks("b", "counts planner 2 -1 1 1 1", "counted planner 2 other-record 0")
                .asks("b", "asks planner 3 b-1 2 1 2", "asked planner 3 given " + first)
                .asks("a", "asks planner 2 a-1 2 1 2", "asked planner 2 full")
                .writes("b", first + " " + epoch(2, 2) + " half_open free - 2 1019000", "ok")
                .asks("b", "renews planner 4 b-1 " + first, "renewed planner 4 kept")
                .asks("b", "settles planner 5 b-1 " + first + " good", "settled planner 5 more")
                .asks("a", "asks planner 3 a-2 2 1 2", "asked planner 3 given " + first)
                .asks("a", "settles planner 4 a-2 " + first + " good", "settled planner 4 enough")
                .writes("b", epoch(2, 2) + " " + second + " open free - 2 1029000", "ok")
                .asks("a", "asks planner 5 a-3 2 1 2", "asked planner 5 given " + second)
                .asks("a", "settles planner 6 a-3 " + second + " good", "settled planner 6 more");
    }

    /** What is said of Redis alone: these processes do not say why they write. */
    private static List<String> ofRedis(List<String> lines, String... without) {
        return MODEL.violations(lines, without).stream()
                .filter(violation -> violation.startsWith("Redis cannot"))
                .toList();
    }

    @Test
    void trials_and_figures_are_taken_as_the_scripts_give_them() {
        assertThat(ofRedis(trialsAndFigures().lines())).isEmpty();
    }

    @TestFactory
    Stream<DynamicTest> trials_and_figures_that_no_script_gives_are_refused() {
        String first = Long.toString(epoch(1, 1));
        return Map.ofEntries(
                        Map.entry("two at once", with("asked planner 2 full", "asked planner 2 given " + first)),
                        Map.entry(
                                "full, though there is room",
                                with("asked planner 3 given " + first, "asked planner 3 full")),
                        Map.entry(
                                "another round",
                                with("asked planner 5 given " + epoch(2, 3), "asked planner 5 given " + first)),
                        Map.entry(
                                "tried while closed",
                                without("wrote planner ok").andThen(without("writes planner"))::apply),
                        Map.entry("enough too soon", with("settled planner 5 more", "settled planner 5 enough")),
                        Map.entry("enough too late", with("settled planner 4 enough", "settled planner 4 more")),
                        Map.entry(
                                "enough of another round", with("settled planner 6 more", "settled planner 6 enough")),
                        Map.entry(
                                "a place that is kept is lost",
                                with("renewed planner 4 kept", "renewed planner 4 lost")),
                        Map.entry("a failure is not counted", with("failure-streak 4", "stays 3")),
                        Map.entry("a success is not counted", with("stays 2", "stays 3")),
                        Map.entry("counted in another epoch", with("other-record 0", "stays 5")))
                .entrySet()
                .stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
                    List<String> broken =
                            each.getValue().apply(trialsAndFigures().lines());
                    assertThat(broken).isNotEqualTo(trialsAndFigures().lines());
                    assertThat(ofRedis(broken)).as(String.join("\n", broken)).isNotEmpty();
                }));
    }

    /** Nobody kept the place for five seconds; a second earlier it was still taken. */
    @Test
    void a_place_that_nobody_keeps_is_given_to_another() {
        ToldHistory taken = new ToldHistory()
                .begins("a", 1)
                .begins("b", 2)
                .writes("a", "-1 " + epoch(1, 1) + " open free - 1 1009000", "ok")
                .asks("a", "asks planner 1 a-1 2 1 2", "asked planner 1 given " + epoch(1, 1));
        String asks = "asks planner 1 b-1 2 1 2";
        String given = "asked planner 1 given " + epoch(1, 1);

        assertThat(ofRedis(new ToldHistory(taken)
                        .pause(5_500)
                        .asks("b", asks, given)
                        .lines()))
                .isEmpty();
        assertThat(ofRedis(new ToldHistory(taken)
                        .pause(4_000)
                        .asks("b", asks, given)
                        .lines()))
                .isNotEmpty();
        assertThat(ofRedis(new ToldHistory(taken)
                        .pause(5_500)
                        .asks("b", asks, "asked planner 1 full")
                        .lines()))
                .isNotEmpty();
    }

    /** It may have been counted or not, and what was sent over a connection that was cut may have been counted twice. */
    @Test
    void a_question_without_an_answer_may_have_had_its_effect() {
        ToldHistory asked = new ToldHistory()
                .begins("a", 1)
                .line("a", "counts planner 1 -1 1 1 1")
                .line("a", "counted planner 1 unknown");
        for (int streak = 1; streak <= 2; streak++) {
            assertThat(ofRedis(new ToldHistory(asked)
                            .asks("a", "counts planner 2 -1 1 1 1", "counted planner 2 stays " + streak)
                            .lines()))
                    .isEmpty();
        }
        assertThat(ofRedis(new ToldHistory(asked)
                        .asks("a", "counts planner 2 -1 1 1 1", "counted planner 2 stays 3")
                        .lines()))
                .isNotEmpty();
        assertThat(ofRedis(new ToldHistory(asked)
                        .line("a", "counts planner 2 -1 1 1 1")
                        .pause(100)
                        .line("a", "counted planner 2 stays 3")
                        .lines()))
                .isEmpty();
    }

    @TestFactory
    Stream<DynamicTest> what_keeps_trials_and_figures_to_their_epoch_is_refused_without_it() {
        return Stream.of("round", "basis")
                .map(fix -> DynamicTest.dynamicTest(
                        fix,
                        () -> assertThat(ofRedis(trialsAndFigures().lines(), fix))
                                .isNotEmpty()));
    }

    /** What the process {@code other} writes is not what is looked at. */
    private static List<String> violations(Map.Entry<String, List<String>> history, String... without) {
        return MODEL.violations(history.getValue(), without).stream()
                .filter(violation -> !violation.contains("does this: other "))
                .toList();
    }

    static UnaryOperator<List<String>> without(String what) {
        return lines -> lines.stream().filter(line -> !line.contains(what)).toList();
    }

    static UnaryOperator<List<String>> with(String what, String instead) {
        return lines -> lines.stream().map(line -> line.replace(what, instead)).toList();
    }

    private static UnaryOperator<List<String>> after(String what, String added) {
        return lines -> lines.stream()
                .flatMap(line -> line.contains(what) ? Stream.of(line, added) : Stream.of(line))
                .toList();
    }

    /** Moves lines to before the first one that says what; they get its time. */
    private static UnaryOperator<List<String>> before(String moved, String what, String... alsoMoved) {
        return lines -> {
            List<String> toMove = new ArrayList<>(List.of(alsoMoved));
            toMove.add(0, moved);
            List<String> result = new ArrayList<>();
            String place = lines.stream()
                    .filter(line -> line.contains(what))
                    .findFirst()
                    .orElseThrow();
            long time = Long.parseLong(place.split(" ")[1]) - 1;
            for (String line : lines) {
                boolean goes = toMove.stream().anyMatch(line.replaceFirst(" \\d+ ", " ")::contains);
                if (line.equals(place)) {
                    for (String each : lines) {
                        if (toMove.stream().anyMatch(each.replaceFirst(" \\d+ ", " ")::contains)) {
                            result.add(each.replaceFirst(" \\d+ ", " " + time + " "));
                        }
                    }
                }
                if (!goes) {
                    result.add(line);
                }
            }
            return result;
        };
    }
}
