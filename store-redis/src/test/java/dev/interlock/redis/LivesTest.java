package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** By which lives of their memory masters have spoken, and under which keys those are named. */
class LivesTest {
    private final Keys keys = new Keys("interlock");
    private final Lives lives = new Lives(keys);

    @Test
    void a_single_redis_has_one_key() {
        assertThat(lives.key(master("one", slot -> true), false)).isEqualTo(keys.life());
    }

    @Test
    void each_master_of_a_cluster_has_a_key_in_a_slot_of_its_own() {
        IntPredicate upper = slot -> slot >= SlotHash.SLOT_COUNT / 2;
        String low = Objects.requireNonNull(lives.key(master("low", upper.negate()), true));
        String high = Objects.requireNonNull(lives.key(master("high", upper), true));

        assertThat(SlotHash.getSlot(low)).isLessThan(SlotHash.SLOT_COUNT / 2);
        assertThat(SlotHash.getSlot(high)).isGreaterThanOrEqualTo(SlotHash.SLOT_COUNT / 2);
        assertThat(new Lives(keys).key(master("other id", upper), true))
                .as("the same for all processes")
                .isEqualTo(high);
    }

    @Test
    void a_master_of_a_single_slot_has_one_too_and_one_of_none_has_none() {
        for (int only : new int[] {0, 1, SlotHash.SLOT_COUNT / 2, SlotHash.SLOT_COUNT - 1}) {
            String key = lives.key(master("of " + only, slot -> slot == only), true);
            assertThat(SlotHash.getSlot(Objects.requireNonNull(key))).isEqualTo(only);
        }
        assertThat(lives.key(master("of none", slot -> false), true)).isNull();
    }

    @Test
    void a_master_keeps_its_key_while_it_has_the_slot() {
        int slot = SlotHash.getSlot(keys.life(9));
        String first = lives.key(master("one", each -> each == slot), true);

        assertThat(lives.key(master("one", each -> true), true)).isEqualTo(first);
        assertThat(lives.key(master("one", each -> each != slot), true)).isNotEqualTo(first);
    }

    @Test
    void another_life_than_before_means_that_all_is_forgotten() {
        assertThat(lives.isAnother("key", "first")).as("nothing was known").isFalse();
        assertThat(lives.isAnother("key", "first")).isFalse();
        assertThat(lives.isAnother("of another master", "second")).isFalse();
        assertThat(lives.isAnother("key", "second")).isTrue();
        assertThat(lives.isAnother("key", "second")).isFalse();
    }

    /** One that nothing is asked of. */
    @SuppressWarnings("unchecked")
    private static Connected.Master master(String id, IntPredicate hasSlot) {
        RedisClusterAsyncCommands<String, String> silent =
                (RedisClusterAsyncCommands<String, String>) Proxy.newProxyInstance(
                        LivesTest.class.getClassLoader(),
                        new Class<?>[] {RedisClusterAsyncCommands.class},
                        (proxy, method, arguments) -> {
                            throw new AssertionError(method);
                        });
        return new Connected.Master(silent, id, hasSlot);
    }
}
