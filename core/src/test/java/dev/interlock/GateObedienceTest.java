package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** When a process says which gates it obeys, and what it answers to those who ask who else does. */
class GateObedienceTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long FOR_EVER = Worker.Turn.UNTIL_WOKEN;

    private final HandProcesses processes = new HandProcesses(Duration.ofSeconds(2));
    private long nanos = -5 * SECOND;
    private final GateObedience obedience = new GateObedience(processes, "own", () -> nanos);

    private static GateRecord change(String id) {
        return new GateRecord("acme", id, 1, "stamp", "organization", null, "ann", null, Instant.EPOCH, null, null);
    }

    private long round() {
        return round(obedience);
    }

    private long round(GateObedience of) {
        return of.round(CompletableFuture::complete, FOR_EVER);
    }

    // Reports.

    @Test
    void it_says_that_it_lives_at_the_beginning_and_every_so_often() {
        obedience.begin();
        assertThat(processes.reports).containsExactly("own []");
        assertThat(round()).isEqualTo(2 * SECOND);
        assertThat(processes.reports).hasSize(2);
        nanos += 2 * SECOND - 1;
        assertThat(round()).isEqualTo(1);
        assertThat(processes.reports).hasSize(2);
        nanos += 1;
        assertThat(round()).isEqualTo(2 * SECOND);
        assertThat(processes.reports).hasSize(3);
    }

    @Test
    void another_round_that_is_sooner_comes_sooner() {
        assertThat(obedience.round(CompletableFuture::complete, 7)).isEqualTo(7);
    }

    @Test
    void where_once_is_enough_it_says_so_only_with_what_it_obeys() {
        HandProcesses once = new HandProcesses(Duration.ZERO);
        GateObedience quiet = new GateObedience(once, "own", () -> nanos);
        assertThat(round(quiet)).isEqualTo(FOR_EVER);
        assertThat(once.reports).isEmpty();
        quiet.obeys(change("one"));
        quiet.obeys(change("two"));
        assertThat(round(quiet)).isEqualTo(FOR_EVER);
        assertThat(once.reports).containsExactly("own [one, two]");
        nanos += 60 * SECOND;
        round(quiet);
        assertThat(once.reports).hasSize(1);
    }

    @Test
    void what_it_obeys_is_reported_at_once() {
        round();
        nanos += 1;
        obedience.obeys(change("one"));
        assertThat(round()).isEqualTo(2 * SECOND);
        assertThat(processes.reports).containsExactly("own []", "own [one]");
    }

    @Test
    void a_report_that_did_not_arrive_is_made_again_after_half_a_second() {
        processes.failing = () -> new StoreUnavailableException("away", null);
        obedience.obeys(change("one"));
        assertThat(round()).isEqualTo(500 * MILLI);
        nanos += 500 * MILLI - 1;
        assertThat(round()).isEqualTo(1);
        assertThat(processes.reports).hasSize(1);
        processes.failing = null;
        nanos += 1;
        round();
        assertThat(processes.reports).containsExactly("own [one]", "own [one]");
        nanos += 500 * MILLI;
        round();
        assertThat(processes.reports).as("it has arrived").hasSize(2);
    }

    @Test
    void that_it_lives_is_not_said_again_before_its_time() {
        processes.failing = () -> new StoreUnavailableException("away", null);
        assertThat(round()).isEqualTo(2 * SECOND);
        processes.failing = null;
        obedience.obeys(change("one"));
        round();
        assertThat(processes.reports).as("nothing was lost").containsExactly("own []", "own [one]");
    }

    @Test
    void a_mistake_of_the_store_is_reported_and_loses_nothing() {
        processes.failing = () -> new IllegalStateException("broken");
        obedience.obeys(change("one"));
        assertThat(ReportedMessages.of(this::round)).containsExactly("broken");
        processes.failing = null;
        nanos += 500 * MILLI;
        round();
        assertThat(processes.reports).containsExactly("own [one]", "own [one]");
    }

    // Questions.

    @Test
    void who_asks_hears_once_all_obey_and_is_asked_for_each_20_ms_until_then() {
        processes.obeying.put("own", Optional.empty());
        processes.obeying.put("other", Optional.empty());
        CompletableFuture<GateConfirmation> asked = obedience.ask(change("one"), Duration.ofSeconds(10));
        assertThat(round()).isEqualTo(20 * MILLI);
        assertThat(asked).isNotCompleted();
        processes.obeying.put("other", Optional.of(GateFollowers.NONE));

        assertThat(round()).isEqualTo(2 * SECOND);

        assertThat(asked).isCompletedWithValue(new GateConfirmation(Set.of("own", "other"), Set.of(), true));
        processes.looks = 0;
        round();
        assertThat(processes.looks).as("nobody asks any more").isZero();
    }

    @Test
    void when_the_limit_has_passed_who_is_missing_is_named() {
        processes.obeying.put("other", Optional.empty());
        CompletableFuture<GateConfirmation> asked = obedience.ask(change("one"), Duration.ofSeconds(1));
        nanos += SECOND - 1;
        round();
        assertThat(asked).isNotCompleted();
        nanos += 1;
        round();
        GateConfirmation partly = new GateConfirmation(Set.of("own"), Set.of("other"), true);
        assertThat(asked).isCompletedWithValue(partly);
        assertThat(partly.isWhole()).isFalse();
    }

    @Test
    void a_limit_below_zero_asks_once_and_one_of_years_is_a_day() {
        processes.obeying.put("other", Optional.empty());
        CompletableFuture<GateConfirmation> atOnce = obedience.ask(change("one"), Duration.ofSeconds(-3));
        CompletableFuture<GateConfirmation> day = obedience.ask(change("two"), Duration.ofDays(1_000_000));
        round();
        assertThat(atOnce).isCompleted();
        assertThat(day).isNotCompleted();
        nanos += TimeUnit.DAYS.toNanos(1) - 1;
        round();
        assertThat(day).isNotCompleted();
        nanos += 1;
        round();
        assertThat(day).isCompleted();
    }

    @Test
    void who_obeys_is_not_known_while_nobody_can_be_asked() {
        CompletableFuture<GateConfirmation> asked = obedience.ask(change("one"), Duration.ZERO);
        processes.failing = () -> new StoreUnavailableException("away", null);
        round();
        GateConfirmation alone = new GateConfirmation(Set.of("own"), Set.of(), false);
        assertThat(asked).isCompletedWithValue(alone);
        assertThat(alone.isWhole()).isFalse();

        CompletableFuture<GateConfirmation> again = obedience.ask(change("one"), Duration.ZERO);
        processes.failing = () -> new IllegalStateException("broken");
        assertThat(ReportedMessages.of(this::round)).containsExactly("broken");
        assertThat(again).isCompletedWithValue(alone);
    }

    @Test
    void at_the_end_who_waits_hears_of_this_process_alone_and_the_others_that_it_leaves() {
        CompletableFuture<GateConfirmation> asked = obedience.ask(change("one"), Duration.ofSeconds(1));
        obedience.end(CompletableFuture::complete);
        assertThat(asked).isCompletedWithValue(GateObedience.alone("own"));
        assertThat(processes.left).containsExactly("own");
        processes.failing = () -> new StoreUnavailableException("away", null);
        obedience.end(CompletableFuture::complete);
        assertThat(processes.left).hasSize(1);
    }

    // Those who hear of gates through this process.

    @Test
    void how_they_follow_is_said_with_the_change_and_again_when_that_changes_until_nobody_is_missing() {
        GateFollowers[] present = {new GateFollowers(0, 2, "")};
        List<String> organizations = new ArrayList<>();
        obedience.followedBy(organization -> {
            organizations.add(organization);
            return present[0];
        });
        obedience.obeys(change("one"));
        obedience.obeys(change("two"));
        assertThat(round()).isEqualTo(50 * MILLI);
        assertThat(processes.said).containsExactly("one 0 of 2", "two 0 of 2");
        assertThat(organizations).as("looked at once").containsExactly("acme");

        present[0] = new GateFollowers(1, 1, "");
        nanos += 50 * MILLI - 1;
        assertThat(round()).isEqualTo(1);
        assertThat(processes.said).hasSize(2);
        nanos += 1;
        assertThat(round()).isEqualTo(50 * MILLI);
        assertThat(processes.said.subList(2, 4)).containsExactly("one 1 of 2", "two 1 of 2");
        nanos += 50 * MILLI;
        round();
        assertThat(processes.said).as("nothing is new").hasSize(4);

        present[0] = new GateFollowers(2, 0, "");
        nanos += 50 * MILLI;
        assertThat(round()).as("at rest again").isGreaterThan(SECOND);
        assertThat(processes.said.subList(4, 6)).containsExactly("one 2 of 2", "two 2 of 2");
        organizations.clear();
        nanos += SECOND;
        round();
        assertThat(organizations).isEmpty();
    }

    @Test
    void one_that_never_confirms_is_looked_for_three_seconds_long() {
        int[] looks = {0};
        obedience.followedBy(organization -> {
            looks[0]++;
            return new GateFollowers(0, 1, "");
        });
        obedience.obeys(change("one"));
        long end = nanos + 10 * SECOND;
        for (long next = round(); nanos < end; next = round()) {
            nanos += Math.max(1, next);
        }
        assertThat(looks[0]).isBetween(60, 62);
        assertThat(processes.said).containsExactly("one 0 of 1");
    }

    @Test
    void also_where_something_is_new_all_the_time_it_is_said_for_three_seconds_alone() {
        int[] looks = {0};
        obedience.followedBy(organization -> new GateFollowers(0, ++looks[0], ""));
        obedience.obeys(change("one"));
        long end = nanos + 10 * SECOND;
        for (long next = round(); nanos < end; next = round()) {
            nanos += Math.max(1, next);
        }
        assertThat(processes.said).hasSizeBetween(60, 62);
    }

    @Test
    void what_did_not_arrive_is_said_again_as_it_is_then() {
        GateFollowers[] present = {new GateFollowers(0, 1, "")};
        obedience.followedBy(organization -> present[0]);
        processes.failing = () -> new StoreUnavailableException("away", null);
        obedience.obeys(change("one"));
        round();
        processes.failing = null;
        present[0] = new GateFollowers(1, 0, "");
        nanos += 500 * MILLI;
        round();
        assertThat(processes.said).containsExactly("one 0 of 1", "one 1 of 1");
    }

    @Test
    void a_mistake_of_who_knows_them_keeps_no_change_from_being_confirmed_and_is_not_taken_for_nobody() {
        obedience.followedBy(organization -> {
            throw new IllegalStateException("broken");
        });
        obedience.obeys(change("one"));
        assertThat(ReportedMessages.of(this::round)).containsExactly("broken");
        assertThat(processes.said).containsExactly("one 0 of 1");
    }

    @Test
    void who_asks_waits_for_those_who_hear_through_others_and_not_for_its_own() {
        processes.obeying.put("own", Optional.of(new GateFollowers(0, 1, "")));
        processes.obeying.put("library", Optional.of(GateFollowers.NONE));
        processes.obeying.put("other", Optional.of(new GateFollowers(2, 1, "a")));
        CompletableFuture<GateConfirmation> asked = obedience.ask(change("one"), Duration.ofSeconds(1));
        round();
        assertThat(asked).isNotCompleted();
        processes.obeying.put("other", Optional.of(new GateFollowers(3, 0, "")));
        round();
        assertThat(asked)
                .isCompletedWithValue(new GateConfirmation(
                        Set.of("own", "library", "other"),
                        Set.of(),
                        true,
                        Map.of("other", new GateFollowers(3, 0, ""))));

        processes.obeying.put("other", Optional.of(new GateFollowers(2, 1, "a")));
        CompletableFuture<GateConfirmation> again = obedience.ask(change("one"), Duration.ZERO);
        round();
        assertThat(again)
                .isCompletedWithValueMatching(answer -> !answer.isWhole()
                        && answer.missing().isEmpty()
                        && answer.followers().get("other").details().equals("a"));
    }

    /** Processes of which a test says who they are. */
    private static final class HandProcesses implements GateProcesses {
        final List<String> reports = new ArrayList<>();
        final List<String> said = new ArrayList<>();
        final List<String> left = new ArrayList<>();
        final Map<String, Optional<GateFollowers>> obeying = new HashMap<>();
        private final Duration every;
        Supplier<RuntimeException> failing;
        int looks;

        HandProcesses(Duration every) {
            this.every = every;
        }

        private void reach() {
            if (failing != null) {
                throw failing.get();
            }
        }

        @Override
        public void report(String process, Map<GateRecord, GateFollowers> obeyed) {
            reports.add(
                    process + " " + obeyed.keySet().stream().map(GateRecord::id).toList());
            obeyed.forEach((change, followers) -> said.add(change.id() + " " + followers.confirmed() + " of "
                    + (followers.confirmed() + followers.missing())));
            reach();
        }

        @Override
        public Duration every() {
            return every;
        }

        @Override
        public void leave(String process) {
            reach();
            left.add(process);
        }

        @Override
        public Map<String, Optional<GateFollowers>> obeying(GateRecord change) {
            looks++;
            reach();
            return obeying;
        }
    }
}
