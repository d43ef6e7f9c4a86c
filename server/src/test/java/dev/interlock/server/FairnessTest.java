package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One organization floods each room that all share, one after another, while a quiet one works: no request of the quiet
 * one is refused. How long they take is printed; {@link FairnessLoad} judges it.
 */
@Tag("heavy")
@Tag("thorough")
class FairnessTest {
    private static final int ROUNDS = Rounds.of(40, 3);
    private static final Map<String, String> SETTINGS =
            Map.of("max-circuits", "5000", "description-memory", "32", "log-quota", "2000");
    private static final Pattern ROW =
            Pattern.compile("^\\| ([a-z][a-z ]+) \\|.*\\| `?(\\w+)`? \\|$", Pattern.MULTILINE);

    @Test
    void no_flood_refuses_a_quiet_organization() {
        try (RunningServer server = new RunningServer(SETTINGS);
                Floods floods = new Floods(server.server().port())) {
            QuietWork quiet = new QuietWork(server);
            quiet.rounds(ROUNDS);
            for (String room : floods.rooms()) {
                QuietWork.Times before = quiet.rounds(ROUNDS);
                QuietWork.Times[] during = new QuietWork.Times[1];
                floods.during(room, () -> during[0] = quiet.rounds(ROUNDS));
                System.out.printf("%-26s p95 before %s, during %s%n", room, before, during[0]);
            }
            assertThat(quiet.refusals()).isEmpty();
            assertThat(quiet.requests()).isGreaterThan(1_000);
            assertThat(floods.refused()).as("what is flooded has a limit").isPositive();
            assertThat(quiet.rowsAreAllThere()).isTrue();
        }
    }

    /** The rows whose last column is this test are what it floods, no more and no less. */
    @Test
    void the_table_of_the_documentation_has_a_row_for_each_flood() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "security.md"));
        String table = page.substring(page.indexOf("<!-- rooms -->"), page.indexOf("<!-- end of rooms -->"));
        Set<String> rows = new TreeSet<>();
        Matcher matcher = ROW.matcher(table);
        while (matcher.find()) {
            if (matcher.group(2).equals("FairnessTest")) {
                rows.add(matcher.group(1));
            }
        }
        try (RunningServer server = new RunningServer();
                Floods floods = new Floods(server.server().port())) {
            Set<String> rooms = new TreeSet<>();
            floods.rooms().forEach(rooms::add);
            assertThat(rows).isEqualTo(rooms);
        }
    }

    /** Wherever a room is made, its file is in the table: a new one cannot be forgotten. */
    @Test
    void every_shared_room_of_the_code_is_in_the_table() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "security.md"));
        String table = page.substring(page.indexOf("<!-- rooms -->"), page.indexOf("<!-- end of rooms -->"));
        Pattern made = Pattern.compile("new (Shares|Workers|RowWriter<>|OwnedIds|RateLimiter|DailyQuota)\\(");
        Set<String> files = new TreeSet<>();
        for (String module : new String[] {"monitor", "store-jdbc", "server"}) {
            try (var all = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                for (Path file :
                        all.filter(path -> path.toString().endsWith(".java")).collect(Collectors.toList())) {
                    if (made.matcher(Files.readString(file)).find()) {
                        files.add(file.getFileName().toString().replace(".java", ""));
                    }
                }
            }
        }
        assertThat(files).isNotEmpty().allSatisfy(file -> assertThat(table).contains("`" + file + "`"));
    }
}
