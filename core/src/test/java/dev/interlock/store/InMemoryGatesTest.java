package dev.interlock.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InMemoryGatesTest extends GateStoreContract {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final InMemoryCircuitStore store = new InMemoryCircuitStore();

    @Override
    protected GateStore open() {
        return store.gates();
    }

    @Test
    void who_subscribes_hears_of_what_is_written_until_it_leaves() {
        List<GateRecord> heard = new ArrayList<>();
        GateSubscriber subscriber = new GateSubscriber() {
            @Override
            public void onChanged(GateRecord record) {
                heard.add(record);
            }

            @Override
            public void onGap() {
                throw new AssertionError("nothing is missed");
            }
        };
        store.gates().subscribe(subscriber);
        store.gates().write(List.of(gate("stop")));
        store.gates().write(List.of(gate("stop")));
        assertThat(heard).as("what was in the way is not written").containsExactly(gate("stop"));
        store.gates().unsubscribe(subscriber);
        store.gates().write(List.of(gate("another")));
        assertThat(heard).hasSize(1);
    }

    private static GateRecord gate(String id) {
        return new GateRecord("acme", id, 1, "stamp", "organization", null, "ann", null, NOON, null, null);
    }
}
