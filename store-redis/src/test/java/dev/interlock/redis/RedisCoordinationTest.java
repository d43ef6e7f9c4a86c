package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.ProbeAsk;
import dev.interlock.store.ProbeLease;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyAnswer.Judgement;
import dev.interlock.store.TallyRules;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAnswer.Place;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import dev.interlock.store.TrialLoan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each question about figures, trials and probes, and each answer that Redis can give to it. */
class RedisCoordinationTest {
    private static final TallyRules RULES = new TallyRules(5, 0.5, 0.5, 10, Duration.ofMillis(60_900), 0);
    private static final TallyRules RATES = new TallyRules(0, 0.5, 0.5, 10, Duration.ofMinutes(1), 0);
    private static final long OPENED = 1L << 32;

    private static RedisServer redis;
    private static RedisCircuitStore store;

    private String name = "";

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        store = RedisCircuitStore.open(Nodes.patient(redis.url(), "interlock"));
    }

    @AfterAll
    static void stop() {
        store.close();
        redis.close();
    }

    @Test
    void a_process_knows_whether_it_can_ask_the_others() {
        assertThat(all().isAttached()).isTrue();
        try (RedisCircuitStore away = RedisCircuitStore.open(RedisSettings.of("redis://127.0.0.1:1"))) {
            CircuitCoordination nobody = away.coordination();
            GivenTrial trial = new GivenTrial("default", "planner", "1", "t");
            assertThat(nobody.isAttached()).isFalse();
            List<CompletionStage<?>> questions = List.of(
                    nobody.tally(tally(1, 1, 0, 0, RULES)),
                    nobody.askForTrial(new TrialAsk("default", "planner", "t", 1, 1, 1, Duration.ZERO)),
                    nobody.renewTrial(trial),
                    nobody.endTrial(trial, TrialEnd.of(true, 1)),
                    nobody.endTrialOfAnother(trial, TrialEnd.of(true, 1)),
                    nobody.borrowTrial(trial, "inner", Duration.ofMinutes(1)),
                    nobody.returnTrial(trial, trial),
                    nobody.askToProbe(probes("one", false)));
            for (CompletionStage<?> question : questions) {
                assertThat(question)
                        .failsWithin(Duration.ofSeconds(10))
                        .withThrowableThat()
                        .withCauseInstanceOf(StoreUnavailableException.class);
            }
        }
    }

    @Test
    void figures_of_all_reports_are_summed_up() {
        next();
        assertThat(get(all().tally(tally(8, 1, 4, 1, RULES)))).satisfies(first -> {
            assertThat(first.judgement()).isEqualTo(Judgement.STAYS);
            assertThat(first.again()).isZero();
        });
        CallerSlots callers = new CallerSlots(1L << 63 | 5, 1L << 63, 4);
        TallyAnswer second = get(all().tally(new CircuitTally(
                "default",
                name,
                CircuitChange.CLOSED_AND_CLEAN,
                "process",
                2,
                1,
                3,
                1,
                1,
                callers,
                Duration.ofMillis(90_900),
                RULES)));

        assertThat(List.of(second.calls(), second.failures(), second.timed(), second.slow()))
                .containsExactly(10, 2, 7, 2);
        assertThat(second.callers()).isEqualTo(callers);
        assertThat(second.longestWait()).isBetween(Duration.ofMillis(89_500), Duration.ofMillis(90_900));
    }

    @Test
    void a_streak_opens_but_not_right_after_a_success() {
        next();
        TallyAnswer streak = get(all().tally(tally(5, 5, 0, 0, RULES)));
        assertThat(streak.judgement()).isEqualTo(Judgement.FAILURE_STREAK);
        assertThat(streak.consecutiveFailures()).isEqualTo(5);

        eventually(() -> {
            next();
            get(all().tally(tally(1, 0, 0, 0, RULES)));
            TallyAnswer later = get(all().tally(tally(5, 5, 0, 0, RULES)));
            return later.judgement() == Judgement.LATER
                    && !later.again().isZero()
                    && later.again().compareTo(Duration.ofMillis(200)) <= 0;
        });
    }

    @Test
    void a_rate_of_failures_or_of_slow_calls_opens() {
        next();
        get(all().tally(tally(8, 1, 0, 0, RATES)));
        assertThat(get(all().tally(tally(4, 4, 0, 0, RATES))).judgement()).isEqualTo(Judgement.STAYS);
        get(all().tally(tally(1, 0, 0, 0, RATES)));
        assertThat(get(all().tally(tally(3, 3, 0, 0, RATES))).judgement()).isEqualTo(Judgement.FAILURE_RATE);

        next();
        get(all().tally(tally(8, 0, 8, 3, RATES)));
        assertThat(get(all().tally(tally(4, 0, 4, 3, RATES))).judgement()).isEqualTo(Judgement.SLOW_CALL_RATE);
    }

    @Test
    void of_a_window_of_calls_the_last_ones_count() {
        next();
        TallyRules lastTwenty = new TallyRules(0, 0.5, 2, 10, null, 20);
        CircuitTally ten = new CircuitTally(
                "default",
                name,
                CircuitChange.CLOSED_AND_CLEAN,
                "process",
                10,
                5,
                0,
                0,
                0,
                CallerSlots.NONE,
                Duration.ZERO,
                lastTwenty);

        assertThat(get(all().tally(ten)).judgement()).isEqualTo(Judgement.FAILURE_RATE);
    }

    @Test
    void what_is_counted_in_another_epoch_does_not_count() {
        open(Instant.now());
        TallyAnswer other = get(all().tally(tally(5, 5, 0, 0, RULES)));
        assertThat(other)
                .isEqualTo(new TallyAnswer(
                        Judgement.OTHER_RECORD, 0, 0, 0, 0, 0, Duration.ZERO, CallerSlots.NONE, Duration.ZERO));

        next();
        CircuitTally onNothing = new CircuitTally(
                "default", name, OPENED, "process", 5, 5, 0, 0, 5, CallerSlots.NONE, Duration.ZERO, RULES);
        assertThat(get(all().tally(onNothing)))
                .isEqualTo(new TallyAnswer(
                        Judgement.NO_RECORD, 0, 0, 0, 0, 0, Duration.ZERO, CallerSlots.NONE, Duration.ZERO));
    }

    @Test
    void there_are_as_many_places_as_the_rules_say() {
        open(Instant.now().minusSeconds(1));
        TrialAnswer given = ask("one", 2, 1, 1);
        assertThat(given.place()).isEqualTo(Place.GIVEN);
        assertThat(given.given()).isEqualTo(new GivenTrial("default", name, round(), "one"));
        assertThat(given.failedCaller()).isEqualTo(TrialEnd.NOBODY);
        assertThat(ask("two", 2, 1, 1)).isEqualTo(new TrialAnswer(Place.FULL, null, Duration.ZERO, TrialEnd.NOBODY));

        end("one", new TrialEnd(false, 1, 63));
        assertThat(ask("two", 2, 1, 1).failedCaller()).isEqualTo(63);
        assertThat(ask("three", 2, 1, 1)).isEqualTo(new TrialAnswer(Place.FULL, null, Duration.ZERO, 63));
        assertThat(end("two", TrialEnd.of(true, 2))).as("two are needed").isFalse();
        ask("three", 2, 1, 2);
        assertThat(end("three", TrialEnd.of(true, 2))).isTrue();
        assertThat(ask("four", 2, 1, 2)).isEqualTo(new TrialAnswer(Place.ENOUGH, null, Duration.ZERO, 63));
    }

    @Test
    void a_circuit_that_cools_down_is_closed_held_or_unknown_has_no_places() {
        open(Instant.now().plusSeconds(60));
        TrialAnswer cooling = ask("one", 1, 1, 1);
        assertThat(cooling.place()).isEqualTo(Place.COOLING);
        assertThat(cooling.left()).isBetween(Duration.ofSeconds(40), Duration.ofSeconds(61));
        assertThat(cooling.given()).isNull();
        assertThat(cooling.failedCaller()).isEqualTo(TrialEnd.NOBODY);

        open(Instant.now(), true);
        TrialAnswer none = new TrialAnswer(Place.NOT_TRIED, null, Duration.ZERO, TrialEnd.NOBODY);
        assertThat(ask("one", 1, 1, 1)).isEqualTo(none);

        next();
        assertThat(ask("one", 1, 1, 1))
                .isEqualTo(new TrialAnswer(Place.NO_RECORD, null, Duration.ZERO, TrialEnd.NOBODY));
    }

    @Test
    void where_the_clock_went_back_behind_the_opening_the_asking_process_says_how_long_it_cools_down() {
        next();
        Instant ahead = Instant.now().plusSeconds(3_600);
        write(record(ahead, ahead.plusSeconds(60), false));
        TrialAsk asks = new TrialAsk("default", name, "one", 1, 1, 1, Duration.ofMillis(40_900));

        TrialAnswer cooling = get(all().askForTrial(asks));
        assertThat(cooling.left()).isEqualTo(Duration.ofMillis(40_900));
    }

    @Test
    void a_place_is_kept_wanted_ended_elsewhere_or_lost() {
        open(Instant.now().minusSeconds(1));
        ask("one", 1, 1, 1);
        assertThat(renew("one")).isEqualTo(TrialHold.KEPT);
        eventually(() -> {
            ask("two", 1, 1, 1);
            return renew("one") == TrialHold.WANTED;
        });
        assertThat(get(all().endTrialOfAnother(trial("one"), TrialEnd.of(true, 1))))
                .isTrue();
        assertThat(renew("one")).isEqualTo(TrialHold.ENDED);
        assertThat(renew("nobody")).isEqualTo(TrialHold.LOST);
    }

    @Test
    void who_ends_a_trial_of_their_own_leaves_no_word_for_others() {
        open(Instant.now().minusSeconds(1));
        ask("one", 1, 1, 1);
        end("one", TrialEnd.of(false, 1));

        assertThat(renew("one")).isEqualTo(TrialHold.LOST);
        assertThat(get(all().endTrialOfAnother(trial("one"), TrialEnd.of(false, 1))))
                .isFalse();
    }

    @Test
    void a_place_is_lent_once_and_given_back_once() {
        open(Instant.now().minusSeconds(1));
        ask("outer", 1, 1, 1);
        Duration left = Duration.ofMillis(20_900);
        assertThat(get(all().borrowTrial(trial("outer"), "inner", left)))
                .isEqualTo(new TrialLoan(TrialLoan.Answer.GIVEN, trial("inner"), left));
        assertThat(get(all().borrowTrial(trial("outer"), "another", left))).isEqualTo(TrialLoan.LENT);
        assertThat(get(all().borrowTrial(trial("nobody"), "another", left))).isEqualTo(TrialLoan.LOST);
        assertThat(live()).containsKey("t:inner").doesNotContainKey("t:outer");

        assertThat(get(all().returnTrial(trial("inner"), trial("outer")))).isTrue();
        assertThat(get(all().returnTrial(trial("inner"), trial("outer")))).isFalse();
        assertThat(live()).containsKey("t:outer").doesNotContainKey("t:inner");
    }

    /** On a machine that stands still meanwhile the process is detached, and nothing goes back: then once more. */
    @Test
    void a_place_that_is_lent_after_nobody_waits_for_it_any_more_goes_back() {
        try (Proxy proxy = new Proxy(redis.port());
                RedisCircuitStore here =
                        RedisCircuitStore.open(RedisSettings.of(proxy.url()).withSlowAfter(Duration.ofMillis(100)))) {
            eventually(() -> {
                eventually(here::isAttached);
                open(Instant.now().minusSeconds(1));
                ask("outer", 1, 1, 1);
                String before = live().get("t:outer");
                proxy.mode(Proxy.Mode.SILENT);
                CompletionStage<TrialLoan> late =
                        here.coordination().borrowTrial(trial("outer"), "inner", Duration.ofMinutes(1));
                assertThat(late).failsWithin(Duration.ofSeconds(10));
                proxy.mode(Proxy.Mode.PASS);
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
                eventually(() -> isBack(before) || System.nanoTime() - end > 0);
                return isBack(before);
            });
        }
    }

    /** It is kept again from then on. */
    private boolean isBack(String before) {
        Map<String, String> live = live();
        return !live.getOrDefault("t:outer", before).equals(before) && !live.containsKey("t:inner");
    }

    @Test
    void one_process_probes_until_it_is_ready() {
        next();
        assertThat(get(all().askToProbe(probes("one", false)))).isEqualTo(ProbeLease.GIVEN);
        assertThat(get(all().askToProbe(probes("two", false)))).isEqualTo(ProbeLease.ELSEWHERE);
        assertThat(get(all().askToProbe(probes("one", true)))).isEqualTo(ProbeLease.GIVEN);
        assertThat(get(all().askToProbe(probes("two", false)))).isEqualTo(ProbeLease.READY);

        next();
        assertThat(get(all().askToProbe(new ProbeAsk("default", name, "one", "trust", Duration.ZERO, false))))
                .as("for no time at all")
                .isEqualTo(ProbeLease.GIVEN);
    }

    private static CircuitCoordination all() {
        return store.coordination();
    }

    /** Goes on with another circuit. */
    private void next() {
        name = "planner-" + UUID.randomUUID();
    }

    private void open(Instant cooldownUntil) {
        open(cooldownUntil, false);
    }

    private void open(Instant cooldownUntil, boolean held) {
        next();
        write(record(Instant.now().minusSeconds(60), cooldownUntil, held));
    }

    private static void write(CircuitRecord record) {
        assertThat(store.write(List.of(CircuitChange.of(record)))).isEmpty();
    }

    private CircuitRecord record(Instant since, Instant cooldownUntil, boolean held) {
        return new CircuitRecord(
                "default",
                name,
                "open",
                OPENED,
                1,
                0,
                1,
                1,
                0,
                since,
                since,
                since,
                cooldownUntil,
                held,
                null,
                held ? "ann" : null,
                null,
                "default",
                7);
    }

    private CircuitTally tally(int calls, int failures, int timed, int slow, TallyRules rules) {
        return new CircuitTally(
                "default",
                name,
                CircuitChange.CLOSED_AND_CLEAN,
                "process",
                calls,
                failures,
                timed,
                slow,
                failures,
                CallerSlots.NONE,
                Duration.ZERO,
                rules);
    }

    private TrialAnswer ask(String trial, int most, int atOnce, int needed) {
        return get(all().askForTrial(new TrialAsk("default", name, trial, most, atOnce, needed, Duration.ZERO)));
    }

    private TrialHold renew(String trial) {
        return get(all().renewTrial(trial(trial)));
    }

    private boolean end(String trial, TrialEnd end) {
        return get(all().endTrial(trial(trial), end));
    }

    private GivenTrial trial(String trial) {
        return new GivenTrial("default", name, round(), trial);
    }

    private static String round() {
        return RecordCodec.epoch(OPENED);
    }

    private ProbeAsk probes(String process, boolean ready) {
        return new ProbeAsk("default", name, process, "trust", Duration.ofMinutes(1), ready);
    }

    private Map<String, String> live() {
        return redis.run(commands -> commands.hgetall(new Keys("interlock").live("default", name)));
    }

    private static <T> T get(CompletionStage<T> stage) {
        try {
            return Objects.requireNonNull(stage).toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }
}
