package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A circuit and its {@link ModelCircuit} led through the same steps, and compared after each. */
final class ModelRun implements AutoCloseable {
    private static final List<String> CALLERS = List.of("a", "b", "c", "d", "e");

    private static final int MOST_CALLS_OUT = 12;

    /** Something that happens to both; its text is what a failed property shows. */
    @FunctionalInterface
    interface Step {
        void play(ModelRun run);
    }

    /** Where a clock can be moved to. */
    enum Edge {
        COOLDOWN_END,
        LEASE_END,
        HOLD_END,
        WINDOW_END,
        WINDOW_AND_A_TENTH
    }

    private record Pair(Permit permit, ModelCircuit.Call call) {}

    final ManualTimeSource time = new ManualTimeSource();
    final CircuitBreakerManager manager;
    final CircuitBreaker circuit;
    final ModelCircuit model;
    int doubts;
    private final List<StateTransition> heard = new ArrayList<>();
    private final List<ManualOverride> heardRepeated = new ArrayList<>();
    private final List<Pair> out = new ArrayList<>();
    private final Map<Integer, Long> gates = new HashMap<>();
    private final long firstEpoch;
    private final CircuitId id;
    private final List<Guard> guards;

    /** @param isUpstream whether the circuit is that of a model */
    ModelRun(CircuitBreakerConfig config, boolean isUpstream) {
        id = CircuitId.of(isUpstream ? "model:agent" : "agent");
        manager = CircuitBreakerManager.builder()
                .defaults(config)
                .time(time)
                .executor(Runnable::run)
                .randomness(() -> 0)
                .listener(new CircuitListener() {
                    @Override
                    public void onTransition(StateTransition transition) {
                        heard.add(transition);
                    }

                    @Override
                    public void onRepeatedOverride(CircuitId id, ManualOverride override, java.time.Instant at) {
                        heardRepeated.add(override);
                    }
                })
                .build();
        circuit = manager.getOrCreate(id);
        guards =
                CALLERS.stream().map(name -> manager.guard(id).withCaller(name)).toList();
        firstEpoch = circuit.snapshot().epoch();
        model = new ModelCircuit(config, isUpstream, () -> {
            doubts++;
            return circuit.state() == CircuitState.OPEN;
        });
    }

    void play(List<? extends Step> steps) {
        for (Step step : steps) {
            step.play(this);
            compare(step);
        }
    }

    /** 21: a gate refuses a call as if it had never been made, and is nothing to the circuit and its model. */
    void begin(int caller) {
        begin(caller, null);
    }

    /** 17: within one of the calls at hand, which may have been settled. */
    void beginWithin(int which, int caller) {
        begin(caller, out.isEmpty() ? null : out.get(which % out.size()));
    }

    private void begin(int caller, @Nullable Pair parent) {
        long open = gates.values().stream()
                .filter(end -> end > now())
                .mapToLong(end -> end)
                .max()
                .orElse(0);
        if (open == 0) {
            beginUngated(caller, parent);
            return;
        }
        model.refused(parent == null ? null : parent.call);
        assertThatThrownBy(() -> acquire(caller, parent))
                .isInstanceOfSatisfying(CircuitOpenException.class, refusal -> {
                    assertThat(refusal.gate()).as("the gate").isNotNull();
                    assertThat(refusal.state()).as("state behind the gate").isEqualTo(model.state);
                    assertThat(refusal.retryAfter().toNanos())
                            .as("retryAfter of the gate")
                            .isEqualTo(open == ModelCircuit.NEVER ? 60_000_000_000L : open - now());
                });
    }

    private Permit acquire(int caller, @Nullable Pair parent) {
        Guard guard = guards.get(caller);
        return parent == null ? guard.acquire() : parent.permit.<Permit, RuntimeException>supply(guard::acquire);
    }

    private void beginUngated(int caller, @Nullable Pair parent) {
        ModelCircuit.Call around = parent == null ? null : parent.call;
        long wait = model.refusal(now());
        ModelCallers.Answer heldBack = model.heldBack(caller, now(), around);
        Permit permit = null;
        try {
            permit = acquire(caller, parent);
        } catch (CircuitOpenException refusal) {
            assertThat(refusal.state()).as("state in the refusal").isEqualTo(model.state);
            Duration ofAll = Duration.ofNanos(wait);
            Duration ofCaller = Duration.ofNanos(model.turnLeft(now()));
            assertThat(refusal.retryAfter())
                    .as("retryAfter")
                    .isIn(
                            switch (heldBack) {
                                case NO -> List.of(ofAll);
                                case YES -> List.of(ofCaller);
                                case PERHAPS -> List.of(ofAll, ofCaller);
                            });
        }
        boolean isHeldBack = permit == null || !permit.isTrial();
        ModelCircuit.Call call = model.acquire(caller, now(), around, isHeldBack);
        assertThat(permit != null).as("admitted").isEqualTo(call != null);
        if (permit != null && call != null) {
            out.add(new Pair(permit, call));
            if (out.size() > MOST_CALLS_OUT) {
                out.remove(0);
            }
        }
    }

    /** Settles one of the permits at hand; it stays at hand, to be settled again. */
    void end(int which, Outcome outcome) {
        if (!out.isEmpty()) {
            Pair pair = out.get(which % out.size());
            assertThat(pair.permit.settle(outcome)).as("settlement").isEqualTo(model.settle(pair.call, outcome, now()));
            assertThat(pair.permit.isSettled()).isTrue();
        }
    }

    void endNewest(Outcome outcome) {
        end(out.size() - 1, outcome);
    }

    int callsOut() {
        return out.size();
    }

    void record(int caller, Outcome outcome, Duration age) {
        long epoch = circuit.snapshot().epoch();
        Settlement settlement = guards.get(caller).record(outcome, age);
        boolean isHeldBack =
                settlement == Settlement.IGNORED && circuit.snapshot().epoch() == epoch;
        assertThat(settlement)
                .as("settlement")
                .isEqualTo(model.record(caller, outcome, age.toNanos(), now(), () -> isHeldBack));
    }

    void override(OverrideAction action, @Nullable Duration hold) {
        ManualOverride override = ManualOverride.of(action, "tester");
        long end = ModelCircuit.NEVER;
        if (hold != null) {
            override = override.until(time.wallTime().plus(hold));
            end = now() + hold.toNanos();
        }
        boolean moved = circuit.override(override);
        assertThat(moved).as("a new epoch").isEqualTo(model.override(action, end, now()));
    }

    void putGate(int which, @Nullable Duration span) {
        Gate gate = Gate.ofAgents(id.organization(), "*ag*", "tester").named("gate-" + which);
        manager.gates().put(span == null ? gate : gate.until(time.wallTime().plus(span)));
        gates.put(which, span == null ? ModelCircuit.NEVER : now() + span.toNanos());
    }

    void removeGate(int which) {
        Long end = gates.remove(which);
        assertThat(manager.gates().remove(id.organization(), "gate-" + which, "tester", null) != null)
                .as("a gate in effect")
                .isEqualTo(end != null && end > now());
    }

    void change(CircuitBreakerConfig config) {
        manager.putDefaultPolicy(config);
        model.change(config);
    }

    void advance(Duration span) {
        time.advance(span);
        model.advance(now());
    }

    /** Moves to an edge, or by nudge past it; stays where the edge is not ahead. */
    void advanceTo(Edge edge, long nudge) {
        Duration window = model.config.window().time();
        long target = edge(edge, window == null || model.oldestCall() == ModelCircuit.NEVER ? -1 : window.toNanos());
        if (target != ModelCircuit.NEVER && target + nudge > now()) {
            advance(Duration.ofNanos(target + nudge - now()));
        }
    }

    private long edge(Edge edge, long window) {
        return switch (edge) {
            case COOLDOWN_END ->
                model.state == CircuitState.OPEN && !model.held ? model.cooldownEnd : ModelCircuit.NEVER;
            case LEASE_END -> model.nextLeaseEnd(now());
            case HOLD_END -> model.holdEnd;
            case WINDOW_END -> window < 0 ? ModelCircuit.NEVER : model.oldestCall() + window;
            case WINDOW_AND_A_TENTH -> window < 0 ? ModelCircuit.NEVER : model.oldestCall() + window + window / 10;
        };
    }

    private void compare(Step step) {
        CircuitSnapshot real = circuit.snapshot();
        String where = " after " + step + " at " + Duration.ofNanos(now());
        assertThat(real.state()).as("state" + where).isEqualTo(model.state);
        assertThat(circuit.state()).as("state" + where).isEqualTo(model.state);
        assertThat(real.hold() != null).as("held" + where).isEqualTo(model.held);
        assertThat(real.epoch() - firstEpoch).as("epoch" + where).isEqualTo(model.epoch);
        assertThat(real.openings()).as("openings" + where).isEqualTo(model.openings);
        assertThat(real.late()).as("late" + where).isEqualTo(model.late);
        assertThat(real.retryAfter()).as("retryAfter" + where).isEqualTo(Duration.ofNanos(model.refusal(now())));
        boolean halfOpen = model.state == CircuitState.HALF_OPEN;
        assertThat(real.trialsOut()).as("trials out" + where).isEqualTo(halfOpen ? model.trialsOut(now()) : 0);
        assertThat(real.trialsSucceeded()).as("trials succeeded" + where).isEqualTo(halfOpen ? model.succeeded : 0);
        assertThat(real.failedTrials()).as("failed trials" + where).isEqualTo(model.failedTrials);
        assertThat(real.since()).as("since" + where).isEqualTo(model.epoch == 0 ? null : wall(model.since));
        assertThat(real.openedAt())
                .as("opened at" + where)
                .isEqualTo(model.state == CircuitState.CLOSED ? null : wall(model.openedAt));
        compareFigures(real.figures(), where);
        compareMoves(where);
    }

    private void compareFigures(Figures real, String where) {
        assertThat(real.consecutiveFailures()).as("streak" + where).isEqualTo(model.streak);
        List<ModelCircuit.Band> bands = model.figures(now());
        int[] figures = {real.calls(), real.failures(), real.timed(), real.slow()};
        for (int i = 0; i < figures.length; i++) {
            assertThat(bands.get(i).holds(figures[i]))
                    .as(real + " within calls, failures, timed, slow " + bands + where)
                    .isTrue();
        }
        if (model.state != CircuitState.CLOSED) {
            model.freeze(real);
        }
    }

    private void compareMoves(String where) {
        assertThat(heardRepeated).as("repeated overrides" + where).hasSize(model.repeatedOverrides);
        assertThat(heard).as("transitions" + where).hasSameSizeAs(model.moves);
        for (int i = 0; i < heard.size(); i++) {
            StateTransition real = heard.get(i);
            ModelCircuit.Move move = model.moves.get(i);
            assertThat(real.from()).as("from" + where).isEqualTo(move.from());
            assertThat(real.to()).as("to" + where).isEqualTo(move.to());
            assertThat(real.epoch() - firstEpoch).as("epoch heard" + where).isEqualTo(move.epoch());
            assertThat(move.causes()).as("causes" + where).contains(real.cause());
            assertThat(real.cooldown())
                    .as("cooldown" + where)
                    .isEqualTo(move.cooldown() < 0 ? null : Duration.ofNanos(move.cooldown()));
        }
        heard.clear();
        model.moves.clear();
    }

    private Instant wall(long tick) {
        return Instant.parse("2026-01-01T00:00:00Z").plusNanos(tick);
    }

    private long now() {
        return time.ticks();
    }

    @Override
    public void close() {
        manager.close();
    }
}
