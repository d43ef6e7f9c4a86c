package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.jdbc.BulkOverrides.Line;
import dev.interlock.jdbc.BulkOverrides.Whole;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Overrides of many circuits in a database. */
abstract class BulkOverridesContract {
    private static final Instant START = Instant.parse("2027-01-31T03:00:00Z");

    private Database database;
    private BulkOverrides bulk;

    abstract DatabaseSettings settings();

    @BeforeEach
    void start() {
        database = Database.open(settings());
        bulk = database.bulkOverrides();
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void one_is_found_as_it_was_added_by_its_organization_alone() {
        Whole whole =
                new Whole(new Line("acme", "one", START, "ada", "hold_open", "model:*", "an outage", 2, null), "[1,2]");
        bulk.add(whole);
        bulk.add(new Whole(
                new Line("acme", "two", START.plusSeconds(1), "bob", "undo", "model:*", null, 1, "one"), "[]"));
        bulk.add(new Whole(new Line("rival", "one", START, "eve", "close", "*", null, 3, null), "[]"));

        assertThat(bulk.find("acme", "one")).contains(whole);
        assertThat(bulk.find("acme", "three")).isEmpty();
        assertThat(bulk.of("acme")).extracting(Line::id).containsExactly("two", "one");
        assertThat(bulk.of("acme").get(0).undoes()).isEqualTo("one");
        assertThat(bulk.of("rival")).extracting(Line::actor).containsExactly("eve");
    }

    @Test
    void the_oldest_of_an_organization_go_first_and_all_with_the_audit_trail() {
        bulk.add(new Whole(new Line("rival", "old", START, "eve", "close", "*", null, 3, null), "[]"));
        for (int i = 0; i <= BulkOverrides.MOST_EACH; i++) {
            bulk.add(new Whole(
                    new Line("acme", "id-" + i, START.plusSeconds(i), "ada", "close", "*", null, 1, null), "[]"));
        }
        assertThat(bulk.of("acme")).hasSize(BulkOverrides.MOST_EACH);
        assertThat(bulk.find("acme", "id-0")).isEmpty();
        assertThat(bulk.find("rival", "old")).isPresent();

        database.purge(START.plusSeconds(2));
        assertThat(bulk.find("rival", "old")).isEmpty();
        assertThat(bulk.of("acme")).hasSize(BulkOverrides.MOST_EACH - 1);
    }
}
