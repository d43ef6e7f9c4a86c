package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.FailureKind;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Peers decide as their own code does. */
class PeersTest {
    private static final long SECOND = 1_000_000_000L;

    /** A clock that is set by hand. */
    private static final class SetClock extends Clock {
        private long nanos;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("Nobody asks for it");
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(nanos);
        }
    }

    /** Resilience4j's own circuit with its defaults. */
    private static final class Original {
        private final SetClock clock = new SetClock();
        private final CircuitBreaker circuit = CircuitBreaker.of(
                "a",
                CircuitBreakerConfig.custom()
                        .clock(clock)
                        .currentTimestampFunction(each -> clock.nanos, TimeUnit.NANOSECONDS)
                        .build());

        boolean admits(long now) {
            clock.nanos = now;
            return circuit.tryAcquirePermission();
        }

        void ended(Call call, long now) {
            clock.nanos = now;
            if (call.kind() == FailureKind.CANCELLED) {
                circuit.releasePermission();
            } else if (call.ok()) {
                circuit.onSuccess(call.duration(), TimeUnit.NANOSECONDS);
            } else {
                circuit.onError(call.duration(), TimeUnit.NANOSECONDS, new IllegalStateException("down"));
            }
        }
    }

    @Test
    void resilience4j_agrees_with_its_own_library_to_the_call() {
        long refused = 0;
        long flaps = 0;
        for (int seed = 0; seed < 200; seed++) {
            Original original = new Original();
            Resilience4jCircuit ours = new Resilience4jCircuit("a", Incidents.NONE);
            PriorityQueue<Call> out = new PriorityQueue<>((one, other) -> one.end() != other.end()
                    ? Long.compare(one.end(), other.end())
                    : Long.compare(one.line(), other.line()));
            List<String> decisions = new ArrayList<>();
            for (Call call : calls(new Random(seed))) {
                for (Call ended = out.peek(); ended != null && ended.end() <= call.time(); ended = out.peek()) {
                    out.remove();
                    original.ended(ended, ended.end());
                    ours.ended(ended, ended.end());
                }
                boolean admitted = original.admits(call.time());
                assertThat(ours.admits(call.time()))
                        .as("seed %d, call %d after %s", seed, call.line(), decisions)
                        .isEqualTo(admitted);
                refused += admitted ? 0 : 1;
                if (admitted) {
                    out.add(call);
                }
            }
            flaps += ours.flaps();
        }
        assertThat(refused).as("worth comparing").isGreaterThan(10_000);
        assertThat(flaps).as("half-open as well").isGreaterThan(200);
    }

    /** Bad times and good times of an agent or a fleet, with slow calls, equal times and calls that were cancelled. */
    private static List<Call> calls(Random random) {
        List<Call> calls = new ArrayList<>();
        long time = 0;
        long gap = (1 + random.nextInt(20)) * SECOND / (1 + random.nextInt(20));
        for (int i = 0; i < 1_500; i++) {
            time += random.nextInt(10) == 0 ? 0 : (long) (random.nextDouble() * 2 * gap);
            boolean isBad = i / 250 % 2 == 1;
            boolean isCancelled = random.nextInt(30) == 0;
            boolean isGood = isCancelled || random.nextDouble() > (isBad ? 0.7 : 0.05);
            long took = random.nextInt(20) == 0 ? 60 * SECOND + random.nextInt(2) : random.nextLong(30 * SECOND);
            FailureKind kind = isCancelled ? FailureKind.CANCELLED : isGood ? null : FailureKind.SERVER_ERROR;
            calls.add(new Call(i, time, took, null, null, isGood, kind, Call.NO_WAIT, null));
        }
        return calls;
    }

    @Test
    void litellm_cools_down_above_half_of_five_calls_in_a_minute() {
        JsonNode found = Recorded.calls()
                .policy("litellm", Policy.of(Peer.LITELLM))
                .good(0, 1)
                .good(2, 1)
                .failed(4, 1)
                .failed(6, 1)
                .good(8, 1)
                .failed(10, 1) // half of six
                .failed(12, 1) // over half at 13
                .good(14, 1) // cools down until 18
                .good(18.001, 1)
                .failed(20, 1) // at 21 five of eight fail: it cools down again
                .failed(22, 1)
                .by(By.AGENT);

        assertThat(found.get("openings").asInt()).isEqualTo(2);
        assertThat(found.get("good_blocked").asInt()).isEqualTo(1);
        assertThat(found.get("failed_avoided").asInt()).isEqualTo(1);
        assertThat(found.get("flaps").asInt()).as("there is no half-open").isZero();
        assertThat(found.get("median_seconds_to_open").asDouble())
                .as("8 and 16, both from the failure that ended at 5")
                .isEqualTo(12);
        assertThat(found.get("median_seconds_to_recover").asDouble()).isEqualTo(5);
    }

    @Test
    void litellm_forgets_what_is_a_minute_old() {
        JsonNode found = Recorded.calls()
                .policy("litellm", Policy.of(Peer.LITELLM))
                .failed(0, 1)
                .failed(2, 1)
                .failed(4, 1)
                .failed(6, 1)
                .failed(61.5, 1)
                .failed(63, 1)
                .by(By.AGENT);

        assertThat(found.get("openings").asInt()).isZero();
    }

    @Test
    void litellm_cools_down_at_once_for_some_kinds_and_never_for_others() {
        for (String kind : List.of("RATE_LIMITED", "QUOTA_EXHAUSTED", "AUTHENTICATION", "MODEL_NOT_FOUND")) {
            assertThat(litellm(Peer.LITELLM, kind, 1)).as(kind).isEqualTo(1);
        }
        for (String kind : List.of("INVALID_REQUEST", "CONTENT_FILTERED", "FORBIDDEN", "CONNECTION")) {
            assertThat(litellm(Peer.LITELLM, kind, 9)).as(kind).isZero();
            assertThat(litellm(Peer.LITELLM_COUNT, kind, 9)).as(kind).isZero();
        }
    }

    @Test
    void litellm_by_count_allows_three_failures_in_a_cooldown() {
        assertThat(litellm(Peer.LITELLM_COUNT, "SERVER_ERROR", 3)).isZero();
        assertThat(litellm(Peer.LITELLM_COUNT, "SERVER_ERROR", 4)).isEqualTo(1);
        assertThat(litellm(Peer.LITELLM_COUNT, "RATE_LIMITED", 3)).isZero();

        JsonNode found = Recorded.calls()
                .policy("litellm-count", Policy.of(Peer.LITELLM_COUNT))
                .failed(0, 1)
                .failed(10, 1)
                .good(15, 1) // a success ends nothing
                .failed(20, 1)
                .failed(30, 1) // the fourth: cools down until 91
                .good(90, 1)
                .good(92, 1)
                .by(By.AGENT);
        assertThat(found.get("openings").asInt()).isEqualTo(1);
        assertThat(found.get("good_blocked").asInt()).isEqualTo(1);
    }

    @Test
    void a_peers_two_circuits_both_count_an_outcome_and_one_refusal_is_enough() {
        JsonNode found = Recorded.calls()
                .policy("litellm-count", Policy.of(Peer.LITELLM_COUNT))
                .call("a", "model:m", 0, 1, false, "SERVER_ERROR")
                .call("b", "model:m", 2, 1, false, "SERVER_ERROR")
                .call("a", "model:m", 4, 1, false, "SERVER_ERROR")
                .call("b", "model:m", 6, 1, false, "SERVER_ERROR")
                .call("a", "model:m", 8, 1, true, "")
                .call("a", "tool:t", 9, 1, true, "")
                .by(By.BOTH);

        assertThat(found.get("openings").asInt()).isEqualTo(1);
        assertThat(found.get("good_blocked").asInt()).isEqualTo(1);
        assertThat(found.get("by_circuit").get(0).get("circuit").asText()).isEqualTo("model:m");
        assertThat(found.get("by_circuit").get(0).get("rejected").asInt()).isEqualTo(1);
    }

    private static int litellm(Peer peer, String kind, int failures) {
        Recorded calls = Recorded.calls().policy("litellm", Policy.of(peer));
        for (int i = 0; i < failures; i++) {
            calls.failed(i, 0.1, kind);
        }
        return calls.by(By.AGENT).get("openings").asInt();
    }
}
