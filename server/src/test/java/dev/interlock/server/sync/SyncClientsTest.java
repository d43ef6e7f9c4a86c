package dev.interlock.server.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitId;
import dev.interlock.Gate;
import dev.interlock.ManualTimeSource;
import dev.interlock.server.http.Problem;
import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import dev.interlock.server.sync.SyncRequest.OnUnreachable;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Clients are remembered within bounds, and hear of what they watch alone. */
class SyncClientsTest {
    private static final Caller ACME = new Caller("acme", Role.AGENT, "key one", null, false);
    private static final Caller OTHER_KEY = new Caller("acme", Role.AGENT, "key two", null, false);

    private final ManualTimeSource time = new ManualTimeSource();

    private SyncClients clients(long bytes) {
        return new SyncClients(time, bytes, 3);
    }

    private static SyncRequest request(String client, @Nullable List<String> watch, long cursor) {
        return request(client, watch, 0, cursor);
    }

    private static SyncRequest request(String client, @Nullable List<String> watch, long number, long cursor) {
        return new SyncRequest(
                client, null, OnUnreachable.LOCAL, 1, cursor, watch, number, 0, 0, null, List.of(), null, null, false);
    }

    private static SyncClient join(SyncClients clients, Caller caller, String id, String... names) {
        return clients.heard(caller, request(id, List.of(names), -1), false);
    }

    @Test
    void a_silent_client_is_forgotten_with_all_that_it_took() {
        SyncClients clients = clients(1 << 20);
        join(clients, ACME, "one", "planner", "model:m");
        join(clients, ACME, "two", "model:m");
        assertThat(clients.bytes()).isPositive();

        time.advance(SyncClients.REMEMBERED.minusMillis(1));
        clients.heard(ACME, request("two", null, -1), true);
        time.advance(Duration.ofMillis(1));
        clients.forgetSilent();

        assertThat(clients.count("acme")).isEqualTo(1);
        assertThatThrownBy(() -> clients.heard(ACME, request("one", null, 1), true))
                .isInstanceOfSatisfying(
                        Problem.class, unknown -> assertThat(unknown.status()).isEqualTo(409));
        assertThat(clients.changes("acme").watched()).isEqualTo(1);
        time.advance(SyncClients.REMEMBERED);
        clients.forgetSilent();
        assertThat(clients.bytes()).isZero();
        assertThat(clients.changes("acme").watched()).isZero();
    }

    @Test
    void a_list_that_another_one_has_overtaken_takes_nothing() {
        SyncClients clients = clients(1 << 20);
        clients.heard(ACME, request("one", List.of("planner", "writer"), 2, -1), false);
        long before = clients.bytes();

        SyncClient client = clients.heard(ACME, request("one", List.of("planner", "a", "b", "c"), 1, -1), true);

        assertThat(client.watch().names()).containsExactly("planner", "writer");
        assertThat(clients.bytes()).isEqualTo(before);
        client = clients.heard(ACME, request("one", List.of("a"), 0, -1), true);
        assertThat(client.watch().names()).as("without a number").containsExactly("a");
        client = clients.heard(ACME, request("one", List.of("planner"), 1, -1), true);
        assertThat(client.watch().names())
                .as("older than the newest that had one")
                .containsExactly("a");
        clients.left(ACME, "one");
        assertThat(clients.bytes()).isZero();
        client = clients.heard(ACME, request("one", List.of("planner"), 1, -1), false);
        assertThat(client.watch().names()).as("after it left").containsExactly("planner");
    }

    @Test
    void a_client_that_leaves_is_forgotten_at_once_with_all_that_it_took() {
        SyncClients clients = clients(1 << 20);
        join(clients, ACME, "one", "planner");
        join(clients, OTHER_KEY, "one", "planner");
        clients.setGates(() -> List.of(Gate.ofOrganization("acme", "ann").named("stop")));
        long before = clients.bytes();

        clients.left(ACME, "one");

        assertThat(clients.behindGates("acme")).as("that of another key").isEqualTo(1);
        assertThat(clients.bytes()).isLessThan(before);
        assertThatThrownBy(() -> clients.heard(ACME, request("one", null, 1), true))
                .as("what it had sent before and comes late does not bring it back")
                .isInstanceOfSatisfying(
                        Problem.class, unknown -> assertThat(unknown.status()).isEqualTo(409));
        clients.left(OTHER_KEY, "one");
        clients.left(OTHER_KEY, "one");
        assertThat(clients.count("acme")).isZero();
        assertThat(clients.bytes()).isZero();
    }

    @Test
    void beyond_the_most_of_a_key_the_one_that_was_silent_for_longest_makes_room() {
        SyncClients clients = clients(1 << 20);
        for (String each : List.of("one", "two", "three")) {
            join(clients, ACME, each, "planner");
        }
        assertThatThrownBy(() -> join(clients, ACME, "four", "planner"))
                .isInstanceOfSatisfying(
                        Problem.class, full -> assertThat(full.status()).isEqualTo(429));
        join(clients, OTHER_KEY, "four", "planner");

        time.advance(SyncClients.LATELY);
        clients.heard(ACME, request("one", null, -1), true);
        join(clients, ACME, "four", "planner");

        assertThat(clients.count("acme")).isEqualTo(4);
        assertThatThrownBy(() -> clients.heard(ACME, request("two", null, -1), true))
                .isInstanceOf(Problem.class);
        clients.heard(ACME, request("one", null, -1), true);
        clients.heard(ACME, request("three", null, -1), true);
    }

    @Test
    void an_organization_takes_its_share_of_the_memory_and_no_more() {
        SyncClients clients = clients(40_000);
        String[] many = IntStream.range(0, 60).mapToObj(i -> "circuit-" + i).toArray(String[]::new);
        join(clients, ACME, "one", many);

        assertThatThrownBy(() -> join(
                        clients,
                        OTHER_KEY,
                        "two",
                        IntStream.range(100, 160).mapToObj(i -> "circuit-" + i).toArray(String[]::new)))
                .isInstanceOfSatisfying(
                        Problem.class, full -> assertThat(full.status()).isEqualTo(429));
        join(clients, new Caller("rival", Role.AGENT, "key", null, false), "one", "planner");
        long before = clients.bytes();
        join(clients, ACME, "one", "planner");
        assertThat(clients.bytes()).as("what is watched no longer").isLessThan(before - 60 * Changes.CIRCUIT_BYTES);
    }

    @Test
    void what_changed_is_news_until_the_cursor_says_that_it_is_known() {
        SyncClients clients = clients(1 << 20);
        SyncClient client = join(clients, ACME, "one", "planner", "writer");
        Changes changes = clients.changes("acme");
        long cursor = changes.now();
        assertThat(client.hasNews(cursor)).isFalse();

        changes.moved(new CircuitId("acme", "unwatched"), 1);
        assertThat(client.hasNews(cursor)).isFalse();
        changes.moved(new CircuitId("acme", "writer"), 1);
        assertThat(client.hasNews(cursor)).isTrue();
        assertThat(client.hasNews(changes.now())).isFalse();
        changes.policyChanged("plan*");
        assertThat(client.hasNews(changes.now() - 1)).isTrue();
        clients.missed();
        assertThat(client.hasNews(changes.now() - 1)).isTrue();
        assertThat(changes.knowsSince(changes.now() - 1)).isFalse();
        assertThat(changes.knowsSince(changes.now())).isTrue();
        assertThat(changes.knowsSince(changes.now() + 1))
                .as("a cursor that nobody was given")
                .isFalse();
    }

    @Test
    void a_cursor_confirms_the_gates_that_its_answer_had() {
        SyncClients clients = clients(1 << 20);
        join(clients, ACME, "one", "planner");
        assertThat(clients.behindGates("acme")).isZero();

        clients.setGates(() -> List.of(Gate.ofOrganization("acme", "ann").named("stop")));
        assertThat(clients.behindGates("acme")).isEqualTo(1);
        long cursor = clients.changes("acme").now();
        clients.heard(ACME, request("one", null, cursor - 1), true);
        assertThat(clients.behindGates("acme")).isEqualTo(1);
        clients.heard(ACME, request("one", null, cursor), false);
        assertThat(clients.behindGates("acme")).as("a cursor of another life").isEqualTo(1);
        clients.heard(ACME, request("one", null, cursor + 5), true);
        assertThat(clients.behindGates("acme"))
                .as("a cursor that nobody was given")
                .isEqualTo(1);
        clients.heard(ACME, request("one", null, cursor), true);
        assertThat(clients.behindGates("acme")).isZero();
    }

    @Test
    void a_report_has_its_turn_once() {
        Batches batches = new Batches();
        Batches.Turn first = batches.turn(1);
        assertThat(first.first()).isTrue();
        assertThat(batches.turn(1).receipt()).as("a copy waits for the first").isSameAs(first.receipt());
        assertThatThrownBy(() -> batches.turn(2))
                .isInstanceOfSatisfying(
                        Problem.class, early -> assertThat(early.status()).isEqualTo(409));

        batches.undo(new IllegalStateException("nothing was taken in"));
        assertThat(first.receipt()).isCompletedExceptionally();
        Batches.Turn again = batches.turn(1);
        assertThat(again.first()).isTrue();
        again.receipt().complete(new Receipt(1));
        assertThat(batches.turn(3).first()).as("a client may give one up").isTrue();
        assertThat(batches.turn(2).first()).isFalse();
        assertThat(batches.turn(2).receipt().join().json(true).getInteger("counted"))
                .isZero();
    }
}
