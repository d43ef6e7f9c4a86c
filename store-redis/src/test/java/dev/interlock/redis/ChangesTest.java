package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a process hears of others, and when it is to look by itself. */
class ChangesTest {
    private static final Duration SLOW_AFTER = Duration.ofMillis(400);

    private static RedisServer redis;

    private final String prefix = "test-" + UUID.randomUUID();
    private final Keys keys = new Keys(prefix);
    private final Skew skew = new Skew();
    private final GateCodec gateCodec = new GateCodec(skew);
    private final Proxy proxy = new Proxy(redis.port());
    private final RedisLink link = new RedisLink(
            RedisSettings.of(proxy.url()).withPrefix(prefix).withSlowAfter(SLOW_AFTER), keys, skew, Instant::now);
    private final Changes changes = new Changes(link, keys, new RecordCodec(skew), gateCodec);
    private final Heard heard = new Heard();
    private RedisCircuitStore other;

    @BeforeAll
    static void launch() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    /** There was a gap until both channels are heard, and one for the time before that. */
    @BeforeEach
    void start() {
        other = RedisCircuitStore.open(Nodes.patient(redis.url(), prefix));
        changes.add(heard);
        changes.add(heard.ofGates);
        changes.start();
        link.start();
        eventually(() -> heard.count("gap") >= 3 && heard.count("gate gap") >= 3);
    }

    @AfterEach
    void close() {
        changes.close();
        link.close();
        other.close();
        proxy.close();
    }

    @Test
    void what_others_write_is_heard() {
        other.write(List.of(CircuitChange.of(record("planner", 5))));
        other.gates().write(List.of(gate("stop")));

        eventually(() -> heard.all().containsAll(List.of("planner 5", "gate stop")));
        assertThat(heard.circuits)
                .singleElement()
                .satisfies(each -> assertThat(each.writer()).isEqualTo(7));
        assertThat(heard.gates).extracting(GateRecord::author).containsExactly("ann");
    }

    @Test
    void whoever_has_been_removed_hears_nothing_more() {
        Heard gone = new Heard();
        changes.add(gone);
        changes.add(gone.ofGates);
        changes.remove(gone);
        changes.remove(gone.ofGates);
        changes.onForgotten();
        other.write(List.of(CircuitChange.of(record("planner", 5))));
        other.gates().write(List.of(gate("stop")));

        eventually(() -> heard.all().containsAll(List.of("planner 5", "gate stop")));
        assertThat(gone.all()).isEmpty();
    }

    @Test
    void one_that_throws_keeps_no_other_from_hearing() {
        changes.remove(heard);
        changes.remove(heard.ofGates);
        changes.add(new CircuitSubscriber() {
            @Override
            public void onChanged(CircuitRecord record) {
                throw new AssertionError("a subscriber that fails");
            }

            @Override
            public void onGap() {
                throw new AssertionError("a subscriber that fails");
            }
        });
        changes.add(heard);
        other.write(List.of(CircuitChange.of(record("planner", 5))));

        eventually(() -> heard.all().contains("planner 5"));
    }

    @Test
    void a_record_that_cannot_be_read_is_reported_with_its_key_and_its_redis() {
        publish(keys.changes(), RecordCodec.message(List.of("organization", "acme", "name", "planner", "epoch", "x")));

        eventually(() -> heard.all().contains("unreadable acme/planner"));
        assertThat(heard.unreadable)
                .singleElement()
                .satisfies(why -> assertThat(why)
                        .hasMessageEndingWith("delete the key '" + keys.record("acme", "planner") + "' of Redis at "
                                + link.settings().place()));
    }

    @Test
    void what_is_no_change_at_all_is_left_out() {
        publish(keys.changes(), "no change");
        publish(keys.changes(), RecordCodec.message(List.of("name", "planner", "epoch", "x")));
        publish(keys.changes(), RecordCodec.message(List.of("organization", "acme", "epoch", "x")));
        publish(keys.changes(), "");
        publish(keys.gateChanges(), "no gate");
        other.write(List.of(CircuitChange.of(record("planner", 5))));
        other.gates().write(List.of(gate("stop")));

        eventually(() -> heard.all().containsAll(List.of("planner 5", "gate stop")));
        assertThat(heard.all().stream().filter(each -> !each.endsWith("gap")))
                .containsExactlyInAnyOrder("planner 5", "gate stop");
    }

    @Test
    void after_it_was_attached_once_more_each_change_is_heard_once() {
        eventually(() -> listeners() == 2);
        changes.onAttached();
        eventually(() -> heard.count("gap") >= 6 && heard.count("gate gap") >= 6);
        eventually(() -> listeners() == 2);
        other.write(List.of(CircuitChange.of(record("planner", 5))));
        other.write(List.of(new CircuitChange(record("planner", 6), 5, List.of())));

        eventually(() -> heard.all().contains("planner 6"));
        assertThat(heard.circuits).extracting(CircuitRecord::epoch).containsExactly(5L, 6L);
    }

    @Test
    void that_redis_forgot_is_a_gap_for_gates() {
        changes.onForgotten();

        assertThat(heard.count("forgotten")).isEqualTo(1);
        assertThat(heard.count("gate gap")).isEqualTo(4);
    }

    @Test
    void now_and_then_all_is_compared_while_attached() {
        changes.reconcile();
        assertThat(heard.count("reconcile")).isEqualTo(1);
        assertThat(heard.count("gate gap")).isEqualTo(4);

        proxy.mode(Proxy.Mode.CUT);
        eventually(() -> !link.isAttached());
        changes.reconcile();
        assertThat(heard.count("reconcile")).isEqualTo(1);
        assertThat(heard.count("gate gap")).isEqualTo(4);
    }

    /** Its answers come late, and so do messages; what they say may be overtaken by what it does on its own. */
    @Test
    void a_detached_process_hears_nothing_and_learns_of_a_gap_when_it_is_back() {
        proxy.delay(3 * SLOW_AFTER.toMillis());
        eventually(() -> !link.isAttached());
        other.write(List.of(CircuitChange.of(record("planner", 5))));
        Instant arrived = Instant.now().plus(SLOW_AFTER.multipliedBy(5));
        eventually(() -> Instant.now().isAfter(arrived));
        int gaps = heard.count("gap");
        proxy.delay(0);
        eventually(() -> heard.count("gap") >= gaps + 3);
        other.write(List.of(new CircuitChange(record("planner", 6), 5, List.of())));

        eventually(() -> heard.all().contains("planner 6"));
        assertThat(heard.circuits).extracting(CircuitRecord::epoch).containsExactly(6L);
    }

    /** What is written before it listens again may be lost, and is a gap. */
    @Test
    void whoever_was_cut_off_hears_of_others_again() {
        proxy.mode(Proxy.Mode.CUT);
        eventually(() -> !link.isAttached());
        proxy.mode(Proxy.Mode.PASS);
        other.write(List.of(CircuitChange.of(record("planner", 5))));
        AtomicLong epoch = new AtomicLong(5);

        eventually(() -> {
            long before = epoch.getAndIncrement();
            other.write(List.of(new CircuitChange(record("planner", before + 1), before, List.of())));
            return heard.all().stream().anyMatch(each -> each.startsWith("planner"));
        });
    }

    private static void publish(String channel, String message) {
        redis.run(commands -> commands.publish(channel, message));
    }

    /** Connections that hear of changes of this prefix: this process' and the other's. */
    private long listeners() {
        return redis.run(commands -> commands.pubsubNumsub(keys.changes()).get(keys.changes()));
    }

    private static CircuitRecord record(String name, long epoch) {
        Instant noon = Instant.parse("2026-01-01T12:00:00Z");
        return new CircuitRecord(
                "default", name, "open", epoch, 1, 0, 1, 1, 0, null, noon, noon, null, false, null, null, null,
                "default", 7);
    }

    private static GateRecord gate(String id) {
        return new GateRecord("acme", id, 1, "stamp", "organization", null, "ann", null, Instant.now(), null, null);
    }

    /** What was heard, in words and in order. */
    private static final class Heard implements CircuitSubscriber {
        private final List<String> words = new CopyOnWriteArrayList<>();
        private final List<CircuitRecord> circuits = new CopyOnWriteArrayList<>();
        private final List<GateRecord> gates = new CopyOnWriteArrayList<>();
        private final List<UnreadableRecordException> unreadable = new CopyOnWriteArrayList<>();
        private final GateSubscriber ofGates = new GateSubscriber() {
            @Override
            public void onChanged(GateRecord record) {
                gates.add(record);
                words.add("gate " + record.id());
            }

            @Override
            public void onGap() {
                words.add("gate gap");
            }
        };

        List<String> all() {
            return List.copyOf(words);
        }

        int count(String word) {
            return (int) words.stream().filter(word::equals).count();
        }

        @Override
        public void onChanged(CircuitRecord record) {
            circuits.add(record);
            words.add(record.name() + " " + record.epoch());
        }

        @Override
        public void onGap() {
            words.add("gap");
        }

        @Override
        public void onReconcile() {
            words.add("reconcile");
        }

        @Override
        public void onForgotten() {
            words.add("forgotten");
        }

        @Override
        public void onUnreadable(UnreadableRecordException why) {
            unreadable.add(why);
            words.add("unreadable " + why.organization() + "/" + why.name());
        }
    }
}
