package dev.interlock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private static final Path PAGE = Path.of("../docs/incidents.md");
    private static final String BEGIN = "<!-- worlds -->\n";
    private static final String END = "<!-- end of worlds -->\n";

    @Test
    void the_root_is_named_right_and_a_cause_is_one_incident() throws IOException {
        Worlds worlds =
                new Worlds(Rounds.of(500, 30), ThreadLocalRandom.current().nextLong());
        // What chance alone does to a share of so many causes, at three standard deviations.
        double chance = 3 * Math.sqrt(0.95 * 0.05 / worlds.causes());
        assertThat(worlds.named()).as(worlds.toString()).isGreaterThan(0.95 - chance);
        assertThat(worlds.incidentsACause()).as(worlds.toString()).isLessThan(1.1 + chance);
        if (Boolean.getBoolean("interlock.write")) {
            String page = Files.readString(PAGE);
            int begin = page.indexOf(BEGIN) + BEGIN.length();
            Files.writeString(PAGE, page.substring(0, begin) + worlds + page.substring(page.indexOf(END)));
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

    private static final class Worlds {
        private final int number;
        private final long seed;
        private final Map<Trouble, Row> withKinds = rows();
        private final Map<Trouble, Row> without = rows();
        private int incidents;

        Worlds(int number, long seed) {
            this.number = number;
            this.seed = seed;
            Random seeds = new Random(seed);
            for (int i = 0; i < number; i++) {
                boolean kinds = i % 2 == 0;
                IncidentWorld world = new IncidentWorld(seeds.nextLong(), kinds);
                incidents += world.incidents().size();
                world.causes().stream()
                        .filter(world::isSeen)
                        .forEach(cause -> count((kinds ? withKinds : without).get(cause.trouble()), world, cause));
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
