package dev.interlock.redis;

import static dev.interlock.redis.StoresInMemory.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.UnreadableRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What Redis gets from the database after it has forgotten, and what stays as it is. */
class ComparisonTest {
    private static final long EVERY = Duration.ofMinutes(5).toNanos();

    private final StoresInMemory.Front redis = new StoresInMemory.Front();
    private final StoresInMemory.Database database = new StoresInMemory.Database();
    private final Comparison comparison = new Comparison(redis, database, Duration.ofMinutes(5));
    private final Brought brought = new Brought();

    /** What was said to have come to Redis. */
    private static final class Brought implements CircuitReader {
        private final List<CircuitRecord> records = new ArrayList<>();
        private final List<String> unreadable = new ArrayList<>();

        @Override
        public void read(CircuitRecord record) {
            records.add(record);
        }

        @Override
        public void unreadable(UnreadableRecordException why) {
            unreadable.add(why.name());
        }
    }

    @Test
    void what_only_the_database_knows_comes_to_redis_as_the_next_epoch() {
        database.kept.write(List.of(CircuitChange.of(record("planner", "half_open", 7))));
        comparison.make(brought, 0);

        CircuitRecord again = record("planner", "open", 8);
        assertThat(redis.kept.find("default", "planner")).isEqualTo(again);
        assertThat(brought.records).containsExactly(again);
        assertThat(brought.unreadable).isEmpty();
        comparison.make(brought, 0);
        assertThat(brought.records).as("once").hasSize(1);
    }

    @Test
    void what_redis_knows_stays_though_it_is_closed_or_older() {
        database.kept.write(
                List.of(CircuitChange.of(record("closed", "open", 7)), CircuitChange.of(record("older", "open", 9))));
        CircuitRecord closed = record("closed", "closed", 8);
        CircuitRecord older = record("older", "open", 3);
        redis.kept.write(List.of(CircuitChange.of(closed), CircuitChange.of(older)));
        comparison.make(brought, 0);

        assertThat(redis.kept.find("default", "closed")).isEqualTo(closed);
        assertThat(redis.kept.find("default", "older")).isEqualTo(older);
        assertThat(brought.records).isEmpty();
    }

    @Test
    void of_what_redis_knows_no_record_is_fetched() {
        database.kept.write(
                List.of(CircuitChange.of(record("both", "open", 7)), CircuitChange.of(record("missing", "open", 7))));
        redis.kept.write(List.of(CircuitChange.of(record("both", "open", 7))));
        comparison.make(brought, 0);

        assertThat(redis.handedOver).isEmpty();
        assertThat(database.handedOver).containsExactly("missing");
    }

    @Test
    void what_another_process_writes_meanwhile_is_kept_and_is_heard_of() {
        database.kept.write(List.of(CircuitChange.of(record("planner", "open", 7))));
        CircuitRecord others = record("planner", "half_open", 20);
        redis.first = () -> redis.kept.write(List.of(CircuitChange.of(others)));
        comparison.make(brought, 0);

        assertThat(redis.kept.find("default", "planner")).isEqualTo(others);
        assertThat(brought.records).containsExactly(others);
    }

    @Test
    void what_cannot_be_read_is_reported_and_keeps_no_other_from_being_brought() {
        database.unreadable = new UnreadableRecordException("default", "in the database", "it", null);
        database.kept.write(List.of(
                CircuitChange.of(record("unreadable in Redis", "open", 7)),
                CircuitChange.of(record("planner", "open", 7))));
        comparison.make(brought, 0);

        assertThat(brought.unreadable).containsExactly("in the database", "unreadable in Redis");
        assertThat(brought.records).containsExactly(record("planner", "open", 8));
    }

    @Test
    void it_is_due_at_first_and_then_every_five_minutes() {
        assertThat(comparison.untilDue(1_000)).isZero();
        comparison.make(brought, 1_000);

        assertThat(comparison.untilDue(1_000)).isEqualTo(EVERY);
        assertThat(comparison.untilDue(1_000 + EVERY - 1)).isEqualTo(1);
        assertThat(comparison.untilDue(1_000 + EVERY + 7)).isZero();
    }

    @Test
    void it_is_due_after_a_loss_also_after_one_amid_a_comparison() {
        comparison.make(brought, 0);
        comparison.lost();
        assertThat(comparison.untilDue(0)).isZero();

        database.whileRead = comparison::lost;
        comparison.make(brought, 0);
        assertThat(comparison.untilDue(0)).isZero();
        comparison.make(brought, 0);
        assertThat(comparison.untilDue(0)).isEqualTo(EVERY);
    }

    @Test
    void it_stays_due_while_the_database_is_away() {
        database.away = true;
        assertThatThrownBy(() -> comparison.make(brought, 0)).isInstanceOf(StoreUnavailableException.class);

        assertThat(comparison.untilDue(0)).isZero();
    }
}
