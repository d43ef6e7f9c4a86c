package dev.interlock.server.permits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.server.permits.PermitRefusedException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Permits within permits, of callers elsewhere: rule 17 where nobody has the outer permit's object at hand. */
class CallsWithinCallsTest {
    private static final String ACME = "acme";
    private static final String MODEL = "model:m";
    private static final byte[] KEY =
            "0123456789abcdef0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    private static final Report SUCCESS = new Report(null, null, null, -1, -1, null);
    private static final Report FAILURE = failure(FailureKind.ERROR);
    private static final Report CANCELLED = failure(FailureKind.CANCELLED);

    private final ManualTimeSource time = new ManualTimeSource();
    private final List<String> reported = new ArrayList<>();
    private CircuitBreakerManager circuits = manager(CircuitBreakerConfig.defaults());
    private PermitDesk desk = desk();

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void an_inner_call_runs_in_the_place_of_the_trial_around_it() throws PermitRefusedException {
        with(oneTrial());
        cooled(MODEL);
        String outer = take(null, "planner", MODEL);
        assertThatThrownBy(() -> take(null, "searcher", MODEL)).isInstanceOf(CircuitOpenException.class);
        String inner = take(outer, "searcher", MODEL);
        assertThatThrownBy(() -> take(outer, "reader", MODEL))
                .as("one at a time")
                .isInstanceOf(CircuitOpenException.class);
        assertThat(settle(inner, SUCCESS)).isEqualTo(Settlement.COUNTED);
        assertThat(state(MODEL)).isEqualTo(CircuitState.CLOSED);
        settle(outer, SUCCESS);
        assertThat(calls(MODEL)).as("late in the new epoch").isZero();
        assertThat(calls("planner")).isEqualTo(1);
    }

    @Test
    void each_real_call_counts_once() throws PermitRefusedException {
        String outer = take(null, "planner", MODEL);
        String inner = take(outer, "searcher", MODEL);
        assertThat(settle(inner, SUCCESS)).isEqualTo(Settlement.COUNTED);
        assertThat(settle(outer, SUCCESS)).isEqualTo(Settlement.COUNTED);
        assertThat(calls(MODEL)).isEqualTo(1);
        assertThat(calls("planner")).isEqualTo(1);
        assertThat(reported).containsExactlyInAnyOrder("searcher", MODEL, "planner");
    }

    @Test
    void a_single_circuit_within_itself_counts_once() throws PermitRefusedException {
        String outer = take(null, "planner");
        String inner = take(outer, "planner");
        settle(inner, SUCCESS);
        assertThat(settle(outer, SUCCESS)).isEqualTo(Settlement.IGNORED);
        assertThat(calls("planner")).isEqualTo(1);
    }

    @Test
    void all_levels_around_a_call_are_noted_whatever_lies_between() throws PermitRefusedException {
        String outer = take(null, "planner", MODEL);
        String middle = take(outer, "critic");
        String inner = take(middle, "searcher", MODEL);
        settle(inner, failure(FailureKind.CONNECTION));
        settle(middle, failure(FailureKind.CONNECTION));
        settle(outer, failure(FailureKind.CONNECTION));
        assertThat(failures(MODEL)).isEqualTo(1);
        assertThat(failures("critic")).as("it has no other circuit").isEqualTo(1);
        assertThat(failures("planner")).isZero();
    }

    @Test
    void a_failure_of_the_guards_own_circuit_counts_there_unless_an_inner_call_of_it_failed()
            throws PermitRefusedException {
        String outer = take(null, "planner", MODEL);
        settle(take(outer, "planner", MODEL), SUCCESS);
        assertThat(settle(outer, FAILURE)).isEqualTo(Settlement.COUNTED);
        assertThat(failures("planner")).isEqualTo(1);

        String another = take(null, "planner", MODEL);
        settle(take(another, "planner", MODEL), FAILURE);
        assertThat(settle(another, FAILURE)).isEqualTo(Settlement.IGNORED);
        assertThat(failures("planner")).isEqualTo(2);
    }

    @Test
    void an_inner_call_whose_mistake_was_answered_has_not_failed() throws PermitRefusedException {
        String outer = take(null, "planner");
        settle(take(outer, "planner"), failure(FailureKind.INVALID_REQUEST));
        assertThat(settle(outer, FAILURE)).isEqualTo(Settlement.COUNTED);
        assertThat(failures("planner")).isEqualTo(1);

        Guard planner = circuits.guard(new CircuitId(ACME, "object"));
        try (Permit permit = planner.acquire()) {
            permit.run(() -> planner.acquire().fail(FailureKind.INVALID_REQUEST));
            assertThat(permit.fail(FailureKind.ERROR)).as("as in core").isEqualTo(Settlement.COUNTED);
        }
    }

    @Test
    void a_refused_inner_call_makes_the_outer_outcome_ignored_where_it_was_refused() throws PermitRefusedException {
        with(oneTrial().toBuilder()
                .halfOpenMaxRequests(2)
                .successThreshold(2)
                .trialsAtOnce(1)
                .build());
        cooled(MODEL);
        String outer = take(null, "planner", MODEL);
        time.advance(Duration.ofMinutes(2)); // its lease ends
        String stranger = take(null, "writer", MODEL);
        assertThatThrownBy(() -> take(outer, "searcher", MODEL)).isInstanceOf(CircuitOpenException.class);
        settle(outer, SUCCESS);
        assertThat(snapshot(MODEL).trialsSucceeded())
                .as("a fallback is nobody's success")
                .isZero();
        assertThat(calls("planner")).isEqualTo(1);
        settle(stranger, SUCCESS);
        assertThat(snapshot(MODEL).trialsSucceeded()).isEqualTo(1);
    }

    @Test
    void an_inner_call_that_is_cancelled_gives_the_place_back() throws PermitRefusedException {
        with(oneTrial());
        cooled(MODEL);
        String outer = take(null, "planner", MODEL);
        settle(take(outer, "searcher", MODEL), CANCELLED);
        String stranger = take(null, "writer", MODEL);
        settle(outer, SUCCESS);
        assertThat(state(MODEL)).isEqualTo(CircuitState.HALF_OPEN);
        settle(stranger, SUCCESS);
        assertThat(state(MODEL)).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void a_settled_permit_is_no_parent() throws PermitRefusedException {
        String outer = take(null, "planner");
        settle(outer, SUCCESS);
        assertNoParent(outer, "it is settled");
    }

    @Test
    void a_permit_that_has_expired_is_no_parent() throws PermitRefusedException {
        String outer = take(null, "planner");
        time.advance(Duration.ofHours(24).plusNanos(1));
        assertNoParent(outer, "more than 24 h ago");
    }

    @Test
    void what_is_no_permit_of_this_organization_is_no_parent() throws PermitRefusedException {
        assertNoParent("forged", "no permit that this fleet gave to this organization");
        String foreign = desk.issue("rival", "planner", List.of(), List.of()).permit();
        assertNoParent(foreign, "no permit that this fleet gave to this organization");
    }

    @Test
    void a_permit_of_an_agent_that_the_key_may_not_act_for_is_no_parent() throws PermitRefusedException {
        String outer = take(null, "planner");
        assertThatThrownBy(() -> desk.around(ACME, outer, agent -> !agent.equals("planner")))
                .isInstanceOfSatisfying(PermitRefusedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.NO_PARENT);
                    assertThat(refused.detail()).contains("may not act for").doesNotContain("planner");
                });
    }

    @Test
    void calls_lie_within_each_other_up_to_eight_levels() throws PermitRefusedException {
        String parent = null;
        for (int level = 1; level <= 8; level++) {
            parent = take(parent, "agent-" + level);
        }
        assertNoParent(parent, "up to 8 levels");
    }

    @Test
    void names_that_do_not_fit_into_one_permit_are_refused_and_take_no_place() throws PermitRefusedException {
        List<String> long16 =
                IntStream.range(0, 16).mapToObj(i -> "漢".repeat(250) + i).toList();
        String outer = desk.issue(ACME, "planner", long16, List.of()).permit();
        List<String> others =
                long16.stream().map(name -> "x" + name.substring(1)).toList();
        List<Ancestor> around = desk.around(ACME, outer, agent -> true);
        assertThatThrownBy(() -> desk.issue(ACME, "searcher", others, around))
                .isInstanceOfSatisfying(
                        PermitRefusedException.class,
                        refused -> assertThat(refused.detail()).contains("too long for one permit"));
    }

    @Test
    void notes_of_settled_permits_are_forgotten_and_those_of_many_are_bounded() {
        InnerNotes notes = new InnerNotes(3, 100);
        for (int i = 0; i < 5; i++) {
            notes.note(ACME, 1, i, 1, i);
        }
        assertThat(notes.size()).isEqualTo(3);
        assertThat(notes.take(ACME, 1, 0)).isZero();
        notes.note(ACME, 1, 4, 2, 5);
        assertThat(notes.take("rival", 1, 4)).isZero();
        assertThat(notes.take(ACME, 1, 4)).isEqualTo(3);
        assertThat(notes.take(ACME, 1, 4)).isZero();
        notes.note(ACME, 1, 9, 1, 200);
        assertThat(notes.size()).as("what nobody can settle any more goes").isEqualTo(1);
    }

    /** The figure of the rule: at depths 2 to 5, by other agents or by itself, and with every named policy. */
    @TestFactory
    Stream<DynamicTest> a_model_that_is_well_again_needs_no_more_than_the_successes_that_close() {
        return policies().entrySet().stream()
                .flatMap(policy -> Stream.of("agent-%d", "itself")
                        .flatMap(agent -> IntStream.rangeClosed(2, 5)
                                .mapToObj(depth -> DynamicTest.dynamicTest(
                                        policy.getKey() + ", " + agent + ", depth " + depth, () -> {
                                            with(policy.getValue());
                                            cooled(MODEL);
                                            int real = 0;
                                            while (state(MODEL) != CircuitState.CLOSED && real < 20) {
                                                chain(agent, depth);
                                                real++;
                                            }
                                            assertThat(real)
                                                    .isEqualTo(policy.getValue().successThreshold());
                                        }))));
    }

    private void chain(String agent, int depth) throws PermitRefusedException {
        List<String> chain = new ArrayList<>();
        for (int level = 0; level < depth; level++) {
            chain.add(take(level == 0 ? null : chain.get(level - 1), String.format(Locale.ROOT, agent, level), MODEL));
        }
        for (int level = depth - 1; level >= 0; level--) {
            settle(chain.get(level), SUCCESS);
        }
    }

    /** Two chains a second for an hour; the inner call fails, and its agent answers from a cache. */
    @TestFactory
    Stream<DynamicTest> a_model_that_stays_dead_behind_an_inner_fallback_gets_few_calls_an_hour() {
        return policies().entrySet().stream()
                .map(policy -> DynamicTest.dynamicTest(policy.getKey(), () -> {
                    with(policy.getValue());
                    int real = 0;
                    for (int second = 0; second < 3_600; second++) {
                        time.advance(Duration.ofSeconds(1));
                        real += deadBehindACache("planner", "searcher") + deadBehindACache("writer", "reader");
                    }
                    assertThat(state(MODEL)).isNotEqualTo(CircuitState.CLOSED);
                    assertThat(real).isBetween(1, policy.getKey().equals("default") ? 70 : 40);
                }));
    }

    private int deadBehindACache(String outer, String inner) throws PermitRefusedException {
        String permit;
        try {
            permit = take(null, outer, MODEL);
        } catch (CircuitOpenException refused) {
            return 0;
        }
        int real = 0;
        try {
            settle(take(permit, inner, MODEL), failure(FailureKind.CONNECTION));
            real = 1;
        } catch (CircuitOpenException refused) {
            assertThat(refused.id().name()).isEqualTo(MODEL);
        }
        settle(permit, SUCCESS);
        return real;
    }

    private static Map<String, CircuitBreakerConfig> policies() {
        Map<String, CircuitBreakerConfig> policies = new LinkedHashMap<>();
        policies.put("default", CircuitBreakerConfig.defaults());
        policies.put("recommended", CircuitBreakerConfig.recommended());
        policies.put("upstream", CircuitBreakerConfig.upstream());
        policies.put("attempts", CircuitBreakerConfig.attempts());
        return policies;
    }

    private String take(@Nullable String parent, String agent, String... dependencies) throws PermitRefusedException {
        List<Ancestor> around = parent == null ? List.of() : desk.around(ACME, parent, name -> true);
        return desk.issue(ACME, agent, List.of(dependencies), around).permit();
    }

    private Settlement settle(String permit, Report report) throws PermitRefusedException {
        return desk.settle(desk.open(ACME, null, permit), report);
    }

    private void assertNoParent(@Nullable String parent, String why) {
        assertThatThrownBy(() -> take(parent, "searcher"))
                .isInstanceOfSatisfying(PermitRefusedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.NO_PARENT);
                    assertThat(refused.reason().status).isEqualTo(422);
                    assertThat(refused.detail())
                            .startsWith("parent: must be the permit of a call that is under way")
                            .contains(why);
                });
    }

    /** Open, with its cooldown over. */
    private void cooled(String name) {
        circuits.override(new CircuitId(ACME, name), ManualOverride.of(OverrideAction.OPEN, "ana"));
        time.advance(Duration.ofHours(1));
    }

    private static CircuitBreakerConfig oneTrial() {
        return CircuitBreakerConfig.builder()
                .halfOpenMaxRequests(1)
                .successThreshold(1)
                .build();
    }

    private static Report failure(FailureKind kind) {
        return new Report(null, null, kind, -1, -1, null);
    }

    private void with(CircuitBreakerConfig config) {
        circuits.close();
        circuits = manager(config);
        desk = desk();
    }

    private PermitDesk desk() {
        circuits.settlements().add((circuit, outcome, took, ago, epoch, settlement) -> reported.add(circuit.name()));
        return new PermitDesk(circuits, time, KEY, new Unwatched(), null);
    }

    private CircuitBreakerManager manager(CircuitBreakerConfig config) {
        return CircuitBreakerManager.builder()
                .defaults(config)
                .time(time)
                .executor(Runnable::run)
                .build();
    }

    private CircuitSnapshot snapshot(String name) {
        return circuits.snapshot(new CircuitId(ACME, name));
    }

    private CircuitState state(String name) {
        return snapshot(name).state();
    }

    private int calls(String name) {
        return snapshot(name).figures().calls();
    }

    private int failures(String name) {
        return snapshot(name).figures().failures();
    }
}
