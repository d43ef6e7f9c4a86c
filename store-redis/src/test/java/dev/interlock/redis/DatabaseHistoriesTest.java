package dev.interlock.redis;

import static dev.interlock.redis.HistoriesTest.with;
import static dev.interlock.redis.HistoriesTest.without;
import static dev.interlock.redis.ToldHistory.epoch;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The check of histories against the model, where there is a database behind Redis. */
class DatabaseHistoriesTest {
    private static final ModelOfHistories MODEL = new ModelOfHistories();

    private static final String HELD = epoch(1, 1) + " open held order-0 1 1007000";
    private static final String HELD_AGAIN = epoch(1, 2) + " open held order-0 1 1007000";
    private static final String OPENED = epoch(1, 1) + " open free - 1 1013000";
    private static final String OPENED_AGAIN = epoch(1, 2) + " open free - 1 1013000";

    /** Somebody holds a circuit, another one trips; both are in the database. */
    private static ToldHistory kept() {
        return new ToldHistory()
                .begins("a", 1)
                .line("a", "recalls")
                .line("a", "all-recalled ok")
                .line("a", "moved held CLOSED OPEN OVERRIDE " + epoch(1, 1) + " 1007000 held order-0")
                .line("a", "writes held -1 " + HELD)
                .line("a", "wrote held ok")
                .line("a", "keeps held -1 " + HELD)
                .line("a", "kept held ok")
                .line("a", "acknowledged held order-0")
                .line("a", "moved planner CLOSED OPEN FAILURE_STREAK " + epoch(1, 1) + " 1013000 free -")
                .writes("a", "-1 " + OPENED, "ok")
                .line("a", "keeps planner -1 " + OPENED)
                .line("a", "kept planner ok");
    }

    /** Redis forgets everything; a process begins, and brings it what the database has. */
    private static List<String> forgottenAndBrought() {
        return kept().redis("forgets")
                .redis("forgets")
                .line("b", "opens")
                .line("b", "generation 2")
                .line("b", "reads")
                .line("b", "recalls")
                .line("b", "recalled held " + HELD)
                .line("b", "recalled planner " + OPENED)
                .line("b", "all-recalled ok")
                .line("b", "misses held")
                .line("b", "missed held nothing")
                .line("b", "brings held -1 " + HELD_AGAIN)
                .line("b", "brought held ok")
                .line("b", "resumes held " + HELD_AGAIN)
                .line("b", "misses planner")
                .line("b", "missed planner nothing")
                .line("b", "brings planner -1 " + OPENED_AGAIN)
                .line("b", "brought planner ok")
                .line("b", "resumes planner " + OPENED_AGAIN)
                .line("b", "all-read ok")
                .line("b", "misses held")
                .line("b", "missed held " + HELD_AGAIN)
                .lines();
    }

    @Test
    void what_redis_and_the_database_do_together_is_taken() {
        assertThat(MODEL.violations(forgottenAndBrought())).isEmpty();
    }

    @Test
    void a_database_may_be_away_for_a_while() {
        List<String> away = kept().lines().stream()
                .flatMap(line -> line.contains("kept held ok")
                        ? Stream.of(
                                line.replace("ok", "unknown"),
                                line.replace("kept held ok", "keeps held -1 " + HELD),
                                line.replace("ok", "unasked"),
                                line.replace("kept held ok", "keeps held -1 " + HELD),
                                line)
                        : Stream.of(line))
                .toList();

        assertThat(MODEL.violations(away)).isEmpty();
    }

    @Test
    void an_override_is_kept_though_redis_was_not_asked() {
        List<String> detached = new ToldHistory()
                .begins("a", 1)
                .line("a", "recalls")
                .line("a", "all-recalled ok")
                .line("a", "moved held CLOSED OPEN OVERRIDE " + epoch(1, 1) + " 1007000 held order-0")
                .line("a", "writes held -1 " + HELD)
                .line("a", "keeps held -1 " + HELD)
                .line("a", "wrote held unasked")
                .line("a", "kept held ok")
                .lines();

        assertThat(MODEL.violations(detached)).isEmpty();
    }

    @Test
    void a_process_may_begin_with_what_the_database_has_while_redis_is_away() {
        List<String> alone = kept().line("b", "opens")
                .line("b", "generation 2")
                .line("b", "reads")
                .line("b", "recalls")
                .line("b", "recalled held " + HELD)
                .line("b", "resumes held " + HELD)
                .line("b", "recalled planner " + OPENED)
                .line("b", "resumes planner " + OPENED)
                .line("b", "all-recalled ok")
                .line("b", "all-read ok")
                .lines();

        assertThat(MODEL.violations(alone)).isEmpty();
    }

    /** What comes back from the database may have the number under which its own process goes on with another override. */
    @Test
    void two_overrides_under_one_number_are_two() {
        String other = epoch(1, 2) + " open held order-1 1 1027000";
        List<String> two = kept().redis("forgets")
                .redis("forgets")
                .line("a", "recalls")
                .line("a", "recalled held " + HELD)
                .line("a", "all-recalled ok")
                .line("a", "misses held")
                .line("a", "missed held nothing")
                .line("a", "brings held -1 " + HELD_AGAIN)
                .line("a", "brought held ok")
                .line("a", "writes held -1 " + other)
                .line("a", "wrote held stands " + HELD_AGAIN)
                .lines();

        assertThat(MODEL.violations(two)).noneMatch(violation -> violation.startsWith("Redis cannot"));
        assertThat(MODEL.violations(
                        with("wrote held stands " + HELD_AGAIN, "wrote held ok").apply(two)))
                .as("it is in the way")
                .anyMatch(violation -> violation.startsWith("Redis cannot"));
    }

    /** What another process gave it is newer: that is written once more, with the lines of what this one owed. */
    @Test
    void what_is_in_the_database_may_be_given_to_it_again() {
        String newer = epoch(1, 4) + " open held order-0 1 1007000";
        List<String> late = kept().line("b", "writes held " + epoch(1, 1) + " " + HELD_AGAIN)
                .line("b", "wrote held ok")
                .line("a", "writes held " + epoch(1, 2) + " " + newer)
                .line("a", "wrote held ok")
                .line("a", "keeps held " + epoch(1, 1) + " " + newer)
                .line("a", "kept held ok")
                .line("b", "keeps held " + epoch(1, 1) + " " + HELD_AGAIN)
                .line("b", "kept held stands " + newer)
                .line("b", "keeps held " + epoch(1, 4) + " " + newer)
                .line("b", "kept held ok")
                .lines();

        assertThat(ofTheDatabase(late)).isEmpty();
        assertThat(ofTheDatabase(
                        with("kept held stands " + newer, "kept held unknown").apply(late)))
                .singleElement()
                .asString()
                .endsWith("neither agreed nor an override: b keeps held " + epoch(1, 4) + " " + newer);
    }

    private record Broken(String name, String violation, UnaryOperator<List<String>> how) {}

    private static Stream<Broken> broken() {
        return Stream.of(
                new Broken(
                        "a trip that was not agreed is kept",
                        "neither agreed nor an override",
                        with("wrote planner ok", "wrote planner unasked")),
                new Broken(
                        "a trip without an answer is kept",
                        "neither agreed nor an override",
                        with("wrote planner ok", "wrote planner unknown")),
                new Broken(
                        "what nobody wrote is kept",
                        "neither agreed nor an override",
                        with("keeps held -1 " + epoch(1, 1), "keeps held -1 " + epoch(1, 7))),
                new Broken(
                        "acknowledged, though the database did not answer",
                        "acknowledged before the database has it",
                        with("kept held ok", "kept held unknown")),
                new Broken(
                        "acknowledged, though the database was not given it",
                        "acknowledged before the database has it",
                        each(without("keeps held"), without("kept held"))),
                new Broken(
                        "something else comes back from the database",
                        "The database cannot have answered so",
                        with("recalled held " + epoch(1, 1), "recalled held " + epoch(1, 3))),
                new Broken(
                        "something is in the database that nobody gave it",
                        "The database cannot have answered so",
                        with("kept planner ok", "kept planner stands " + epoch(2, 9) + " open free - 2 1013000")),
                new Broken(
                        "Redis gets it under the same epoch",
                        "is brought what it did not lack",
                        with("brings held -1 " + HELD_AGAIN, "brings held -1 " + HELD)),
                new Broken(
                        "Redis gets what is not in the database",
                        "is brought what it did not lack",
                        without("recalled planner")),
                new Broken(
                        "Redis gets what it has",
                        "is brought what it did not lack",
                        with("missed planner nothing", "missed planner " + OPENED)),
                new Broken(
                        "Redis gets what it was not asked for",
                        "is brought what it did not lack",
                        each(without("misses planner"), without("missed planner"))),
                new Broken("Redis says that it lacks what it has", "Redis cannot have answered so", without("forgets")),
                new Broken(
                        "Redis does not get it",
                        "did not get back what it had forgotten",
                        each(without("brings held"), without("brought held"))));
    }

    @TestFactory
    Stream<DynamicTest> a_broken_history_is_refused() {
        return broken().map(each -> DynamicTest.dynamicTest(each.name(), () -> {
            List<String> lines = each.how().apply(forgottenAndBrought());
            assertThat(lines).isNotEqualTo(forgottenAndBrought());
            assertThat(MODEL.violations(lines))
                    .as(String.join("\n", lines))
                    .anyMatch(violation -> violation.contains(each.violation()));
        }));
    }

    /** The processes of this history do not say why they write. */
    private static List<String> ofTheDatabase(List<String> lines) {
        return MODEL.violations(lines).stream()
                .filter(violation -> violation.contains("database"))
                .toList();
    }

    private static UnaryOperator<List<String>> each(
            UnaryOperator<List<String>> first, UnaryOperator<List<String>> second) {
        return lines -> second.apply(first.apply(lines));
    }
}
