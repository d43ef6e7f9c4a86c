package dev.interlock.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One client of the hub whose connection we fill and empty by hand. */
class SubscriberTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final FakeOutlet outlet = new FakeOutlet();
    private List<StreamEntry> agents = List.of(entry("planner", 3));
    private final StreamHub hub = new StreamHub(organization -> agents.iterator(), () -> NOW);

    @Test
    void a_client_gets_a_snapshot_and_then_what_changes() {
        hub.join("acme", outlet);
        hub.publish("acme", "circuit_state", "planner", 4, () -> new JsonObject().put("epoch", 4));
        outlet.work();
        assertThat(outlet.sent("type")).containsExactly("snapshot", "circuit_state");
        assertThat(outlet.written.get(0))
                .isEqualTo(
                        "{\"type\":\"snapshot\",\"seq\":1,\"data\":{\"circuits\":[{\"agent_id\":\"planner\"}],\"health\":{},"
                                + "\"agents\":{},\"more\":false,\"incidents\":null}}");
        assertThat(outlet.written.get(1)).isEqualTo("{\"type\":\"circuit_state\",\"seq\":1,\"data\":{\"epoch\":4}}");
    }

    @Test
    void the_text_of_a_message_is_made_once_for_all() {
        FakeOutlet second = new FakeOutlet();
        hub.join("acme", outlet);
        hub.join("acme", second);
        hub.publish("acme", "health_update", "planner", JsonObject::new);
        outlet.work();
        second.work();
        assertThat(outlet.written.get(1)).isSameAs(second.written.get(1));
    }

    @Test
    void another_organization_hears_nothing_not_even_in_the_numbers() {
        FakeOutlet rival = new FakeOutlet();
        hub.join("acme", outlet);
        hub.join("rival", rival);
        hub.publish("acme", "circuit_state", "planner", 4, JsonObject::new);
        hub.publish("rival", "circuit_state", "spy", 4, JsonObject::new);
        rival.work();
        assertThat(rival.written).hasSize(2);
        assertThat(rival.written.get(1)).contains("\"seq\":1");
    }

    @Test
    void nothing_is_made_where_nobody_listens() {
        hub.publish("acme", "circuit_state", "planner", 4, () -> {
            throw new AssertionError("nobody listens");
        });
    }

    @Test
    void a_large_snapshot_comes_in_pieces_and_what_changes_meanwhile_comes_after() {
        agents =
                IntStream.range(0, 10_000).mapToObj(i -> entry("agent-" + i, 1)).toList();
        hub.join("acme", outlet);
        outlet.workOnce();
        hub.publish("acme", "circuit_state", "agent-7", 2, JsonObject::new);
        outlet.work();
        assertThat(outlet.written).hasSize(10_000 / Subscriber.PIECE + 1);
        assertThat(outlet.sent("type")).endsWith("snapshot", "circuit_state");
        assertThat(outlet.written.get(99)).contains("\"more\":false");
        assertThat(outlet.written.subList(0, 99)).allMatch(piece -> piece.contains("\"more\":true"));
        assertThat(outlet.written).allMatch(piece -> piece.length() < 65_536);
    }

    @Test
    void a_change_that_the_snapshot_has_reported_already_is_not_sent_again() {
        agents = List.of(new StreamEntry("planner", 5, NOW.minusSeconds(1), new JsonObject(), null, null));
        hub.join("acme", outlet);
        hub.publish("acme", "circuit_state", "planner", 4, JsonObject::new);
        outlet.work();
        hub.publish("acme", "circuit_state", "planner", 5, JsonObject::new);
        hub.publish("acme", "circuit_state", "planner", 6, JsonObject::new);
        outlet.work();
        assertThat(outlet.sent("type")).containsExactly("snapshot", "circuit_state");
        assertThat(outlet.written.get(1)).contains("\"seq\":3");
    }

    @Test
    void a_client_that_does_not_read_is_not_written_to_and_gets_the_newest_when_it_reads() {
        hub.join("acme", outlet);
        outlet.work();
        outlet.full = true;
        for (int i = 1; i <= 1_000; i++) {
            long epoch = i;
            hub.publish("acme", "circuit_state", "planner", epoch, () -> new JsonObject().put("epoch", epoch));
        }
        outlet.work();
        assertThat(outlet.written).hasSize(1);
        outlet.read();
        assertThat(outlet.written).hasSizeLessThan(600).last().asString().contains("\"epoch\":1000");
        assertThat(outlet.sent("type")).doesNotContain("resync");
    }

    @Test
    void a_client_that_cannot_keep_up_is_asked_to_resync_and_gets_a_fresh_snapshot() {
        hub.join("acme", outlet);
        outlet.work();
        outlet.full = true;
        for (int i = 1; i <= 10_000; i++) {
            hub.publish("acme", "circuit_state", "agent-" + i, 1, JsonObject::new);
        }
        agents = List.of(entry("planner", 3), entry("writer", 3));
        outlet.read();
        hub.publish("acme", "circuit_state", "writer", 4, JsonObject::new);
        outlet.work();
        assertThat(outlet.sent("type")).containsExactly("snapshot", "resync", "snapshot", "circuit_state");
        assertThat(outlet.written.get(2)).contains("writer");
    }

    @Test
    void when_messages_were_lost_all_clients_get_fresh_snapshots() {
        hub.join("acme", outlet);
        outlet.work();
        hub.resyncAll();
        outlet.work();
        assertThat(outlet.sent("type")).containsExactly("snapshot", "resync", "snapshot");
    }

    @Test
    void a_client_that_left_gets_nothing_more() {
        Subscriber client = hub.join("acme", outlet);
        outlet.work();
        hub.leave("acme", client);
        hub.publish("acme", "circuit_state", "planner", 4, () -> {
            throw new AssertionError("nobody listens");
        });
        outlet.work();
        assertThat(outlet.written).hasSize(1);
    }

    @Test
    void an_organization_has_room_for_so_many_and_no_more() {
        for (int i = 0; i < StreamHub.MOST_CLIENTS; i++) {
            assertThat(hub.join("acme", new FakeOutlet())).isNotNull();
        }
        assertThat(hub.hasRoom("acme")).isFalse();
        assertThat(hub.join("acme", outlet)).isNull();
        assertThat(hub.join("rival", outlet)).isNotNull();
    }

    private static StreamEntry entry(String agent, long epoch) {
        return new StreamEntry(agent, epoch, null, new JsonObject().put("agent_id", agent), null, null);
    }

    /** A connection that is full when we say so. */
    private static final class FakeOutlet implements Outlet {
        final List<String> written = new ArrayList<>();
        final Deque<Runnable> tasks = new ArrayDeque<>();
        boolean full;
        private @Nullable Runnable whenRoom;

        void workOnce() {
            tasks.pollFirst().run();
        }

        void work() {
            while (!tasks.isEmpty()) {
                workOnce();
            }
        }

        void read() {
            full = false;
            work();
            if (whenRoom != null) {
                Runnable then = whenRoom;
                whenRoom = null;
                then.run();
                work();
            }
        }

        List<Object> sent(String field) {
            return written.stream()
                    .map(text -> new JsonObject(text).getValue(field))
                    .toList();
        }

        @Override
        public boolean isFull() {
            return full;
        }

        @Override
        public void write(String text) {
            written.add(text);
        }

        @Override
        public void onRoom(Runnable then) {
            whenRoom = then;
        }

        @Override
        public void run(Runnable task) {
            tasks.addLast(task);
        }

        @Override
        public void close(int code, String reason) {
            written.add("closed " + code + " " + reason);
        }
    }
}
