package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.ManualTimeSource;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TicketsTest {
    @TempDir
    private Path folder;

    private final ManualTimeSource time = new ManualTimeSource();
    private final Vertx vertx = Vertx.vertx();
    private Security security;
    private Tickets tickets;
    private Caller viewer;

    @BeforeEach
    void start() {
        security = Security.open(
                vertx, SecuritySettings.of("configured-key", folder, List.of()), new InMemoryKeys(), time);
        tickets = security.tickets();
        Caller root = new ConfiguredKey("configured-key").caller();
        CreatedKey made = security.keys().create(root, new KeyRequest("eye", "viewer", "acme", null));
        viewer = Objects.requireNonNull(
                security.authenticator().authenticate("Bearer " + made.key()).result());
    }

    @AfterEach
    void stop() {
        security.close();
        vertx.close().await();
    }

    @Test
    void a_ticket_names_its_caller_once() {
        Ticket ticket = tickets.issue(viewer);

        assertThat(ticket.expiresAt()).isEqualTo(time.wallTime().plusSeconds(30));
        assertThat(ticket.ticket()).hasSizeGreaterThan(43);
        assertThat(ticket).asString().doesNotContain(ticket.ticket());
        assertThat(tickets.redeem(ticket.ticket())).isEqualTo(viewer);
        assertThat(tickets.redeem(ticket.ticket())).isNull();
        assertThat(tickets.redeem("ilt_made-up")).isNull();
    }

    @Test
    void a_ticket_ends_after_thirty_seconds() {
        Ticket early = tickets.issue(viewer);
        Ticket late = tickets.issue(viewer);
        time.advance(Duration.ofSeconds(30).minusNanos(1));
        assertThat(tickets.redeem(early.ticket())).isNotNull();

        time.advance(Duration.ofNanos(1));

        assertThat(tickets.redeem(late.ticket())).isNull();
        assertThat(tickets.size()).isZero();
    }

    @Test
    void a_ticket_of_a_key_that_was_removed_since_does_not_count() {
        Ticket ticket = tickets.issue(viewer);
        security.keys()
                .remove(new ConfiguredKey("configured-key").caller(), "acme", Objects.requireNonNull(viewer.keyId()));

        assertThat(tickets.redeem(ticket.ticket())).isNull();
    }

    @Test
    void hoarding_is_bounded_for_each_caller_and_organization_and_ends_with_the_tickets() {
        for (int i = 0; i < Tickets.MOST_EACH; i++) {
            tickets.issue(viewer);
        }
        assertThatThrownBy(() -> tickets.issue(viewer)).isInstanceOf(TooManyRequestsException.class);

        int share = Tickets.MOST / 100 * Tickets.PERCENT;
        int callers = share / Tickets.MOST_EACH - 1;
        for (int i = 0; i < callers * Tickets.MOST_EACH; i++) {
            tickets.issue(new Caller("acme", Role.VIEWER, "caller " + i % callers, null, false));
        }
        Caller another = new Caller("acme", Role.VIEWER, "another", null, false);
        assertThatThrownBy(() -> tickets.issue(another)).isInstanceOf(TooManyRequestsException.class);
        assertThat(tickets.size()).isEqualTo(share);
        assertThat(tickets.issue(new Caller("globex", Role.VIEWER, "another", null, false)))
                .as("another organization's share is its own")
                .isNotNull();

        time.advance(Duration.ofSeconds(30));
        assertThat(tickets.issue(another)).isNotNull();
        assertThat(tickets.size()).isEqualTo(1);
    }
}
