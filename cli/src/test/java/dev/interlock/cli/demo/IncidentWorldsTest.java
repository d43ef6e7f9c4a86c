package dev.interlock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Rounds;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Made-up fleets in which things go wrong: whether incidents name what it was, and how many there are. With {@code
 * -Dinterlock.write=true} the table of the page is what came of these worlds.
 */
@Tag("heavy")
@Tag("thorough")
class IncidentWorldsTest {
    private static final int FULL = 500;
    private static final double NAMED = 0.95;
    private static final double INCIDENTS = 1.1;
    private static final Path PAGE = Path.of(System.getProperty("interlock.root", ".."), "docs", "incidents.md");
    private static final String BEGIN = "<!-- worlds -->\n";
    private static final String END = "<!-- end of worlds -->\n";

    @Test
    void the_root_is_named_right_and_a_cause_is_one_incident() throws IOException {
        String commit = commit();
        int number = Rounds.of(FULL, 30);
        Worlds worlds = new Worlds(number, ThreadLocalRandom.current().nextLong());
        // Of fewer worlds than a full run has: what chance alone does to a share of so many causes, at three standard
        // deviations.
        double chance = number < FULL ? 3 * Math.sqrt(NAMED * (1 - NAMED) / worlds.causes()) : 0;
        if (Boolean.getBoolean("interlock.write")) {
            String page = Files.readString(PAGE);
            int begin = page.indexOf(BEGIN) + BEGIN.length();
            Files.writeString(
                    PAGE,
                    page.substring(0, begin) + LocalDate.now(ZoneOffset.UTC) + ", commit " + commit + ": " + worlds
                            + page.substring(page.indexOf(END)));
        }
        assertThat(worlds.named()).as(worlds.toString()).isGreaterThanOrEqualTo(NAMED - chance);
        assertThat(worlds.incidentsACause()).as(worlds.toString()).isLessThanOrEqualTo(INCIDENTS + chance);
    }

    private static String commit() throws IOException {
        Process git = new ProcessBuilder("git", "rev-parse", "--short=12", "HEAD").start();
        try (BufferedReader said = git.inputReader(StandardCharsets.UTF_8)) {
            return said.readLine();
        }
    }

    /** What came of causes of one kind. */
    private static final class Row {
        int seen;
        int right;
        int otherUpstream;
        int agent;
        int partOfAnother;
    }

    /** What came of worlds with about as much noise. */
    private static final class Band {
        int seen;
        int right;
        int incidents;
    }

    private static final class Worlds {
        private final int number;
        private final long seed;
        private final Map<Trouble, Row> withKinds = rows();
        private final Map<Trouble, Row> without = rows();
        private final Band[] bands = {new Band(), new Band(), new Band(), new Band()};
        private int incidents;

        Worlds(int number, long seed) {
            this.number = number;
            this.seed = seed;
            Random seeds = new Random(seed);
            for (int i = 0; i < number; i++) {
                boolean kinds = i % 2 == 0;
                IncidentWorld world = new IncidentWorld(seeds.nextLong(), kinds);
                incidents += world.incidents().size();
                Band band = bands[(int) (world.noise() / IncidentWorld.MOST_NOISE * bands.length)];
                band.incidents += world.incidents().size();
                for (IncidentWorld.Cause cause : world.causes()) {
                    if (world.isSeen(cause)) {
                        count((kinds ? withKinds : without).get(cause.trouble()), world, cause);
                        band.seen++;
                        band.right += world.isNamed(cause) ? 1 : 0;
                    }
                }
            }
        }

        private static Map<Trouble, Row> rows() {
            Map<Trouble, Row> rows = new EnumMap<>(Trouble.class);
            for (Trouble trouble : Trouble.values()) {
                rows.put(trouble, new Row());
            }
            return rows;
        }

        private static void count(Row row, IncidentWorld world, IncidentWorld.Cause cause) {
            row.seen++;
            if (world.isNamed(cause)) {
                row.right++;
            } else if (world.namedInstead(cause).isEmpty()) {
                row.partOfAnother++;
            } else if (world.namedInstead(cause).get(0).contains(":")) {
                row.otherUpstream++;
            } else {
                row.agent++;
            }
        }

        int causes() {
            return sum(false);
        }

        double named() {
            return sum(true) / (double) sum(false);
        }

        double incidentsACause() {
            return incidents / (double) sum(false);
        }

        private int sum(boolean right) {
            return withKinds.values().stream()
                            .mapToInt(row -> right ? row.right : row.seen)
                            .sum()
                    + without.values().stream()
                            .mapToInt(row -> right ? row.right : row.seen)
                            .sum();
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(String.format(
                    Locale.ROOT,
                    "%d worlds (seed %d), %d causes that opened a circuit: the root was named right for %.1f %%, with %.2f"
                            + " incidents a cause.%n%n",
                    number,
                    seed,
                    sum(false),
                    named() * 100,
                    incidentsACause()));
            text.append(
                    "| cause | failures say why | causes | named right | another upstream | an agent | part of another |\n");
            text.append("|---|---|---:|---:|---:|---:|---:|\n");
            withKinds.forEach((trouble, row) -> line(text, trouble, "yes", row));
            without.forEach((trouble, row) -> line(text, trouble, "no", row));
            text.append(
                    "\n| calls that fail by chance | causes | named right | incidents a cause |\n|---|---:|---:|---:|\n");
            double width = IncidentWorld.MOST_NOISE * 100 / bands.length;
            for (int i = 0; i < bands.length; i++) {
                Band band = bands[i];
                text.append(String.format(
                        Locale.ROOT,
                        "| %.1f to %.1f %% | %d | %.1f %% | %.2f |%n",
                        i * width,
                        (i + 1) * width,
                        band.seen,
                        100.0 * band.right / band.seen,
                        band.incidents / (double) band.seen));
            }
            return text.append('\n').toString();
        }

        private static void line(StringBuilder text, Trouble trouble, String kinds, Row row) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %d | %d | %d | %d | %d |%n",
                    trouble.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    kinds,
                    row.seen,
                    row.right,
                    row.otherUpstream,
                    row.agent,
                    row.partOfAnother));
        }
    }
}
