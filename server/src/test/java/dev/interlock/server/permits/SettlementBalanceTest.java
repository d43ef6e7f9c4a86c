package dev.interlock.server.permits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.ManualTimeSource;
import dev.interlock.checks.BreaksPromises;
import dev.interlock.promises.BrokenPromises;
import dev.interlock.promises.Promise;
import dev.interlock.server.permits.SettledTogether.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that settled more permits than it gave would see it, whatever remembers which are settled. */
@BreaksPromises
class SettlementBalanceTest {
    private static final String ACME = "acme";
    private static final Report SUCCESS = new Report(null, null, null, -1, -1, null);

    private final ManualTimeSource time = new ManualTimeSource();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .defaults(CircuitBreakerConfig.defaults())
            .time(time)
            .executor(Runnable::run)
            .build();
    private final PermitDesk desk = new PermitDesk(
            circuits, time, "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8), new Unwatched(), null);
    private final long before = BrokenPromises.count(Promise.ONE_SETTLEMENT);

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void one_settlement_a_permit_is_none_too_many() throws PermitRefusedException {
        for (int i = 0; i < 3; i++) {
            desk.settle(claim(), Answer.UNKNOWN);
        }
        desk.issue(ACME, "planner", List.of(), List.of());
        desk.check();

        assertThat(broken()).isZero();
    }

    @Test
    void what_is_settled_twice_is_counted_once_each() throws PermitRefusedException {
        Claim claim = claim();
        for (int i = 0; i < 3; i++) {
            desk.settle(claim, Answer.UNKNOWN); // past what remembers that it was settled
        }
        desk.check();
        assertThat(broken()).isEqualTo(2);

        desk.check();
        assertThat(broken()).isEqualTo(2);
    }

    private Claim claim() throws PermitRefusedException {
        String permit = desk.issue(ACME, "planner", List.of(), List.of()).permit();
        return desk.claim(desk.open(ACME, "planner", permit), SUCCESS);
    }

    private long broken() {
        return BrokenPromises.count(Promise.ONE_SETTLEMENT) - before;
    }
}
