package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CircuitRecord;
import io.lettuce.core.cluster.SlotHash;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How keys are called: processes of different releases share them, so they do not change. */
class KeysTest {
    private final Keys keys = new Keys("interlock");

    @Test
    void keys_are_called_as_they_always_were() {
        assertThat(keys.record("acme", "planner")).isEqualTo("interlock:{acme/planner}:record");
        assertThat(keys.live("acme", "planner")).isEqualTo("interlock:{acme/planner}:live");
        assertThat(keys.record(planner())).isEqualTo(keys.record("acme", "planner"));
        assertThat(keys.live(planner())).isEqualTo(keys.live("acme", "planner"));
        assertThat(keys.callers("acme", "planner")).isEqualTo("interlock:{acme/planner}:callers");
        assertThat(keys.index("acme")).isEqualTo("interlock:{acme}:index");
        assertThat(keys.organizations()).isEqualTo("interlock:organizations");
        assertThat(keys.generation()).isEqualTo("interlock:generation");
        assertThat(keys.life()).isEqualTo("interlock:life");
        assertThat(keys.life(7)).isEqualTo("interlock:{7}:life");
        assertThat(keys.marks("permits", 3, 4)).isEqualTo("interlock:{marks/permits/3/4}");
        assertThat(keys.notes("permits", 3, 4)).isEqualTo("interlock:{marks/permits/3/4}/notes");
        assertThat(keys.gates()).isEqualTo("interlock:gates");
        assertThat(keys.gateProcesses()).isEqualTo("interlock:{gates}:processes");
        assertThat(keys.gateObeyed("put/1")).isEqualTo("interlock:{gates}:obeyed:put/1");
        assertThat(keys.gateChanges()).isEqualTo("interlock:gate-changes");
        assertThat(keys.changes()).isEqualTo("interlock:changes");
    }

    @Test
    void all_keys_of_one_circuit_lie_on_one_master_whatever_it_is_called() {
        for (String name : new String[] {"planner", "model:a/b", "}", "{", "a}b{c", "%7D", ""}) {
            assertThat(Stream.of(keys.record("acme", name), keys.live("acme", name), keys.callers("acme", name))
                            .map(SlotHash::getSlot)
                            .distinct())
                    .as(name)
                    .hasSize(1);
        }
    }

    @Test
    void no_two_circuits_share_a_key() {
        assertThat(Stream.of(
                                keys.record("a", "b/c"),
                                keys.record("a/b", "c"),
                                keys.record("a", "b%2Fc"),
                                keys.record("a", "b{c"),
                                keys.record("a", "b}c"),
                                keys.record("a", "b%7Bc"),
                                keys.record("a", "b%7Dc"))
                        .distinct())
                .hasSize(7);
    }

    private static CircuitRecord planner() {
        return new CircuitRecord(
                "acme",
                "planner",
                "open",
                1,
                0,
                0,
                0,
                0,
                0,
                null,
                Instant.EPOCH,
                null,
                null,
                false,
                null,
                null,
                null,
                "default",
                1);
    }
}
