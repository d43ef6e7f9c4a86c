import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Says whether the database behind Redis can have been used as it was for one circuit: whether it can have answered so, by
 * the same rule as Redis but without ever forgetting; whether it was given what was agreed, and overrides, alone; whether an
 * override was acknowledged only once it was there; and whether what Redis had forgotten came back from there, as it was.
 */
final class DatabaseHistory {
    /** By the words of the thread that compares: those of a process that asks Redis the same. */
    private static final Map<String, String> OF_REDIS =
            Map.of("brings", "writes", "brought", "wrote", "misses", "finds", "missed", "found");

    /** By the words for the database: those of a process that asks Redis the same. */
    private static final Map<String, String> OF_DATABASE =
            Map.of("keeps", "writes", "kept", "wrote", "recalls", "reads", "recalled", "read");

    private static final String OK = "ok";

    /** Where a record begins in the line of a write, behind its basis, and in those that say what is there. */
    private static final int WRITTEN = 2;

    private static final int READ = 1;

    private final String circuit;
    private final Set<Protocol.Fix> without;
    private final Consumer<String> violations;

    DatabaseHistory(String circuit, Set<Protocol.Fix> without, Consumer<String> violations) {
        this.circuit = circuit;
        this.without = without;
        this.violations = violations;
    }

    /** What a process does at Redis because of what the database has: to Redis that is one process more. */
    static List<Histories.Line> atRedis(List<Histories.Line> life) {
        return inOtherWords(life, OF_REDIS);
    }

    private static List<Histories.Line> inOtherWords(List<Histories.Line> life, Map<String, String> words) {
        return life.stream()
                .filter(line -> words.containsKey(line.what()))
                .map(line -> new Histories.Line(
                        line.life() + ", for the database,",
                        line.number(),
                        line.nanos(),
                        words.get(line.what()),
                        line.more()))
                .toList();
    }

    void check(Collection<List<Histories.Line>> lives) {
        if (lives.stream().allMatch(life -> inOtherWords(life, OF_DATABASE).isEmpty())) {
            return; // there is none
        }
        new RedisHistory(circuit, without, text -> violations.accept(text.replace("Redis", "The database")))
                .check(
                        lives.stream()
                                .map(life -> inOtherWords(life, OF_DATABASE))
                                .toList(),
                        List.of());
        for (List<Histories.Line> life : lives) {
            List<Histories.Line> lines = life.stream()
                    .filter(line ->
                            line.circuit().equals(circuit) || line.what().equals("opens"))
                    .toList();
            given(lines);
            brought(lines);
        }
    }

    /** What the database is given, and who is told that it has that. */
    private void given(List<Histories.Line> lines) {
        Set<List<String>> there = new HashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            Histories.Line line = lines.get(i);
            switch (line.what()) {
                case "kept" -> {
                    if (line.word(1).equals("stands")) {
                        there.add(record(line, WRITTEN));
                    }
                }
                case "keeps" -> {
                    if (!there.contains(record(line, WRITTEN))
                            && !isOwed(lines.subList(0, i), lines, record(line, WRITTEN))) {
                        violations.accept("the database is given what is neither agreed nor an override: " + line);
                    }
                }
                case "acknowledged" -> {
                    if (!isLasting(lines.subList(0, i), line.word(1))) {
                        violations.accept("acknowledged before the database has it: " + line);
                    }
                }
                default -> {}
            }
        }
    }

    /** Whether a process had agreed on it with others, or somebody had ordered it: an override is owed in any case. */
    private static boolean isOwed(List<Histories.Line> before, List<Histories.Line> all, List<String> record) {
        for (int i = 0; i < before.size(); i++) {
            Histories.Line line = before.get(i);
            if (line.what().equals("writes") && record(line, WRITTEN).equals(record)) {
                String answer = answer(all, i, "wrote");
                if (answer.equals(OK)
                        || answer.isEmpty()
                        || line.word(WRITTEN + 2).equals("held")) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the database has what was agreed of somebody's override, or something newer. */
    private static boolean isLasting(List<Histories.Line> before, String actor) {
        for (int i = 0; i < before.size(); i++) {
            Histories.Line line = before.get(i);
            boolean isAgreed = line.what().equals("writes")
                    && line.word(WRITTEN + 3).equals(actor)
                    && answer(before, i, "wrote").equals(OK);
            if (isAgreed && !isKept(before, Histories.epoch(line.word(WRITTEN)))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isKept(List<Histories.Line> before, int epoch) {
        for (int i = 0; i < before.size(); i++) {
            Histories.Line line = before.get(i);
            if (line.what().equals("keeps")
                    && Histories.epoch(line.word(WRITTEN)) >= epoch
                    && answer(before, i, "kept").equals(OK)) {
                return true;
            }
        }
        return false;
    }

    /** The first word of an answer; empty if there was none any more. */
    private static String answer(List<Histories.Line> lines, int question, String what) {
        return lines.subList(question, lines.size()).stream()
                .filter(line -> line.what().equals(what))
                .map(line -> line.word(1))
                .findFirst()
                .orElse("");
    }

    /** What Redis turns out to have no record of it gets from the database, as the next epoch. */
    private void brought(List<Histories.Line> lines) {
        Set<List<String>> recalled = new HashSet<>();
        boolean missing = false;
        for (Histories.Line line : lines) {
            switch (line.what()) {
                case "opens" -> missing = false;
                case "recalled" -> recalled.add(again(record(line, READ)));
                case "misses" -> {
                    if (missing) {
                        violations.accept("Redis did not get back what it had forgotten: " + line);
                    }
                }
                case "missed" -> missing = line.word(1).equals("nothing");
                case "brings" -> {
                    if (!missing || !recalled.contains(record(line, WRITTEN))) {
                        violations.accept(
                                "Redis is brought what it did not lack, or what the database has not: " + line);
                    }
                    missing = false;
                }
                default -> {}
            }
        }
    }

    /** Epoch, state, whether it is held and by whom, and who wrote it. */
    private static List<String> record(Histories.Line line, int from) {
        return line.more().subList(from, from + 5);
    }

    private static List<String> again(List<String> record) {
        List<String> again = new ArrayList<>(record);
        again.set(0, Long.toString(Long.parseLong(record.get(0)) + 1));
        again.set(1, record.get(1).equals("half_open") ? "open" : record.get(1));
        return again;
    }
}
