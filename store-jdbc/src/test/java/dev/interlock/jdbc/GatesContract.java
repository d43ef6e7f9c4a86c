package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Gate;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateStoreContract;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gates in a database: what every store does, and who put and removed them. */
abstract class GatesContract extends GateStoreContract {
    private Database database;

    abstract DatabaseSettings settings();

    @BeforeEach
    void start() {
        database = Database.open(settings());
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Override
    protected GateStore open() {
        GateStore gates = database.circuits().gates();
        if (gates == null) {
            throw new AssertionError("A database keeps gates");
        }
        return gates;
    }

    @Test
    void whoPutAndRemovedAGateWhenAndWhyIsOnRecord() {
        Instant before = Instant.now().minusSeconds(1);
        try (CircuitBreakerManager circuits = manager()) {
            Gate stop = Gate.ofAgents("acme", "planner-*", "ann").named("stop").because("it spends too much");
            circuits.gates().put(stop);
            stored(circuits);
            circuits.gates().put(stop.until(Instant.now().plusSeconds(600)));
            stored(circuits);
            circuits.gates().remove("acme", "stop", "bob", "fixed");
            stored(circuits);
        }

        var lines = database.gateChanges().of("acme", GateChanges.NEWEST, 10);
        assertThat(lines).extracting(GateChanges.Line::action).containsExactly("removed", "put", "put");
        assertThat(lines).extracting(GateChanges.Line::version).containsExactly(3L, 2L, 1L);
        assertThat(lines).extracting(GateChanges.Line::actor).containsExactly("bob", "ann", "ann");
        assertThat(lines)
                .extracting(GateChanges.Line::reason)
                .containsExactly("fixed", "it spends too much", "it spends too much");
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.gate()).isEqualTo("stop");
            assertThat(line.covers()).isEqualTo("agents");
            assertThat(line.pattern()).isEqualTo("planner-*");
            assertThat(line.at()).isAfter(before);
        });
        assertThat(lines.get(2).until()).isNull();
        assertThat(lines.get(1).until()).isNotNull();
        assertThat(database.gateChanges().of("acme", lines.get(1).number(), 10)).hasSize(1);
        assertThat(database.gateChanges().of("another", GateChanges.NEWEST, 10)).isEmpty();
    }

    @Test
    void aGateIsThereAfterARestartBeforeTheFirstPermit() {
        try (CircuitBreakerManager circuits = manager()) {
            circuits.gates().put(Gate.ofUpstream("acme", "model:kimi", "ann").because("it is down"));
            stored(circuits);
        }
        database.close();
        start();

        try (CircuitBreakerManager circuits = manager()) {
            assertThat(circuits.gates().list("acme")).hasSize(1);
            assertThat(circuits.guard(new CircuitId("acme", "agent"))
                            .dependingOn("model:kimi")
                            .tryAcquire())
                    .isNull();
        }
    }

    @Test
    void whatIsOldIsForgottenButNotWhatWasRemovedWithoutAnEnd() {
        Instant longAgo = Instant.now().minusSeconds(1_000);
        try (CircuitBreakerManager circuits = manager()) {
            circuits.gates()
                    .put(Gate.ofOrganization("acme", "ann").named("ended").until(longAgo));
            circuits.gates().put(Gate.ofOrganization("acme", "ann").named("removed"));
            circuits.gates().put(Gate.ofOrganization("acme", "ann").named("lasting"));
            circuits.gates().remove("acme", "removed", "ann", null);
            stored(circuits);
        }
        database.purge(longAgo.plusSeconds(10));
        assertThat(open().find("acme", "ended")).isNull();
        assertThat(database.gateChanges().of("acme", GateChanges.NEWEST, 10)).isNotEmpty();

        database.purge(Instant.now().plusSeconds(10));
        assertThat(open().find("acme", "removed")).isNotNull();
        assertThat(open().find("acme", "lasting")).isNotNull();
        assertThat(database.gateChanges().of("acme", GateChanges.NEWEST, 10)).isEmpty();
    }

    private CircuitBreakerManager manager() {
        return CircuitBreakerManager.builder().store(database.circuits()).build();
    }

    private static void stored(CircuitBreakerManager circuits) {
        assertThat(circuits.gates().written())
                .succeedsWithin(Duration.ofSeconds(20))
                .isEqualTo(true);
    }
}
