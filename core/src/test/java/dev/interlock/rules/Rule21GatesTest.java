package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static dev.interlock.rules.Fixtures.A_NANO;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Gate;
import dev.interlock.Gates;
import dev.interlock.Guard;
import dev.interlock.Lab;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.ProbeSettings;
import dev.interlock.Settlement;
import dev.interlock.TooManyGatesException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Rule 21: gates before circuits; those of a store are tested elsewhere. */
class Rule21GatesTest {
    private static final String ACME = CircuitId.DEFAULT_ORGANIZATION;

    private final Lab lab = new Lab();

    @Test
    void a_gate_of_an_organization_refuses_all_its_calls_and_nobody_elses() {
        Guard planner = lab.circuits.guard("planner").dependingOn("model:kimi");
        Guard other = lab.circuits.guard(new CircuitId("other", "planner"));
        lab.circuits.gates().put(Gate.ofOrganization(ACME, "ann"));

        assertThat(lab.circuit.tryAcquire()).isNull();
        assertThat(planner.tryAcquire()).isNull();
        assertThat(other.call(() -> "called")).isEqualTo("called");
        assertThat(other.tryAcquire()).isNotNull();
    }

    @Test
    void a_gate_of_agents_refuses_the_calls_of_those_that_match() {
        lab.circuits.gates().put(Gate.ofAgents(ACME, "planner-*", "ann"));

        assertThat(refused(lab.circuits.guard("planner-1")).id()).isEqualTo(CircuitId.of("planner-1"));
        assertThat(refused(lab.circuits.guard("planner-2").dependingOn("model:kimi"))
                        .id())
                .isEqualTo(CircuitId.of("planner-2"));
        assertThat(lab.circuits.guard("planner").tryAcquire()).isNotNull();
        assertThat(lab.circuits.guard("caller").dependingOn("planner-1").tryAcquire())
                .as("what a call depends on is no agent that makes it")
                .isNotNull();
    }

    @Test
    void a_gate_of_an_upstream_refuses_every_call_that_names_it() {
        lab.circuits.gates().put(Gate.ofUpstream(ACME, "model:kimi", "ann"));

        assertThat(refused(lab.circuits.guard("agent").dependingOn("key:one", "model:kimi"))
                        .id())
                .isEqualTo(CircuitId.of("model:kimi"));
        assertThat(refused(lab.circuits.guard("model:kimi")).id()).isEqualTo(CircuitId.of("model:kimi"));
        assertThat(lab.circuits.guard("agent").dependingOn("model:opus").tryAcquire())
                .isNotNull();
        assertThat(lab.circuits.guard("agent").tryAcquire()).isNotNull();
    }

    @Test
    void a_call_is_refused_while_any_gate_covers_it() {
        lab.circuits.gates().put(stop().named("one"));
        lab.circuits.gates().put(stop().named("two"));

        assertThat(remove("one")).isTrue();
        assertThat(lab.circuit.tryAcquire()).isNull();
        assertThat(remove("two")).isTrue();
        assertThat(lab.circuit.tryAcquire()).isNotNull();
    }

    @Test
    void a_circuit_that_is_held_closed_is_refused_as_well_and_reads_closed() {
        lab.override(OverrideAction.HOLD_CLOSED);
        lab.circuits.gates().put(stop());

        CircuitOpenException refused = lab.refusal();
        assertThat(refused.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(refused.hold()).isNotNull();
        assertThat(refused.gate()).isNotNull();
    }

    @Test
    void the_refusal_names_the_gate_and_the_state_of_the_circuit_behind_it() {
        lab.circuits
                .gates()
                .put(stop().named("night").because("no calls at night").until(in(seconds(90))));

        CircuitOpenException refused = lab.refusal();
        assertThat(refused.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(refused.retryAfter()).isEqualTo(seconds(90));
        assertThat(refused.hold()).isNull();
        assertThat(refused.gate()).satisfies(gate -> {
            assertThat(gate.id()).isEqualTo("night");
            assertThat(gate.author()).isEqualTo("ann");
            assertThat(gate.reason()).isEqualTo("no calls at night");
            assertThat(gate.until()).isEqualTo(in(seconds(90)));
            assertThat(gate.since()).isEqualTo(lab.time.wallTime());
        });
        assertThat(refused)
                .hasMessage("Calls of agent are stopped by the gate 'night' until " + in(seconds(90))
                        + "; retry after 90000 ms");
        assertThat(lab.circuits.gates().list()).containsExactly(refused.gate());
    }

    @Test
    void an_open_circuit_behind_a_gate_reads_open_in_the_refusal() {
        lab.circuits.gates().put(stop());
        lab.circuit.recordFailure(FailureKind.LOOP);

        assertThat(lab.refusal().state()).isEqualTo(CircuitState.OPEN);
        assertThat(lab.refusal().gate()).isNotNull();
    }

    @Test
    void a_refusal_by_a_circuit_has_no_gate() {
        lab.trip();

        assertThat(lab.refusal().gate()).isNull();
    }

    @Test
    void of_several_gates_the_refusal_names_the_one_that_ends_last() {
        lab.circuits.gates().put(stop().named("short").until(in(seconds(10))));
        lab.circuits.gates().put(stop().named("long").until(in(seconds(20))));
        assertThat(lab.refusal().gate().id()).isEqualTo("long");

        lab.circuits.gates().put(stop().named("endless"));
        assertThat(lab.refusal().gate().id()).isEqualTo("endless");
        assertThat(lab.refusal().retryAfter()).as("without an end").isEqualTo(seconds(60));
    }

    @Test
    void a_gate_opens_at_its_end_by_the_clock_and_without_a_timer() {
        lab.circuits.gates().put(stop().until(in(seconds(10))));

        lab.circuits.close(); // no timer runs any more
        lab.pass(seconds(10).minus(A_NANO));
        assertThat(lab.refusal().retryAfter()).isEqualTo(A_NANO);
        lab.pass(A_NANO);
        assertThat(lab.circuit.tryAcquire()).isNotNull();
        assertThat(lab.circuits.gates().list()).isEmpty();
    }

    @Test
    void a_wall_clock_that_is_set_moves_no_end() {
        lab.circuits.gates().put(stop().until(in(seconds(10))));

        lab.time.stepWallClock(seconds(3_600));
        assertThat(lab.refusal().retryAfter()).isEqualTo(seconds(10));
        lab.time.stepWallClock(seconds(-7_200));
        lab.pass(seconds(10));
        assertThat(lab.circuit.tryAcquire()).isNotNull();
    }

    @Test
    void an_end_in_the_past_refuses_nothing() {
        lab.circuits.gates().put(stop().until(in(seconds(-1))));

        assertThat(lab.circuit.tryAcquire()).isNotNull();
        assertThat(lab.circuits.gates().list()).isEmpty();
    }

    @Test
    void a_gate_ends_no_epoch_and_outcomes_of_calls_under_way_count() {
        Permit underWay = lab.begin();
        Permit another = lab.begin();
        long epoch = lab.circuit.epoch();
        lab.circuits.gates().put(stop());

        assertThat(underWay.fail(FailureKind.ERROR)).isEqualTo(Settlement.COUNTED);
        assertThat(lab.circuit.epoch()).isEqualTo(epoch);
        assertThat(another.fail(FailureKind.LOOP)).isEqualTo(Settlement.COUNTED);
        assertThat(lab).isOpen();
    }

    @Test
    void cooldowns_run_on_behind_a_gate_and_trials_wait() {
        lab.trip();
        lab.circuits.gates().put(stop().named("stop"));
        lab.pass(COOLDOWN);

        assertThat(lab.circuit.tryAcquire()).isNull();
        assertThat(lab).isOpen();
        remove("stop");
        assertThat(lab.circuit.tryAcquire()).isNotNull();
        assertThat(lab.circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
    }

    @Test
    void holds_end_behind_a_gate() {
        lab.hold(OverrideAction.HOLD_OPEN, seconds(30));
        lab.circuits.gates().put(stop().named("stop"));
        lab.pass(seconds(30));

        assertThat(lab.circuit.snapshot().hold()).isNull();
        assertThat(lab.circuit.snapshot().retryAfter()).isZero();
        assertThat(lab.circuit.tryAcquire()).isNull();
    }

    @Test
    void leases_run_on_behind_a_gate_and_a_trial_under_way_counts() {
        Permit trial = lab.firstTrial();
        Permit forgotten = lab.begin();
        lab.circuits.gates().put(stop());

        assertThat(trial.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(lab.circuit.snapshot().trialsSucceeded()).isEqualTo(1);
        assertThat(lab.circuit.snapshot().trialsOut()).isEqualTo(1);
        lab.pass(lab.circuit.config().trialTimeout());
        assertThat(lab.circuit.snapshot().trialsOut()).isZero();
        assertThat(forgotten.isSettled()).isFalse();
    }

    @Test
    void probes_wait_behind_a_gate_and_come_when_it_opens() {
        List<Duration> probed = new ArrayList<>();
        Lab probing = new Lab(
                settings().probe(ProbeSettings.defaults()).build(),
                builder -> builder.probe("*", id -> probed.add(Duration.ZERO)));
        probing.trusted().trip();
        probed.clear();
        probing.circuits.gates().put(stop().named("stop"));
        probing.pass(COOLDOWN.multipliedBy(5));
        assertThat(probed).isEmpty();

        probing.circuits.gates().remove(ACME, "stop", "ann", null);
        probing.pass(A_NANO);
        assertThat(probed).hasSize(1);
        probing.pass(seconds(60));
        assertThat(probing.circuit.tryAcquire()).isNotNull();
    }

    @Test
    void probes_come_when_a_gate_ends_by_itself() {
        List<Duration> probed = new ArrayList<>();
        Lab probing = new Lab(
                settings().probe(ProbeSettings.defaults()).build(),
                builder -> builder.probe("*", id -> probed.add(Duration.ZERO)));
        probing.trusted().trip();
        probed.clear();
        probing.circuits
                .gates()
                .put(stop().until(probing.time.wallTime().plus(COOLDOWN).plusSeconds(7)));
        probing.pass(COOLDOWN.plusSeconds(7).minus(A_NANO));
        assertThat(probed).isEmpty();
        probing.pass(A_NANO.multipliedBy(2));
        assertThat(probed).hasSize(1);
    }

    @Test
    void overrides_change_what_is_behind_a_gate_and_release_ends_none() {
        lab.circuits.gates().put(stop().named("stop"));

        assertThat(lab.override(OverrideAction.HOLD_OPEN)).isTrue();
        assertThat(lab.override(OverrideAction.RELEASE)).isTrue();
        assertThat(lab.override(OverrideAction.CLOSE)).isTrue();
        assertThat(lab).isClosed();
        assertThat(lab.circuit.tryAcquire()).isNull();
        assertThat(lab.circuits.gates().list()).hasSize(1);
    }

    @Test
    void a_refusal_by_a_gate_moves_no_circuit_of_the_call() {
        lab.circuits.getOrCreate("model:kimi").recordFailure(FailureKind.LOOP);
        lab.pass(COOLDOWN);
        lab.circuits.gates().put(Gate.ofUpstream(ACME, "tool:web", "ann"));

        assertThat(lab.circuits
                        .guard("agent")
                        .dependingOn("model:kimi", "tool:web")
                        .tryAcquire())
                .isNull();
        assertThat(lab.circuits.getOrCreate("model:kimi")).isOpen();
    }

    @Test
    void a_policy_that_comes_after_the_gate_is_behind_it_too() {
        lab.circuits.gates().put(stop());
        lab.govern(settings()
                .slowCallDuration(seconds(1))
                .slowCallRateThreshold(0.5)
                .build());

        assertThat(lab.circuit.tryAcquire()).isNull();
        assertThatThrownBy(() -> lab.circuits.guard("agent").call(() -> "never"))
                .isInstanceOf(CircuitOpenException.class);
        lab.circuits.putDefaultPolicy(settings().build());
        assertThat(lab.circuits.guard("another").tryAcquire()).isNotNull();
        lab.circuits.gates().put(Gate.ofOrganization(ACME, "ann"));
        assertThat(lab.circuits.guard("another").tryAcquire()).isNull();
    }

    @Test
    void what_a_call_made_of_an_inner_one_that_a_gate_refused_says_nothing_of_their_circuit() {
        Guard agent = lab.circuits.guard("agent");
        Permit outer = agent.acquire();
        outer.run(() -> {
            lab.circuits.gates().put(Gate.ofAgents(ACME, "agent", "ann"));
            assertThat(agent.tryAcquire()).isNull();
        });

        assertThat(outer.succeed()).isEqualTo(Settlement.IGNORED);
    }

    @Test
    void a_guarded_call_within_another_is_refused_by_a_gate_too() {
        Guard outer = lab.circuits.guard("outer");
        Guard inner = lab.circuits.guard("inner");

        assertThatThrownBy(() -> outer.call(() -> {
                    lab.circuits.gates().put(Gate.ofAgents(ACME, "inner", "ann"));
                    return inner.call(() -> "never");
                }))
                .isInstanceOfSatisfying(
                        CircuitOpenException.class,
                        refused -> assertThat(refused.gate()).isNotNull());
        assertThat(lab.circuits.getOrCreate("outer").snapshot().figures().failures())
                .as("the refusal is no failure of the caller")
                .isZero();
    }

    @Test
    void a_refusal_by_a_gate_is_a_downstream_refusal_for_callers() {
        lab.circuits.gates().put(stop());
        RuntimeException wrapped = new RuntimeException(lab.refusal());

        assertThat(FailureClassifier.standard().ofException(wrapped).kind()).isEqualTo(FailureKind.DOWNSTREAM_OPEN);
    }

    @Test
    void fallbacks_answer_refusals_by_gates() {
        lab.circuits.gates().put(stop().because("stopped for the night"));
        Guard guard = lab.circuits.guard("agent");

        assertThat(guard.<String>withFallback(refused -> refused.gate().reason())
                        .call(() -> "never"))
                .isEqualTo("stopped for the night");
        assertThat(guard.<String>withFallback(refused -> "instead")
                        .callAsync(never())
                        .join())
                .isEqualTo("instead");
        assertThat(guard.callAsync(never())).isCompletedExceptionally();
        Supplier<String> proxy = guard.proxy(Supplier.class, () -> "never");
        assertThatThrownBy(proxy::get).isInstanceOf(CircuitOpenException.class);
    }

    /** Also who asked: one that a gate refused is no caller of the circuit behind it. */
    @Test
    void taken_away_it_leaves_everything_as_if_it_had_never_been_there() {
        List<CircuitSnapshot> gated = afterAStop(true);
        assertThat(gated).isEqualTo(afterAStop(false));
        assertThat(gated)
                .extracting(CircuitSnapshot::state)
                .containsExactly(
                        CircuitState.CLOSED,
                        CircuitState.OPEN,
                        CircuitState.OPEN,
                        CircuitState.HALF_OPEN,
                        CircuitState.CLOSED);
    }

    /** What a circuit looks like after calls before, during and after a stop, during which no call is admitted or made. */
    private static List<CircuitSnapshot> afterAStop(boolean stops) {
        Lab lab = new Lab(settings()
                .failureThreshold(4)
                .failureRateThreshold(null)
                .minCallers(2)
                .trialsAtOnce(1)
                .build());
        Guard guard = lab.circuits.guard("agent");
        Guard a = guard.withCaller("a");
        Guard b = guard.withCaller("b");
        List<CircuitSnapshot> looks = new ArrayList<>();
        a.acquire().fail(FailureKind.ERROR);
        b.acquire().fail(FailureKind.ERROR);
        Permit[] underWay = {a.acquire(), b.acquire(), b.acquire()};

        Runnable[] meanwhile = {
            () -> {
                underWay[0].fail(FailureKind.ERROR);
                lab.pass(seconds(5));
            },
            () -> underWay[1].fail(FailureKind.ERROR),
            () -> {
                underWay[2].succeed(); // late
                lab.pass(COOLDOWN);
            },
            () -> lab.pass(seconds(1)),
            () -> lab.pass(seconds(2))
        };
        Permit trial = null;
        for (int i = 0; i < meanwhile.length; i++) {
            if (stops) {
                lab.circuits.gates().put(stop().named("stop"));
                for (String each : List.of("a", "b", "c", "d", "e", "f", "g", "h", "i")) {
                    refused(guard.withCaller(each));
                }
            }
            meanwhile[i].run();
            if (stops) {
                lab.circuits.gates().remove(ACME, "stop", "ann", null);
            }
            if (i == 3) {
                trial = b.acquire();
            } else if (i == 4) {
                trial.succeed();
                a.acquire().succeed();
            }
            looks.add(lab.circuit.snapshot());
        }
        return looks;
    }

    @Test
    void putting_a_gate_of_the_same_id_replaces_it() {
        lab.circuits.gates().put(stop().named("stop").until(in(seconds(10))));
        lab.circuits.gates().put(stop().named("stop").until(in(seconds(20))));

        assertThat(lab.circuits.gates().list(ACME)).hasSize(1);
        assertThat(lab.refusal().retryAfter()).isEqualTo(seconds(20));
        lab.circuits.gates().put(Gate.ofAgents(ACME, "nobody", "ann").named("stop"));
        assertThat(lab.circuit.tryAcquire()).isNotNull();
    }

    @Test
    void an_organization_may_have_a_thousand_gates() {
        for (int i = 0; i < Gates.MOST; i++) {
            lab.circuits.gates().put(Gate.ofAgents(ACME, "a-" + i, "ann").named("gate-" + i));
        }
        assertThatThrownBy(() -> lab.circuits.gates().put(Gate.ofAgents(ACME, "one", "ann")))
                .isInstanceOf(TooManyGatesException.class)
                .hasMessageContaining("organization 'default' has 1000 gates")
                .hasMessageContaining("Remove one");
        assertThat(lab.circuits.gates().list(ACME)).hasSize(Gates.MOST);

        lab.circuits.gates().put(Gate.ofAgents(ACME, "a-0", "bob").named("gate-0"));
        lab.circuits.gates().put(Gate.ofOrganization("other", "ann"));
        lab.circuits.gates().remove(ACME, "gate-1", "ann", null);
        lab.circuits.gates().put(Gate.ofAgents(ACME, "one", "ann"));
        assertThat(refused(lab.circuits.guard("one")).gate()).isNotNull();
    }

    @Test
    void only_a_gate_in_effect_can_be_removed() {
        lab.circuits.gates().put(stop().named("stop").until(in(seconds(10))));

        assertThat(lab.circuits.gates().remove("other", "stop", "ann", null)).isNull();
        assertThat(remove("start")).isFalse();
        assertThat(remove("stop")).isTrue();
        assertThat(remove("stop")).isFalse();
        lab.circuits.gates().put(stop().named("stop").until(in(seconds(10))));
        lab.pass(seconds(10));
        assertThat(remove("stop")).isFalse();
    }

    @Test
    void what_is_no_gate_is_refused_with_what_would_be_right() {
        assertThatThrownBy(() -> Gate.ofAgents(ACME, "", "ann")).hasMessageContaining("'*' stands for every name");
        assertThatThrownBy(() -> Gate.ofOrganization(ACME, " ")).hasMessage("A gate needs an actor: who makes it");
        assertThatThrownBy(() -> stop().named("\u0007")).hasMessageContaining("must be printable");
        assertThatThrownBy(() -> stop().because("\u0000")).hasMessageContaining("A reason must not hold");
        assertThatThrownBy(() -> new Gate(ACME, "id", Gate.Covers.UPSTREAM, null, "ann", null, null, null))
                .hasMessage("A gate of upstream needs a pattern: of which names");
        assertThatThrownBy(() -> lab.circuits.gates().remove(ACME, "stop", "", null))
                .hasMessage("The removal of a gate needs an actor: who makes it");
    }

    private static Gate stop() {
        return Gate.ofAgents(ACME, "agent", "ann");
    }

    private boolean remove(String id) {
        return lab.circuits.gates().remove(ACME, id, "ann", "over") != null;
    }

    private Instant in(Duration time) {
        return lab.time.wallTime().plus(time);
    }

    private static Supplier<CompletableFuture<String>> never() {
        return () -> CompletableFuture.completedFuture("never");
    }

    private static CircuitOpenException refused(Guard guard) {
        try (Permit permit = guard.acquire()) {
            throw new AssertionError("Expected a refusal, but the call was admitted by " + permit.id());
        } catch (CircuitOpenException refused) {
            assertThat(refused.gate()).isNotNull();
            return refused;
        }
    }
}
