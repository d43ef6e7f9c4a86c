package dev.interlock.cli.demo;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.ManualTimeSource;
import dev.interlock.StateTransition;
import dev.interlock.settings.PolicySettings;
import java.util.ArrayList;
import java.util.List;

/** The whole demo but for the server: the same fleet, world, policies and narrator, on a clock driven by hand. */
final class Play implements AutoCloseable {
    final List<Line> lines = new ArrayList<>();
    final List<StateTransition> transitions = new ArrayList<>();
    final Cast cast = new Cast();
    final Tally tally = new Tally();
    final CircuitBreakerManager circuits;
    private final VirtualStage stage;

    Play(long seed) {
        ManualTimeSource time = new ManualTimeSource();
        stage = new VirtualStage(time);
        Narrator narrator = new Narrator(cast, stage, tally, lines::add);
        circuits = CircuitBreakerManager.builder()
                .time(time)
                .executor(Runnable::run)
                .listener(transition -> {
                    transitions.add(transition);
                    narrator.changed(change(transition));
                })
                .build();
        Rules.of(1).forEach((pattern, settings) -> circuits.putPolicy(pattern, PolicySettings.read(settings)));
        new Fleet(seed, cast, stage, new ManagerGate(circuits, cast), tally, narrator).begin();
    }

    Play until(long millis) {
        stage.playUntil(millis);
        return this;
    }

    List<String> text() {
        return lines.stream().map(Line::plain).toList();
    }

    private static Change change(StateTransition transition) {
        dev.interlock.Figures figures = transition.figures();
        return new Change(
                transition.id().name(),
                transition.from(),
                transition.to(),
                transition.cause(),
                transition.kind(),
                figures == null
                        ? new Change.Figures(0, 0, 0, 0)
                        : new Change.Figures(
                                figures.calls(), figures.failures(), figures.slow(), figures.consecutiveFailures()),
                transition.cooldown() == null ? 0 : transition.cooldown().toMillis(),
                transition.hold() != null,
                transition.actor(),
                transition.reason());
    }

    @Override
    public void close() {
        circuits.close();
    }
}
