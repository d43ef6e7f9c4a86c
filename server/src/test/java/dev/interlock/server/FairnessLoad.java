package dev.interlock.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * How much slower a quiet organization gets while another floods each room in turn, as a table; ends with status 1 if its
 * p95 is more than twice of before, or of 20 ms where that is more. A program, not a test: {@code main}.
 *
 * <p>The floods come from a process that gets only the processor time that nobody else wants ({@link FloodProcess}), and
 * have gone on for a while when they are measured.
 */
final class FairnessLoad {
    private static final Duration FLOOR = Duration.ofMillis(20);
    private static final int TIMES = 2;
    private static final int ROUNDS = 50;

    private FairnessLoad() {}

    /** Takes the number of rounds of quiet work, 50 unless given, and the rooms to flood, all unless given. */
    public static void main(String[] arguments) {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : ROUNDS;
        List<String> chosen = List.of(arguments).subList(Math.min(1, arguments.length), arguments.length);
        List<String> slow = new ArrayList<>();
        try (RunningServer server =
                new RunningServer(Map.of("max-circuits", "20000", "description-memory", "64", "log-quota", "4000"))) {
            int port = server.server().port();
            QuietWork quiet = new QuietWork(server);
            quiet.rounds(2 * rounds);
            System.out.println("| flooded room | quiet p95 before | during |");
            System.out.println("|---|---|---|");
            for (String room : chosen.isEmpty() ? rooms(port) : chosen) {
                QuietWork.Times before = quiet.rounds(rounds);
                QuietWork.Times[] during = new QuietWork.Times[1];
                FloodProcess.during(port, room, () -> {
                    quiet.rounds(Math.max(1, rounds / 2));
                    during[0] = quiet.rounds(rounds);
                });
                System.out.printf(Locale.ROOT, "| %s | %s | %s |%n", room, before, during[0]);
                Duration base = before.p95().compareTo(FLOOR) > 0 ? before.p95() : FLOOR;
                if (during[0].p95().compareTo(base.multipliedBy(TIMES)) > 0) {
                    slow.add(room);
                }
            }
            System.out.println("Refusals of the quiet organization: " + new TreeSet<>(quiet.refusals()));
            System.out.println("More than " + TIMES + " x slower: " + slow);
        }
        System.exit(slow.isEmpty() ? 0 : 1);
    }

    private static Iterable<String> rooms(int port) {
        try (Floods floods = new Floods(port)) {
            return floods.rooms();
        }
    }
}
