package dev.interlock.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * How much slower a quiet organization gets while another floods each room in turn, as a table. A program, not a test:
 * {@code main}.
 *
 * <p>The same flood is first aimed at another server on the same machine: so what is compared is the price of sharing a
 * server, and not that of sharing processors with whatever makes the flood. Ends with status 1 if the quiet one's p95 is more
 * than twice that, or more than twice 5 ms where that is more. The floods come from a process that gets only the processor
 * time that nobody else wants ({@link FloodProcess}), and have gone on for a while when they are measured.
 */
final class FairnessLoad {
    private static final Duration FLOOR = Duration.ofMillis(5);
    private static final Duration WARM = Duration.ofSeconds(10);
    private static final int TIMES = 2;
    private static final int ROUNDS = 100;

    /** Of the server that is flooded, and of the other one. */
    static final Map<String, String> SETTINGS =
            Map.of("max-circuits", "20000", "description-memory", "64", "log-quota", "4000");

    private FairnessLoad() {}

    /** Takes the number of rounds of quiet work, 100 unless given, and the rooms to flood, all unless given. */
    public static void main(String[] arguments) {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : ROUNDS;
        List<String> chosen = List.of(arguments).subList(Math.min(1, arguments.length), arguments.length);
        List<String> slow = new ArrayList<>();
        try (RunningServer server = new RunningServer(SETTINGS)) {
            int port = server.server().port();
            QuietWork quiet = new QuietWork(server);
            quiet.rounds(2 * rounds);
            System.out.println("| flooded room | quiet p95 alone | another server flooded | this one flooded |");
            System.out.println("|---|---|---|---|");
            for (String room : chosen.isEmpty() ? rooms(port) : chosen) {
                QuietWork.Times alone = quiet.rounds(rounds);
                QuietWork.Times[] flooded = new QuietWork.Times[2];
                FloodProcess.elsewhere(room, () -> flooded[0] = measured(quiet, rounds));
                FloodProcess.during(port, room, () -> flooded[1] = measured(quiet, rounds));
                System.out.printf(Locale.ROOT, "| %s | %s | %s | %s |%n", room, alone, flooded[0], flooded[1]);
                Duration base = flooded[0].p95().compareTo(FLOOR) > 0 ? flooded[0].p95() : FLOOR;
                if (flooded[1].p95().compareTo(base.multipliedBy(TIMES)) > 0) {
                    slow.add(room);
                }
            }
            System.out.println("Refusals of the quiet organization: " + new TreeSet<>(quiet.refusals()));
            System.out.println("More than " + TIMES + " x slower: " + slow);
        }
        System.exit(slow.isEmpty() ? 0 : 1);
    }

    /** Once the flood has gone on for a while: what is compiled for the first time takes a processor of its own. */
    private static QuietWork.Times measured(QuietWork quiet, int rounds) {
        long began = System.nanoTime();
        while (System.nanoTime() - began < WARM.toNanos()) {
            quiet.rounds(rounds);
        }
        return quiet.rounds(rounds);
    }

    private static Iterable<String> rooms(int port) {
        try (Floods floods = new Floods(port)) {
            return floods.rooms();
        }
    }
}
