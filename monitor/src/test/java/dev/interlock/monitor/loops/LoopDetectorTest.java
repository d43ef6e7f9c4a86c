package dev.interlock.monitor.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.ManualTimeSource;
import dev.interlock.NamePattern;
import dev.interlock.RefusalMessage;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is a loop, and what is none. */
class LoopDetectorTest {
    private static final String RUN = "run-1";

    private final ManualTimeSource time = new ManualTimeSource();
    private LoopDetector detector = new LoopDetector(LoopSettings.defaults(), time);

    @Test
    void the_same_call_with_the_same_result_three_times_is_a_loop_reported_once() {
        assertThat(call("search", "{\"q\": 1}", "nothing")).isNull();
        assertThat(call("search", "{\"q\": 1}", "nothing")).isNull();
        Loop loop = call("search", "{\"q\":1}", "nothing");
        assertThat(loop).isNotNull();
        assertThat(loop.repeats()).isEqualTo(3);
        assertThat(loop.text())
                .isEqualTo("the same call of tool:search came to the same end 3 times; the next one will, too");
        assertThat(call("search", "{\"q\": 1}", "nothing")).as("once").isNull();
        assertThat(detector.find("default", "agent", RUN)).isEqualTo(loop);
        assertThat(detector.find("default", "agent", "run-2")).isNull();
        assertThat(detector.find("other", "agent", RUN)).isNull();
        assertThat(detector.find("default", "another", RUN)).isNull();
        assertThat(detector.found()).isEqualTo(1);
    }

    @Test
    void turns_that_requests_to_models_say_are_a_loop_as_well_and_one_that_is_said_again_counts_once() {
        assertThat(turned("turn-1")).isNull();
        assertThat(turned("turn-1")).isNull();
        assertThat(turned("turn-2")).isNull();
        assertThat(turned("turn-1")).isNull();
        Loop loop = turned("turn-3");
        assertThat(loop).isNotNull();
        assertThat(loop.repeats()).isEqualTo(3);
        assertThat(loop.tool()).isEqualTo("tool:search");
        assertThat(detector.find("default", "agent", RUN)).isEqualTo(loop);
        assertThat(turned("turn-4")).as("once").isNull();
    }

    @Test
    void identical_calls_of_one_such_turn_count_once() {
        LoopCall search = new LoopCall("tool:search", "{}", "nothing", false, time.wallTime(), time.wallTime());
        for (int i = 0; i < 2; i++) {
            ToolTurn turn = new ToolTurn("turn-" + i, List.of(search, search, search));
            assertThat(detector.turned("default", "agent", RUN, turn)).isNull();
        }
        assertThat(turned("turn-3")).isNotNull();
    }

    @Test
    void calls_that_are_reported_as_they_are_made_count_alone() {
        turned("turn-1");
        turned("turn-2");
        assertThat(call("search", "{}", "nothing")).isNull();
        assertThat(turned("turn-3")).isNull();
        assertThat(call("search", "{}", "nothing")).isNull();
        assertThat(turned("turn-4")).isNull();
        assertThat(call("search", "{}", "nothing")).isNotNull();
    }

    private @Nullable Loop turned(String id) {
        LoopCall search = new LoopCall("tool:search", "{}", "nothing", false, time.wallTime(), time.wallTime());
        return detector.turned("default", "agent", RUN, new ToolTurn(id, List.of(search)));
    }

    @Test
    void failures_in_a_row_are_the_same_whatever_they_say() {
        assertThat(failed("search", "{}", "timeout 1")).isNull();
        assertThat(failed("search", "{}", "timeout 2")).isNull();
        assertThat(failed("search", "{}", null)).isNotNull();
    }

    @Test
    void a_test_that_fails_in_another_way_after_each_change_is_none_and_one_that_fails_in_the_same_way_is() {
        for (int i = 0; i < 10; i++) {
            assertThat(failed("test", "{}", i + " tests fail")).isNull();
            assertThat(call("edit", "{\"line\": " + i + "}", "done")).isNull();
        }
        assertThat(failed("test", "{}", "2 tests fail")).isNull();
        assertThat(call("edit", "{\"line\": 11}", "done")).isNull();
        assertThat(failed("test", "{}", "2 tests fail")).isNull();
        assertThat(call("edit", "{\"line\": 12}", "done")).isNull();
        assertThat(failed("test", "{}", "2 tests fail")).isNotNull();
    }

    @Test
    void calls_of_which_nobody_says_the_arguments_are_none() {
        for (int i = 0; i < 20; i++) {
            assertThat(call("read", null, "same")).isNull();
        }
    }

    @Test
    void polling_whose_result_changes_is_none() {
        for (int i = 0; i < 50; i++) {
            assertThat(call("status", "{\"job\": 7}", "running " + i + " %")).isNull();
        }
    }

    @Test
    void polling_whose_result_stays_is_one_unless_the_tool_is_excepted() {
        detector = new LoopDetector(new LoopSettings(3, 8, List.of(new NamePattern("tool:*/status")), Set.of()), time);
        for (int i = 0; i < 50; i++) {
            assertThat(call("job/status", "{\"job\": 7}", "running")).isNull();
        }
        call("poll", "{\"job\": 7}", "running");
        call("poll", "{\"job\": 7}", "running");
        assertThat(call("poll", "{\"job\": 7}", "running")).isNotNull();
    }

    @Test
    void other_arguments_are_another_call() {
        for (int i = 0; i < 50; i++) {
            assertThat(call("read", "{\"page\": " + i + "}", "nothing")).isNull();
        }
    }

    @Test
    void two_that_take_turns_are_a_loop() {
        for (int i = 0; i < 2; i++) {
            assertThat(call("open", "{}", "closed")).isNull();
            assertThat(call("close", "{}", "open")).isNull();
        }
        assertThat(call("open", "{}", "closed")).isNotNull();
    }

    @Test
    void three_among_more_than_eight_are_none() {
        for (int i = 0; i < 3; i++) {
            assertThat(call("list", "{}", "a b c")).isNull();
            for (int other = 0; other < 4; other++) {
                assertThat(call("read", "{\"n\": " + i + other + "}", "text")).isNull();
            }
        }
    }

    @Test
    void several_at_once_in_one_turn_of_a_model_count_once() {
        for (int turn = 0; turn < 2; turn++) {
            detector.modelCalled("default", "agent", RUN);
            for (int i = 0; i < 5; i++) {
                assertThat(call("fetch", "{}", "same")).isNull();
            }
        }
        detector.modelCalled("default", "agent", RUN);
        assertThat(call("fetch", "{}", "same")).as("the third turn").isNotNull();
    }

    @Test
    void without_turns_calls_that_overlap_count_once() {
        for (int i = 0; i < 5; i++) {
            LoopCall parallel = new LoopCall(
                    "tool:fetch",
                    "{}",
                    "same",
                    false,
                    time.wallTime(),
                    time.wallTime().plusSeconds(5));
            assertThat(detector.called("default", "agent", RUN, parallel)).isNull();
        }
    }

    @Test
    void where_nobody_says_what_came_back_six_in_a_row_are_a_loop() {
        for (int i = 0; i < 5; i++) {
            assertThat(call("search", "{}", null)).isNull();
        }
        assertThat(call("search", "{}", null)).isNotNull();
    }

    @Test
    void where_nobody_says_what_came_back_three_turns_of_two_are_a_loop() {
        for (int i = 0; i < 5; i++) {
            assertThat(call(i % 2 == 0 ? "a" : "b", "{}", null)).isNull();
        }
        assertThat(call("b", "{}", null)).isNotNull();
    }

    @Test
    void executions_are_apart_and_so_are_agents() {
        for (int i = 0; i < 10; i++) {
            assertThat(detector.called("default", "agent", "run-" + i, plain("same")))
                    .isNull();
            assertThat(detector.called("default", "agent-" + i, RUN, plain("same")))
                    .isNull();
            assertThat(detector.called("org-" + i, "agent", RUN, plain("same"))).isNull();
        }
    }

    @Test
    void without_an_execution_each_three_are_a_loop_of_the_agent_and_nothing_is_refused() {
        int loops = 0;
        for (int i = 0; i < 9; i++) {
            Loop loop = detector.called("default", "agent", null, plain("same"));
            loops += loop == null ? 0 : 1;
            time.advance(Duration.ofSeconds(1));
        }
        assertThat(loops).isEqualTo(3);
    }

    @Test
    void a_loop_is_refused_for_an_hour_or_until_the_execution_ends_and_circuits_are_left_alone() {
        CircuitBreakerManager circuits =
                CircuitBreakerManager.builder().time(time).build();
        LoopRefusals refusals = new LoopRefusals(detector, circuits, time);
        CircuitId agent = CircuitId.of("agent");
        for (int i = 0; i < 3; i++) {
            refusals.check(agent, RUN);
            assertThat(refusals.left(agent, RUN)).isEmpty();
            call("search", "{}", "same");
        }
        assertThat(refusals.left(agent, RUN))
                .hasValueSatisfying(left -> assertThat(left).isPositive().isLessThanOrEqualTo(LoopDetector.LONGEST));
        assertThat(refusals.left(agent, "run-2")).isEmpty();
        assertThatThrownBy(() -> refusals.check(agent, RUN))
                .isInstanceOfSatisfying(CircuitOpenException.class, refused -> {
                    assertThat(refused.gate().author()).isEqualTo("loop");
                    assertThat(refused.state()).isEqualTo(CircuitState.CLOSED);
                    assertThat(refused).hasMessageContaining("The same call had the same result several times");
                    RefusalMessage message = RefusalMessage.of(refused, List.of());
                    assertThat(message.reason()).isEqualTo("loop");
                    assertThat(message.sentence())
                            .contains("the same call had the same result")
                            .endsWith(RefusalMessage.LAST);
                });
        refusals.check(agent, "run-2");
        assertThat(circuits.guard(agent).tryAcquire()).isNotNull();
        time.advance(LoopDetector.LONGEST);
        refusals.check(agent, RUN);

        for (int i = 0; i < 3; i++) {
            call("search", "{}", "same");
        }
        assertThat(detector.find("default", "agent", RUN)).as("again").isNotNull();
        detector.ended("default", "agent", RUN);
        refusals.check(agent, RUN);
        circuits.close();
    }

    @Test
    void the_execution_that_called_longest_ago_is_forgotten_first() {
        detector.called("default", "agent", "first", plain("same"));
        time.advance(Duration.ofSeconds(1));
        detector.called("default", "agent", "first", plain("same"));
        for (int i = 0; i < LoopDetector.MOST_EACH; i++) {
            detector.called("default", "agent", "run " + i, plain("same"));
        }
        time.advance(Duration.ofSeconds(1));
        assertThat(detector.called("default", "agent", "first", plain("same"))).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '#',
            value = {
                "{\"a\": 1, \"b\": [1, {\"c\": null}]} | {\"b\":[1,{\"c\":null}],\"a\":1} | true",
                "{\"a\": 1, \"at\": \"12:00\"} | {\"a\": 1, \"at\": \"12:01\"} | true",
                "{\"a\": {\"at\": 1}} | {\"a\": {}} | true",
                "{\"a\": 1} | {\"a\": 1.0} | false",
                "{\"a\": \"1\"} | {\"a\": 1} | false",
                "{\"a\": [1, 2]} | {\"a\": [2, 1]} | false",
                "{\"a\": \"x\\\",b\"} | {\"a\": \"x\", \"b\": \"\"} | false",
                "{\"a\": 1} {} | {\"a\": 1} | false",
                "ls -l | ls -l | true",
                "{broken | {broken | true",
                "true | false | false"
            })
    void arguments_are_compared_by_what_they_say(String one, String other, boolean same) {
        Set<String> ignored = Set.of("at");
        assertThat(CanonicalJson.of(one, ignored).equals(CanonicalJson.of(other, ignored)))
                .isEqualTo(same);
    }

    private @Nullable Loop call(String tool, @Nullable String arguments, @Nullable String result) {
        return call(tool, arguments, result, false);
    }

    private @Nullable Loop failed(String tool, String arguments, @Nullable String result) {
        return call(tool, arguments, result, true);
    }

    private @Nullable Loop call(String tool, @Nullable String arguments, @Nullable String result, boolean failed) {
        LoopCall call = new LoopCall(
                "tool:" + tool,
                arguments,
                result,
                failed,
                time.wallTime(),
                time.wallTime().plusMillis(200));
        time.advance(Duration.ofSeconds(1));
        return detector.called("default", "agent", RUN, call);
    }

    private LoopCall plain(String result) {
        return new LoopCall("tool:t", "{}", result, false, time.wallTime(), time.wallTime());
    }
}
