package dev.interlock.cli.demo;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.FailureKind;
import dev.interlock.ManualTimeSource;
import dev.interlock.StateTransition;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.monitor.incidents.IncidentTracker;
import dev.interlock.monitor.incidents.Topology;
import dev.interlock.settings.PolicySettings;
import dev.interlock.store.TransitionRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Forty minutes of a made-up fleet in which up to five things go wrong, and what the tracker of incidents makes of it. The
 * fleet, what goes wrong and how many calls fail by chance are drawn by the seed.
 */
final class IncidentWorld {
    private static final long MINUTE = 60_000;
    private static final long END = 40 * MINUTE;
    private static final long STEP = 1_000;
    private static final long LATE = 10_000;
    private static final int TEAMS = 5;
    private static final int TOOLS = 9;
    /** The largest share of calls that fail though nothing is wrong; with more, circuits open by chance. */
    static final double MOST_NOISE = 0.02;

    private static final List<String> MODELS = List.of("model:a", "model:b", "model:c", "model:d");

    private final Random random;
    private final boolean kinds;
    private final double noise;
    private final List<Cause> causes = new ArrayList<>();
    private final Map<String, Set<String>> dependencies = new HashMap<>();
    private final Map<String, Incident> incidents = new LinkedHashMap<>();
    private final List<StateTransition> openings = new ArrayList<>();
    private final Cast cast;

    /**
     * What went wrong.
     *
     * @param trouble what
     * @param target with whom
     * @param from from when, in milliseconds of the story
     * @param until until when
     */
    record Cause(Trouble trouble, String target, long from, long until) implements Troubles {
        @Override
        public boolean isOn(long at, Trouble which, String whom) {
            return trouble == which && from <= at && at < until && target.equals(whom);
        }
    }

    /**
     * @param seed draws the world
     * @param kinds whether agents say how calls fail, or only that they do
     */
    IncidentWorld(long seed, boolean kinds) {
        this.random = new Random(seed);
        this.kinds = kinds;
        this.noise = random.nextDouble() * MOST_NOISE;
        this.cast = cast();
        int number = 1 + random.nextInt(5);
        for (int i = 0; i < number; i++) {
            causes.add(cause());
        }
        play(seed);
    }

    /** The share of calls that fail though nothing is wrong. */
    double noise() {
        return noise;
    }

    List<Cause> causes() {
        return causes;
    }

    /** The incidents that were not found to be part of another one. */
    List<Incident> incidents() {
        return incidents.values().stream()
                .filter(each -> each.mergedInto() == null)
                .toList();
    }

    /** Whether a circuit opened because of it: the target's own, or that of somebody who depends on it. */
    boolean isSeen(Cause cause) {
        return openings.stream()
                .anyMatch(each -> isDuring(cause, each.at())
                        && (each.id().name().equals(cause.target())
                                || dependencies
                                                .getOrDefault(each.id().name(), Set.of())
                                                .contains(cause.target())
                                        && !kinds));
    }

    /** Whether an incident that went on meanwhile has its target for its root. */
    boolean isNamed(Cause cause) {
        return incidents().stream()
                .anyMatch(each -> each.root().equals(cause.target())
                        && moment(each.began()) < cause.until() + LATE
                        && moment(each.lastOpening()) >= cause.from());
    }

    /** The roots of incidents that began while it was on. */
    List<String> namedInstead(Cause cause) {
        return incidents().stream()
                .filter(each -> isDuring(cause, each.began()))
                .map(Incident::root)
                .toList();
    }

    private static boolean isDuring(Cause cause, Instant at) {
        return cause.from() <= moment(at) && moment(at) < cause.until() + LATE;
    }

    private static long moment(Instant at) {
        return at.toEpochMilli() - START.toEpochMilli();
    }

    private static final Instant START = new ManualTimeSource().wallTime();

    private void play(long seed) {
        ManualTimeSource time = new ManualTimeSource();
        VirtualStage stage = new VirtualStage(time);
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(time)
                .executor(Runnable::run)
                .build()) {
            IncidentTracker tracker = new IncidentTracker(new Seen(circuits));
            circuits.addListener(transition -> {
                if (transition.opens()) {
                    openings.add(transition);
                }
                tracker.take(line(transition));
            });
            Rules.of(1).forEach((pattern, settings) -> circuits.putPolicy(pattern, PolicySettings.read(settings)));
            World world = new World(
                    seed,
                    (at, trouble, target) -> causes.stream().anyMatch(each -> each.isOn(at, trouble, target)),
                    noise);
            Gate gate = new Noting(new ManagerGate(circuits, cast));
            Tally tally = new Tally();
            cast.members()
                    .forEach(member ->
                            new Agent(member, seed, world, stage, gate, tally, (agent, from, to) -> {}).begin());
            for (long now = STEP; now <= END; now += STEP) {
                stage.playUntil(now);
                tracker.advance(time.wallTime());
                tracker.takeChanges()
                        .forEach(each -> incidents.put(each.incident().id(), each.incident()));
            }
        }
    }

    private Cast cast() {
        List<Member> members = new ArrayList<>();
        for (int team = 0; team < TEAMS; team++) {
            String usual = MODELS.get(random.nextInt(MODELS.size()));
            int size = 5 + random.nextInt(6);
            for (int i = 0; i < size; i++) {
                String model = random.nextInt(3) > 0 ? usual : MODELS.get(random.nextInt(MODELS.size()));
                String spare =
                        MODELS.get((MODELS.indexOf(model) + 1 + random.nextInt(MODELS.size() - 1)) % MODELS.size());
                Set<String> tools = new TreeSet<>();
                while (tools.size() < 3) {
                    tools.add("tool:" + random.nextInt(TOOLS));
                }
                members.add(new Member(
                        "agent-" + team + "-" + i,
                        model,
                        spare,
                        "key:team-" + team,
                        List.copyOf(tools),
                        random.nextInt(6) == 0));
            }
        }
        return new Cast(members);
    }

    private Cause cause() {
        Trouble trouble = Trouble.values()[random.nextInt(Trouble.values().length)];
        List<String> targets = switch (trouble) {
            case OVERLOADED_MODEL -> cast.models();
            case EXHAUSTED_KEY -> cast.teamKeys();
            case SLOW_TOOL -> cast.tools();
            case LOOPING_AGENT -> cast.agents(false);
            case GARBLED_ANSWERS -> cast.members().stream().map(Member::name).toList();
        };
        long from = MINUTE + random.nextInt((int) (END - 11 * MINUTE));
        return new Cause(
                trouble,
                targets.get(random.nextInt(targets.size())),
                from,
                from + MINUTE + random.nextInt((int) (6 * MINUTE)));
    }

    private static TransitionRecord line(StateTransition transition) {
        return new TransitionRecord(
                transition.id().organization(),
                transition.id().name(),
                transition.epoch(),
                text(transition.from().name()),
                text(transition.to().name()),
                transition.at(),
                text(transition.cause().name()),
                null,
                false,
                transition.kind() == null ? null : transition.kind().name(),
                null,
                0,
                0,
                0,
                false,
                null,
                null,
                null,
                0);
    }

    private static String text(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** The state of all is what their circuits say. */
    private final class Seen implements Topology {
        private final CircuitBreakerManager circuits;

        Seen(CircuitBreakerManager circuits) {
            this.circuits = circuits;
        }

        @Override
        public Set<String> dependencies(String name) {
            return dependencies.getOrDefault(name, Set.of());
        }

        @Override
        public Users users(String name) {
            int known = 0;
            int failing = 0;
            for (Map.Entry<String, Set<String>> each : dependencies.entrySet()) {
                if (each.getValue().contains(name)) {
                    known++;
                    CircuitSnapshot circuit = circuits.snapshot(CircuitId.of(each.getKey()));
                    failing += circuit.isNotClosed() || circuit.figures().consecutiveFailures() > 0 ? 1 : 0;
                }
            }
            return new Users(known, known, failing);
        }
    }

    /** Notes who uses what, as the server does, and takes the kinds away in a world without. */
    private final class Noting implements Gate {
        private final Gate gate;

        Noting(Gate gate) {
            this.gate = gate;
        }

        @Override
        public void ask(String agent, List<String> dependsOn, Consumer<Answer> then) {
            note(agent, dependsOn);
            gate.ask(
                    agent,
                    dependsOn,
                    answer -> then.accept(
                            answer.leave() == null
                                    ? answer
                                    : Answer.leave(ending -> answer.leave().accept(plain(ending)))));
        }

        @Override
        public void log(Call call, Ending ending, boolean guarded) {
            note(call.agent(), call.isOfModel() ? List.of(call.target(), call.key()) : List.of(call.target()));
            gate.log(call, plain(ending), guarded);
        }

        private void note(String agent, List<String> names) {
            dependencies.computeIfAbsent(agent, fresh -> new HashSet<>()).addAll(names);
        }

        private Ending plain(Ending ending) {
            return kinds || ending.isGood() ? ending : new Ending(FailureKind.ERROR, ending.took());
        }
    }
}
