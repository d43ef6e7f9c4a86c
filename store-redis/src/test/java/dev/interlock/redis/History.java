package dev.interlock.redis;

import dev.interlock.redis.Life.Line;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What all nodes reported in a round and what happened to them, and what of it should not have been. For one thread.
 */
final class History {
    /** A trial while it runs. */
    private record Trial(Life life, String number, boolean detached, long at) {}

    private static final ModelOfHistories MODEL = new ModelOfHistories();
    private static final String FORGETS = "forgets";
    private static final String REMEMBERS = "remembers";

    private final List<Life> lives = new ArrayList<>();
    private final List<Line> events = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final long began = System.nanoTime();
    private int trials;
    private int openings;

    void add(Life life) {
        lives.add(life);
    }

    /** Something happened to somebody. */
    void event(String what) {
        events.add(new Line(lives.get(0), System.nanoTime(), "event", List.of(what)));
    }

    /** From now on Redis may not know any more who is trying; each node takes note by itself. */
    void forgets() {
        forgets(List.of());
    }

    /** The same, of a part of Redis where these circuits lie; others may be there as well. */
    void forgets(List<String> circuits) {
        events.add(new Line(lives.get(0), System.nanoTime(), FORGETS, circuits));
    }

    /** Nobody uses any more what Redis may have lost. */
    void remembers() {
        events.add(new Line(lives.get(0), System.nanoTime(), REMEMBERS, List.of()));
    }

    void violated(String what) {
        violations.add(what + " after " + events());
    }

    /** Trials of all. */
    int trials() {
        return trials;
    }

    /** Openings that were no adoptions. */
    int openings() {
        return openings;
    }

    /** Looks at everything once, at the end. */
    List<String> violations() {
        lives.forEach(life -> {
            checkMoves(life);
            checkPlaces(life);
            life.lines().stream()
                    .filter(line ->
                            line.what().equals("unreadable") || line.what().equals("hangs"))
                    .forEach(line -> violated(line.life() + " said " + line.more()));
        });
        checkTrials();
        violations.addAll(MODEL.violations(lines()));
        return List.copyOf(violations);
    }

    /** As the model reads them: who, when, what, and what belongs to it. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < lives.size(); i++) {
            for (Line line : lives.get(i).lines()) {
                lines.add(i + " " + line.nanos() + " " + line.what() + " " + String.join(" ", line.more()));
            }
            if (!lives.get(i).isAlive()) {
                lines.add(i + " " + lives.get(i).diedAt() + " died");
            }
        }
        events.forEach(line -> lines.add(
                String.join(" ", "-", Long.toString(line.nanos()), line.what(), String.join(" ", line.more()))));
        return lines;
    }

    /** Epochs rise, each epoch begins where the one before ended, and no step is one that a circuit cannot take. */
    private void checkMoves(Life life) {
        Map<String, Line> last = new HashMap<>();
        for (Line line : life.lines()) {
            if (!line.what().equals("moved")) {
                continue;
            }
            String from = line.more().get(1);
            String to = line.more().get(2);
            String cause = line.more().get(3);
            Line before = last.put(line.more().get(0), line);
            if (before != null && epoch(before) >= epoch(line)) {
                violated("epochs do not rise: " + before + " then " + line);
            }
            if (before != null && !before.more().get(2).equals(from)) {
                violated("a gap: " + before + " then " + line);
            }
            if (!isLegal(from, to, cause)) {
                violated("no such step: " + line);
            }
            openings += to.equals("OPEN") && cause.startsWith("FAILURE") ? 1 : 0;
        }
    }

    private static long epoch(Line moved) {
        return Long.parseLong(moved.more().get(4));
    }

    private static boolean isLegal(String from, String to, String cause) {
        return switch (cause) {
            case "FAILURE_STREAK", "FAILURE_RATE" -> from.equals("CLOSED") && to.equals("OPEN");
            case "COOLDOWN_OVER" -> from.equals("OPEN") && to.equals("HALF_OPEN");
            case "TRIAL_FAILED" -> from.equals("HALF_OPEN") && to.equals("OPEN");
            case "TRIALS_SUCCEEDED" -> !from.equals("CLOSED") && to.equals("CLOSED");
            default -> Set.of("ADOPTED", "RESUMED", "OVERRIDE").contains(cause);
        };
    }

    /** No trial of a connected node begins without a place that was given to that node. */
    private void checkPlaces(Life life) {
        int given = 0;
        for (Line line : life.lines()) {
            if (line.what().equals("asked") && line.more().get(2).equals("given")) {
                given++;
            } else if (line.what().equals("begins") && line.more().get(1).equals("false") && --given < 0) {
                violated("a trial without a place: " + line);
                given = 0;
            }
        }
    }

    /**
     * At each moment the connected nodes together run no more trials than may be, and so does each detached one by
     * itself. A node that has not noticed yet that Redis forgot goes by what was before, and is left out so long.
     */
    private void checkTrials() {
        List<Trial> running = new ArrayList<>();
        Set<Life> detached = new HashSet<>();
        Set<Life> unaware = new HashSet<>();
        for (Line line : inOrder()) {
            Life life = line.life();
            switch (line.what()) {
                case "is" -> {
                    if (Boolean.parseBoolean(line.more().get(0))) {
                        detached.add(life);
                    } else {
                        detached.remove(life);
                    }
                }
                case FORGETS -> {
                    lives.stream().filter(each -> each.knewBefore(line.nanos())).forEach(unaware::add);
                    running.removeIf(trial -> !trial.detached);
                }
                case "forgot" -> unaware.remove(life);
                case REMEMBERS -> unaware.clear();
                case "begins" -> {
                    trials++;
                    boolean alone = Boolean.parseBoolean(line.more().get(1));
                    if (alone || !unaware.contains(life)) {
                        running.add(new Trial(life, line.more().get(0), alone, line.nanos()));
                        check(running, running.get(running.size() - 1), detached);
                    }
                }
                case "ends" ->
                    running.removeIf(trial -> trial.life == life
                            && trial.number.equals(line.more().get(0)));
                case "died" -> running.removeIf(trial -> trial.life == life);
                default -> {}
            }
        }
    }

    private void check(List<Trial> running, Trial latest, Set<Life> detached) {
        List<Trial> together = running.stream()
                .filter(trial -> latest.detached
                        ? trial.detached && trial.life == latest.life
                        : !trial.detached && !detached.contains(trial.life))
                .toList();
        if (together.size() > LoadedNode.CAP) {
            violated(together.size() + " trials at once "
                    + together.stream()
                            .map(trial -> trial.life + " " + trial.number + (trial.detached ? " detached" : "")
                                    + " since " + millis(trial.at) + " " + movesBefore(trial.life, latest.at))
                            .toList());
        }
    }

    private List<String> movesBefore(Life life, long nanos) {
        List<String> moves = life.lines().stream()
                .filter(line -> line.nanos() <= nanos
                        && !line.what().equals("begins")
                        && !line.what().equals("ends"))
                .map(line -> millis(line.nanos()) + " " + line.what() + " " + String.join(" ", line.more()))
                .toList();
        return moves.subList(Math.max(0, moves.size() - 8), moves.size());
    }

    private List<Line> inOrder() {
        List<Line> all = new ArrayList<>(events);
        for (Life life : lives) {
            all.addAll(life.lines());
            if (!life.isAlive()) {
                all.add(new Line(life, life.diedAt(), "died", List.of()));
            }
        }
        all.sort(Comparator.comparingLong(Line::nanos));
        return all;
    }

    private List<String> events() {
        return events.stream()
                .map(line -> millis(line.nanos()) + " " + line.what() + " " + String.join(" ", line.more()))
                .toList();
    }

    private String millis(long nanos) {
        return (nanos - began) / 1_000_000 + " ms";
    }
}
