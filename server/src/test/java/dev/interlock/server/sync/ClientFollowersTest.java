package dev.interlock.server.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Gate;
import dev.interlock.ManualTimeSource;
import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import dev.interlock.server.sync.SyncRequest.OnUnreachable;
import dev.interlock.store.GateFollowers;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a server says of its clients to others, and understands of what they say of theirs. */
class ClientFollowersTest {
    private static final Caller ACME = new Caller("acme", Role.AGENT, "key one", null, false);

    private final ManualTimeSource time = new ManualTimeSource();
    private final SyncClients clients = new SyncClients(time, 1 << 22, SyncClients.MOST_OF_A_KEY);
    private final ClientFollowers followers = new ClientFollowers(clients, time);

    private void heard(String client, @Nullable String name, OnUnreachable unreachable, long cursor) {
        SyncRequest request = new SyncRequest(
                client, name, unreachable, 1, cursor, List.of("planner"), 0, 0, 0, null, List.of(), null, null, false);
        clients.heard(ACME, request, true);
    }

    private long stop() {
        clients.setGates(() -> List.of(Gate.ofOrganization("acme", "ann").named("stop")));
        return clients.changes("acme").gatesChanged();
    }

    @Test
    void who_has_confirmed_is_counted_and_who_has_not_is_named_with_what_it_does_and_since_when() {
        heard("1", "writer", OnUnreachable.REFUSE, -1);
        time.advance(Duration.ofSeconds(3));
        heard("2", null, OnUnreachable.ALLOW, -1);
        heard("3", "planner", OnUnreachable.LOCAL, -1);
        long mark = stop();
        heard("3", "planner", OnUnreachable.LOCAL, clients.changes("acme").now());
        time.advance(Duration.ofSeconds(2));

        GateFollowers said = followers.of("acme", mark);

        assertThat(said.confirmed()).isEqualTo(1);
        assertThat(said.missing()).isEqualTo(2);
        assertThat(followers.missing(said))
                .containsExactly(
                        new ClientBehind("2", "allow", Duration.ofSeconds(2)),
                        new ClientBehind("writer", "refuse", Duration.ofSeconds(5)));
        time.advance(Duration.ofSeconds(1));
        assertThat(followers.of("acme", mark))
                .as("nothing new is to be said because time has passed")
                .isEqualTo(said);
        assertThat(followers.missing(said).get(0).silent()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void a_hundred_are_named_and_all_are_counted() {
        for (int i = 0; i < 103; i++) {
            heard("client " + i, null, OnUnreachable.LOCAL, -1);
        }
        GateFollowers said = followers.of("acme", stop());
        assertThat(said.missing()).isEqualTo(103);
        assertThat(followers.missing(said)).hasSize(100);
    }

    @Test
    void once_all_have_confirmed_there_is_nobody_to_name() {
        long mark = stop();
        heard("1", "writer", OnUnreachable.LOCAL, clients.changes("acme").now());
        assertThat(followers.of("acme", mark)).isEqualTo(new GateFollowers(1, 0, ""));
        assertThat(followers.of("rival", mark)).isEqualTo(GateFollowers.NONE);
    }

    @Test
    void words_of_another_version_that_are_not_understood_name_nobody() {
        for (String details : List.of("", "not JSON", "{\"name\":\"a\"}", "[1,{\"name\":\"a\"},null]")) {
            assertThat(followers.missing(new GateFollowers(0, 1, details)))
                    .as(details)
                    .isEmpty();
        }
        assertThat(followers.missing(new GateFollowers(
                        0, 1, "[{\"name\":\"a\",\"on_unreachable\":\"local\",\"heard_at\":0,\"newer\":true}]")))
                .extracting(ClientBehind::name)
                .containsExactly("a");
    }
}
