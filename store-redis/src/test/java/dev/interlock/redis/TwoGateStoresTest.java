package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateRecord.Removal;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateStoreContract;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which of two changes wins where Redis and the database behind it differ; both are in memory here. */
class TwoGateStoresTest extends GateStoreContract {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final One redis = new One();
    private final One database = new One();
    private final ArchivedGates both = new ArchivedGates(redis, database);

    @Override
    protected GateStore open() {
        return both;
    }

    @Test
    void what_one_lacks_it_gets_from_the_other() {
        redis.kept.write(List.of(put("in redis", 1)));
        database.kept.write(List.of(put("in the database", 3)));

        assertThat(both.read(NOON)).containsExactly(put("in redis", 1), put("in the database", 3));
        for (One each : List.of(redis, database)) {
            assertThat(each.kept.read(NOON)).containsExactlyInAnyOrder(put("in redis", 1), put("in the database", 3));
        }
    }

    @Test
    void the_higher_version_is_kept_wherever_it_is() {
        for (List<One> order : orders()) {
            String id = "stop " + orders().indexOf(order);
            order.get(0).kept.write(List.of(put(id, 4)));
            order.get(1).kept.write(List.of(put(id, 2)));

            assertThat(both.find("acme", id)).isEqualTo(put(id, 4));
            assertThat(both.read(NOON)).contains(put(id, 4));
            assertThat(order.get(1).kept.find("acme", id)).isEqualTo(put(id, 4));
        }
    }

    @Test
    void a_removal_that_one_has_comes_to_the_other_and_the_gate_is_gone() {
        for (List<One> order : orders()) {
            String id = "stop " + orders().indexOf(order);
            order.get(0).kept.write(List.of(put(id, 1).removed(removal())));
            order.get(1).kept.write(List.of(put(id, 1)));

            assertThat(both.read(NOON)).isEmpty();
            assertThat(order.get(1).kept.find("acme", id)).isEqualTo(put(id, 1).removed(removal()));
        }
    }

    @Test
    void of_two_changes_of_one_version_a_removal_wins_and_both_get_it_as_the_next_version() {
        for (List<One> order : orders()) {
            String id = "stop " + orders().indexOf(order);
            GateRecord removed = put(id, 1).removed(removal());
            order.get(0).kept.write(List.of(removed));
            order.get(1).kept.write(List.of(put(id, 2)));
            assertThat(both.find("acme", id)).isEqualTo(removed);

            assertThat(both.read(NOON)).isEmpty();
            assertThat(redis.kept.find("acme", id)).isEqualTo(removed.withVersion(3));
            assertThat(database.kept.find("acme", id)).isEqualTo(removed.withVersion(3));
        }
    }

    @Test
    void of_two_gates_of_one_version_the_one_that_was_put_later_wins() {
        for (List<One> order : orders()) {
            String id = "stop " + orders().indexOf(order);
            GateRecord later = put(id, 2, "later", NOON.plusSeconds(1));
            order.get(0).kept.write(List.of(later));
            order.get(1).kept.write(List.of(put(id, 2)));
            assertThat(both.find("acme", id)).isEqualTo(later);

            assertThat(both.read(NOON)).contains(later.withVersion(3));
            assertThat(redis.kept.find("acme", id)).isEqualTo(later.withVersion(3));
            assertThat(database.kept.find("acme", id)).isEqualTo(later.withVersion(3));
        }
    }

    @Test
    void where_both_have_the_same_nothing_is_written() {
        both.write(List.of(put("stop", 1)));
        redis.writes = 0;
        database.writes = 0;

        assertThat(both.read(NOON)).containsExactly(put("stop", 1));
        assertThat(redis.writes).isZero();
        assertThat(database.writes).isZero();
    }

    @Test
    void while_one_is_away_the_other_answers() {
        for (List<One> order : orders()) {
            order.get(0).away = true;
            order.get(1).kept.write(List.of(put("stop", 1)));
            assertThat(both.read(NOON)).containsExactly(put("stop", 1));
            assertThat(both.find("acme", "stop")).isEqualTo(put("stop", 1));
            assertThat(both.find("acme", "none")).isNull();
            order.get(0).away = false;
        }
        assertThat(both.find("acme", "none")).isNull();
    }

    @Test
    void while_both_are_away_nobody_answers() {
        redis.away = true;
        database.away = true;
        assertThatThrownBy(() -> both.read(NOON))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessage("Neither Redis nor the database can be reached");
        assertThatThrownBy(() -> both.find("acme", "stop")).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void a_change_while_redis_is_away_is_in_the_database_and_is_not_stored_yet() {
        redis.away = true;
        assertThatThrownBy(() -> both.write(List.of(put("stop", 1)))).isInstanceOf(StoreUnavailableException.class);
        assertThat(database.kept.find("acme", "stop")).isEqualTo(put("stop", 1));

        redis.away = false;
        assertThat(both.write(List.of(put("stop", 1))))
                .as("what is in the way is the change itself")
                .isEmpty();
        assertThat(redis.kept.find("acme", "stop")).isEqualTo(put("stop", 1));
    }

    @Test
    void a_change_while_the_database_is_away_is_in_redis_and_is_not_stored_yet() {
        database.away = true;
        assertThatThrownBy(() -> both.write(List.of(put("stop", 1)))).isInstanceOf(StoreUnavailableException.class);
        assertThat(redis.kept.find("acme", "stop")).isEqualTo(put("stop", 1));

        database.away = false;
        assertThat(both.write(List.of(put("stop", 1)))).isEmpty();
        assertThat(database.kept.find("acme", "stop")).isEqualTo(put("stop", 1));
    }

    @Test
    void what_redis_refuses_does_not_come_to_the_database() {
        redis.kept.write(List.of(put("stop", 5)));

        assertThat(both.write(List.of(put("stop", 3), put("other", 1)))).containsExactly(put("stop", 5));
        assertThat(database.kept.find("acme", "stop")).isNull();
        assertThat(database.kept.find("acme", "other")).isEqualTo(put("other", 1));
    }

    @Test
    void what_the_database_refuses_is_said_as_well() {
        database.kept.write(List.of(put("stop", 5)));
        GateRecord another = put("other", 1, "another", NOON);
        database.kept.write(List.of(another));

        assertThat(both.write(List.of(put("stop", 3), put("other", 1), put("third", 1))))
                .containsExactlyInAnyOrder(put("stop", 5), another);
    }

    @Test
    void whoever_subscribed_hears_of_what_either_gets_until_they_unsubscribe() {
        List<String> heard = new ArrayList<>();
        GateSubscriber subscriber = new GateSubscriber() {
            @Override
            public void onChanged(GateRecord record) {
                heard.add(record.id());
            }

            @Override
            public void onGap() {}
        };
        both.subscribe(subscriber);
        redis.kept.write(List.of(put("one", 1)));
        database.kept.write(List.of(put("two", 1)));
        both.unsubscribe(subscriber);
        redis.kept.write(List.of(put("three", 1)));
        database.kept.write(List.of(put("four", 1)));

        assertThat(heard).containsExactly("one", "two");
    }

    @Test
    void processes_hear_of_each_other_through_redis() {
        GateProcesses processes = both.processes();
        assertThat(processes).isSameAs(redis.kept.processes()).isNotNull();
    }

    private List<List<One>> orders() {
        return List.of(List.of(redis, database), List.of(database, redis));
    }

    private static Removal removal() {
        return new Removal("bob", null, NOON);
    }

    private static GateRecord put(String id, long version) {
        return put(id, version, "stamp of " + id, NOON);
    }

    private static GateRecord put(String id, long version, String stamp, Instant since) {
        return new GateRecord("acme", id, version, stamp, "organization", null, "ann", null, since, null, null);
    }

    /** One of the two; it can be away, and says how often it is written to. */
    private static final class One implements GateStore {
        final GateStore kept = new InMemoryCircuitStore().gates();
        volatile boolean away;
        int writes;

        private GateStore reached() {
            if (away) {
                throw new StoreUnavailableException("It is away", null);
            }
            return kept;
        }

        @Override
        public List<GateRecord> read(Instant now) {
            return reached().read(now);
        }

        @Override
        public @Nullable GateRecord find(String organization, String id) {
            return reached().find(organization, id);
        }

        @Override
        public List<GateRecord> write(Collection<GateRecord> changes) {
            writes++;
            return reached().write(changes);
        }

        @Override
        public @Nullable GateProcesses processes() {
            return kept.processes();
        }

        @Override
        public void subscribe(GateSubscriber subscriber) {
            kept.subscribe(subscriber);
        }

        @Override
        public void unsubscribe(GateSubscriber subscriber) {
            kept.unsubscribe(subscriber);
        }
    }
}
