package dev.interlock.server.permits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.Settlement;
import dev.interlock.server.permits.PermitRefusedException.Reason;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Permits of callers elsewhere, without HTTP: given, settled once, late, foreign, too old, lost. */
class PermitDeskTest {
    private static final String ACME = "acme";
    private static final String AGENT = "planner";
    private static final byte[] KEY =
            "0123456789abcdef0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    private static final Report SUCCESS = new Report(null, null, null, -1, -1, null);
    private static final Report FAILURE = new Report(null, null, FailureKind.ERROR, -1, -1, null);
    private static final Report TIMEOUT = new Report(null, null, FailureKind.TIMEOUT, -1, -1, null);

    private final ManualTimeSource time = new ManualTimeSource();
    private final CircuitBreakerManager circuits = manager(1);
    private final PermitDesk desk = new PermitDesk(circuits, time, KEY, new Unwatched(), null);

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void an_outcome_with_its_permit_counts() throws PermitRefusedException {
        assertThat(settle(permit(), FAILURE)).isEqualTo(Settlement.COUNTED);
        assertThat(snapshot(AGENT).figures().failures()).isEqualTo(1);
    }

    @Test
    void a_permit_says_when_it_can_be_settled_no_more() throws PermitRefusedException {
        assertThat(desk.issue(ACME, AGENT, List.of(), List.of()).expires())
                .isEqualTo(time.wallTime().plus(Duration.ofHours(24)));
    }

    @Test
    void a_permit_settles_once_and_the_copy_moves_nothing() throws PermitRefusedException {
        String permit = permit();
        settle(permit, FAILURE);
        assertRefused(permit, Reason.SETTLED, "permit: has been settled before; a permit counts once");
        assertThat(snapshot(AGENT).figures().calls()).isEqualTo(1);
    }

    @Test
    void a_permit_of_another_organization_or_agent_is_refused_and_still_good_where_it_belongs()
            throws PermitRefusedException {
        String permit = permit();
        assertThatThrownBy(() -> desk.open("rival", AGENT, permit))
                .isInstanceOfSatisfying(PermitRefusedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.FOREIGN);
                    assertThat(refused.detail()).doesNotContain(ACME);
                });
        assertThatThrownBy(() -> desk.open(ACME, "writer", permit))
                .isInstanceOfSatisfying(PermitRefusedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.FOREIGN);
                    assertThat(refused.detail()).doesNotContain(AGENT);
                });
        assertThat(settle(permit, SUCCESS)).isEqualTo(Settlement.COUNTED);
    }

    @Test
    void a_permit_lives_a_day_whatever_the_wall_clock_says() throws PermitRefusedException {
        String first = permit();
        String second = permit();
        time.stepWallClock(Duration.ofDays(3));
        time.advance(Duration.ofHours(24));
        assertThat(settle(first, SUCCESS)).isEqualTo(Settlement.COUNTED);
        time.stepWallClock(Duration.ofDays(-6));
        time.advance(Duration.ofNanos(1));
        assertRefused(second, Reason.EXPIRED, "more than 24 h ago");
    }

    @Test
    void an_outcome_of_an_earlier_epoch_is_late() throws PermitRefusedException {
        String permit = permit();
        order(AGENT, OverrideAction.RESET);
        assertThat(settle(permit, FAILURE)).isEqualTo(Settlement.LATE);
        assertThat(snapshot(AGENT).figures().failures()).isZero();
    }

    @Test
    void all_circuits_give_leave_or_none() {
        order("model:kimi", OverrideAction.OPEN);
        assertThatThrownBy(() -> desk.issue(ACME, AGENT, List.of("model:kimi", "tool:web"), List.of()))
                .isInstanceOfSatisfying(CircuitOpenException.class, refused -> {
                    assertThat(refused.id()).isEqualTo(new CircuitId(ACME, "model:kimi"));
                    assertThat(refused.state()).isEqualTo(CircuitState.OPEN);
                    assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(60));
                });
    }

    @Test
    void a_failure_reaches_the_circuit_that_it_is_attributed_to() throws PermitRefusedException {
        String permit = desk.issue(ACME, AGENT, List.of("model:kimi", "key:one", "model:kimi", AGENT), List.of())
                .permit();
        settle(permit, TIMEOUT);
        assertThat(snapshot("model:kimi").figures().failures()).isEqualTo(1);
        assertThat(snapshot(AGENT).figures().calls()).isZero();
    }

    @Test
    void our_clock_measures_a_call_that_reports_no_duration() throws PermitRefusedException {
        circuits.putPolicy(
                "*",
                CircuitBreakerConfig.builder()
                        .slowCallDuration(Duration.ofSeconds(5))
                        .slowCallRateThreshold(0.5)
                        .minRequestsForRate(1)
                        .build());
        String permit = permit();
        time.advance(Duration.ofSeconds(6));
        settle(permit, SUCCESS);
        assertThat(snapshot(AGENT).state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void trials_settle_like_other_calls_and_close_the_circuit() throws PermitRefusedException {
        order(AGENT, OverrideAction.OPEN);
        time.advance(Duration.ofSeconds(60));
        String first = permit();
        String second = permit();
        assertThat(snapshot(AGENT).trialsOut()).isEqualTo(2);
        settle(first, SUCCESS);
        assertRefused(first, Reason.SETTLED, "permit");
        assertThat(snapshot(AGENT).state()).isEqualTo(CircuitState.HALF_OPEN);
        settle(second, SUCCESS);
        assertThat(snapshot(AGENT).state()).isEqualTo(CircuitState.CLOSED);
        assertThat(desk.trialsOut()).isZero();
    }

    @Test
    void a_trial_whose_caller_vanished_gives_its_place_back() throws PermitRefusedException {
        order(AGENT, OverrideAction.OPEN);
        time.advance(Duration.ofSeconds(60));
        String vanished = permit();
        permit();
        permit();
        assertThatThrownBy(this::permit).isInstanceOf(CircuitOpenException.class);
        time.advance(Duration.ofMinutes(2));
        String again = permit();
        settle(again, SUCCESS);
        settle(vanished, SUCCESS); // it comes after all, in the same epoch: that is evidence
        assertThat(snapshot(AGENT).state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void trials_that_never_report_are_forgotten_after_a_day() throws PermitRefusedException {
        order(AGENT, OverrideAction.OPEN);
        time.advance(Duration.ofSeconds(60));
        permit();
        assertThat(desk.trialsOut()).isEqualTo(1);
        time.advance(Duration.ofHours(25));
        permit();
        assertThat(desk.trialsOut()).isEqualTo(1);
    }

    @Test
    void another_server_takes_the_outcome_by_its_age_and_once() throws PermitRefusedException {
        try (CircuitBreakerManager others = manager(2)) {
            PermitDesk other = new PermitDesk(others, time, KEY, new Unwatched(), null);
            String permit =
                    desk.issue(ACME, AGENT, List.of("model:kimi"), List.of()).permit();
            time.advance(Duration.ofSeconds(3));
            assertThat(other.settle(other.open(ACME, AGENT, permit), TIMEOUT)).isEqualTo(Settlement.COUNTED);
            assertThat(others.snapshot(new CircuitId(ACME, "model:kimi"))
                            .figures()
                            .failures())
                    .isEqualTo(1);
            assertThatThrownBy(() -> other.settle(other.open(ACME, AGENT, permit), TIMEOUT))
                    .isInstanceOf(PermitRefusedException.class)
                    .hasMessageContaining("settled before");
        }
    }

    @Test
    void on_another_server_a_call_that_began_before_the_last_opening_or_closing_is_late()
            throws PermitRefusedException {
        try (CircuitBreakerManager others = manager(2)) {
            PermitDesk other = new PermitDesk(others, time, KEY, new Unwatched(), null);
            String permit = permit();
            time.advance(Duration.ofSeconds(3));
            others.override(new CircuitId(ACME, AGENT), ManualOverride.of(OverrideAction.RESET, "ana"));
            time.advance(Duration.ofSeconds(3));
            assertThat(other.settle(other.open(ACME, AGENT, permit), FAILURE)).isEqualTo(Settlement.LATE);
        }
    }

    @Test
    void a_call_without_a_permit_counts_and_its_duration_is_its_age() {
        assertThat(desk.record(ACME, AGENT, FAILURE, null)).isEqualTo(Settlement.COUNTED);
        time.advance(Duration.ofSeconds(5));
        order(AGENT, OverrideAction.RESET);
        time.advance(Duration.ofSeconds(5));
        Report old = new Report(null, null, FailureKind.ERROR, 6_000_000_000L, -1, null);
        Report young = new Report(null, null, FailureKind.ERROR, 4_000_000_000L, -1, null);
        assertThat(desk.record(ACME, AGENT, old, null)).isEqualTo(Settlement.LATE);
        assertThat(desk.record(ACME, AGENT, young, null)).isEqualTo(Settlement.COUNTED);
    }

    @Test
    void a_retry_after_is_the_cooldown() throws PermitRefusedException {
        settle(permit(), new Report(null, null, FailureKind.RATE_LIMITED, -1, 7_000_000_000L, null));
        assertThat(snapshot(AGENT).retryAfter()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void a_million_permits_that_are_out_take_no_memory_here() throws PermitRefusedException {
        long before = used();
        String last = "";
        for (int i = 0; i < 1_000_000; i++) {
            last = permit();
        }
        awaitNoMoreThan(before + 2_000_000);
        settle(last, SUCCESS);
        awaitNoMoreThan(before + 2_000_000);
        assertThat(desk.trialsOut()).isZero();
    }

    /** Threads of other tests may hold something for a moment; what permits hold would stay. */
    private static void awaitNoMoreThan(long bytes) {
        await().untilAsserted(() -> assertThat(used()).isLessThan(bytes));
    }

    private String permit() throws PermitRefusedException {
        return desk.issue(ACME, AGENT, List.of(), List.of()).permit();
    }

    private Settlement settle(String permit, Report report) throws PermitRefusedException {
        return desk.settle(desk.open(ACME, AGENT, permit), report);
    }

    private void assertRefused(@Nullable String permit, Reason reason, String detail) {
        assertThatThrownBy(() -> settle(permit, FAILURE))
                .isInstanceOfSatisfying(PermitRefusedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.detail()).contains(detail);
                });
    }

    private CircuitSnapshot snapshot(String name) {
        return circuits.snapshot(new CircuitId(ACME, name));
    }

    private void order(String name, OverrideAction action) {
        circuits.override(new CircuitId(ACME, name), ManualOverride.of(action, "ana"));
    }

    private CircuitBreakerManager manager(long generation) {
        return CircuitBreakerManager.builder()
                .time(time)
                .generation(generation)
                .randomness(() -> 0)
                .executor(Runnable::run)
                .build();
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
