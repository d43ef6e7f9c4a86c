package dev.interlock;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Gates outlive processes and reach others: whatever a store does meanwhile, none is lost and none comes back. */
class GateStoreTest {
    private static final String ACME = "acme";
    private static final CircuitId AGENT = new CircuitId(ACME, "agent");

    private final ManualTimeSource time = new ManualTimeSource();
    private final InMemoryCircuitStore kept = new InMemoryCircuitStore();
    private final List<CircuitBreakerManager> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(CircuitBreakerManager::close);
    }

    @Test
    void a_process_that_begins_has_the_list_before_its_first_permit() {
        CircuitBreakerManager first = process(kept);
        first.gates().put(stop("one").because("night").until(time.wallTime().plusSeconds(90)));
        first.gates().put(stop("two"));
        first.gates().remove(ACME, "two", "bob", "over");
        stored(first);

        CircuitBreakerManager second = process(kept);
        assertThat(second.getOrCreate(AGENT).tryAcquire()).isNull();
        assertThat(second.gates().list()).isEqualTo(first.gates().list()).hasSize(1);
        assertThat(gate(second).reason()).isEqualTo("night");
    }

    @Test
    void a_store_that_is_away_when_a_process_begins_keeps_it_from_beginning() {
        HandStore store = new HandStore(kept);
        store.away = true;

        assertThatThrownBy(() -> process(store)).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void what_one_process_puts_and_removes_the_others_hear() {
        CircuitBreakerManager first = process(kept);
        CircuitBreakerManager second = process(kept);

        first.gates().put(stop("stop"));
        await().until(() -> second.getOrCreate(AGENT).tryAcquire() == null);
        second.gates().remove(ACME, "stop", "bob", null);
        await().until(() -> first.getOrCreate(AGENT).tryAcquire() != null);
    }

    @Test
    void a_gate_acts_at_once_while_the_store_is_away_and_is_written_on_its_return() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        store.away = true;
        first.gates().put(stop("stop"));

        assertThat(first.getOrCreate(AGENT).tryAcquire()).isNull();
        assertThat(first.gates().written().toCompletableFuture()).isNotCompleted();
        store.away = false;
        stored(first);
        assertThat(requireNonNull(kept.gates().find(ACME, "stop")).version()).isEqualTo(1);
        assertThat(gate(process(kept)).id()).isEqualTo("stop");
    }

    @Test
    void without_a_store_that_keeps_gates_they_are_said_not_to_be_stored() throws Exception {
        CircuitBreakerManager alone = CircuitBreakerManager.builder()
                .time(time)
                .executor(Runnable::run)
                .build();
        opened.add(alone);
        alone.gates().put(stop("stop"));

        assertThat(alone.gates().written().toCompletableFuture().get(1, TimeUnit.SECONDS))
                .isFalse();
    }

    @Test
    void a_gate_that_was_put_and_removed_while_the_store_was_away_never_comes_back() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        store.away = true;
        first.gates().put(stop("stop"));
        first.gates().remove(ACME, "stop", "ann", null);
        store.away = false;
        stored(first);

        assertThat(kept.gates().read(time.wallTime())).isEmpty();
        assertThat(process(kept).gates().list()).isEmpty();
    }

    /** The put is in the store, but its writer did not hear so; meanwhile somebody else removes it. */
    @Test
    void a_put_whose_answer_was_lost_does_not_come_back_after_its_removal() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        CircuitBreakerManager second = process(kept);
        store.losesAnswers = true;
        first.gates().put(stop("stop"));
        await().until(() -> !second.gates().list().isEmpty());
        store.away = true;
        second.gates().remove(ACME, "stop", "bob", null);
        stored(second);
        store.losesAnswers = false;
        store.away = false;
        stored(first);

        assertThat(kept.gates().read(time.wallTime())).isEmpty();
        await().until(() -> first.gates().list().isEmpty());
        assertThat(second.gates().list()).isEmpty();
    }

    @Test
    void an_end_that_was_moved_while_the_store_was_away_does_not_bring_a_removed_gate_back() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        CircuitBreakerManager second = process(kept);
        first.gates().put(stop("stop"));
        await().until(() -> !second.gates().list().isEmpty());
        store.away = true;
        first.gates().put(stop("stop").until(time.wallTime().plusSeconds(100)));
        second.gates().remove(ACME, "stop", "bob", null);
        stored(second);
        store.away = false;
        stored(first);

        assertThat(kept.gates().read(time.wallTime())).isEmpty();
        assertThat(first.gates().list()).isEmpty();
    }

    @Test
    void a_put_that_gives_way_to_a_removal_is_not_said_to_be_stored() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        CircuitBreakerManager second = process(kept);
        assertThat(fate(first.gates().put(stop("stop")))).isEqualTo(GateChange.Fate.STORED);
        await().until(() -> !second.gates().list().isEmpty());
        store.away = true;
        GateChange moved = first.gates().put(stop("stop").until(time.wallTime().plusSeconds(100)));
        GateChange removed = requireNonNull(second.gates().remove(ACME, "stop", "bob", null));
        assertThat(fate(removed)).isEqualTo(GateChange.Fate.STORED);
        assertThat(moved.fate().toCompletableFuture()).isNotCompleted();
        store.away = false;

        assertThat(fate(moved)).isEqualTo(GateChange.Fate.REPLACED);
        assertThat(requireNonNull(kept.gates().find(ACME, "stop")).isRemoved()).isTrue();
    }

    @Test
    void nor_is_a_removal_that_comes_after_another_gate_of_the_id() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        CircuitBreakerManager second = process(kept);
        first.gates().put(stop("stop"));
        await().until(() -> !second.gates().list().isEmpty());
        store.away = true;
        GateChange removed = requireNonNull(first.gates().remove(ACME, "stop", "bob", null));
        second.gates().put(stop("stop").because("once"));
        assertThat(fate(second.gates().put(stop("stop").because("twice")))).isEqualTo(GateChange.Fate.STORED);
        store.away = false;

        assertThat(fate(removed)).as("a newer gate is kept").isEqualTo(GateChange.Fate.REPLACED);
        await().until(() -> "twice".equals(gate(first).reason()));
    }

    @Test
    void of_two_changes_of_one_process_before_the_store_is_back_the_later_one_is_stored() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        store.away = true;
        GateChange put = first.gates().put(stop("stop"));
        GateChange removed = requireNonNull(first.gates().remove(ACME, "stop", "ann", null));
        store.away = false;

        assertThat(fate(put)).isEqualTo(GateChange.Fate.REPLACED);
        assertThat(fate(removed)).isEqualTo(GateChange.Fate.STORED);
    }

    @Test
    void what_is_not_written_when_the_manager_closes_ends_with_it() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        store.away = true;
        GateChange put = first.gates().put(stop("stop"));
        first.close();

        assertThat(fate(put)).isEqualTo(GateChange.Fate.UNKEPT);
        assertThat(kept.gates().find(ACME, "stop")).isNull();
    }

    @Test
    void a_change_says_which_processes_obey_it() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(kept);
        CircuitBreakerManager second = process(store);
        CircuitBreakerManager third = process(kept);
        Set<String> all = Set.of(name(first), name(second), name(third));

        GateChange put = first.gates().put(stop("stop"));
        GateConfirmation whole = confirmed(put, Duration.ofSeconds(20));
        assertThat(whole.confirmed()).isEqualTo(all);
        assertThat(whole.isWhole()).isTrue();
        assertThat(second.getOrCreate(AGENT).tryAcquire()).isNull();

        store.isDeaf = true;
        GateChange removed = requireNonNull(third.gates().remove(ACME, "stop", "bob", null));
        await().until(() -> first.gates().list().isEmpty());
        GateConfirmation partly = confirmed(removed, Duration.ofMillis(300));
        assertThat(partly.missing()).containsExactly(name(second));
        assertThat(partly.isWhole()).isFalse();

        second.close();
        assertThat(confirmed(removed, Duration.ofSeconds(20)).confirmed())
                .as("who has ended is not waited for")
                .containsExactlyInAnyOrder(name(first), name(third));
    }

    @Test
    void a_process_that_begins_obeys_before_its_first_permit_and_says_so() {
        GateChange put = process(kept).gates().put(stop("stop"));
        assertThat(fate(put)).isEqualTo(GateChange.Fate.STORED);
        CircuitBreakerManager joined = process(kept);

        assertThat(confirmed(put, Duration.ofSeconds(20)).confirmed())
                .contains(name(joined))
                .hasSize(2);
    }

    @Test
    void who_obeys_is_not_known_where_the_store_does_not_know_its_processes_or_is_away() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        store.away = true;
        GateConfirmation away = confirmed(first.gates().put(stop("stop")), Duration.ofMillis(50));
        assertThat(away.known()).isFalse();
        assertThat(away.confirmed()).containsExactly(name(first));

        CircuitBreakerManager alone = CircuitBreakerManager.builder()
                .time(time)
                .executor(Runnable::run)
                .build();
        opened.add(alone);
        GateChange put = alone.gates().put(stop("stop"));
        assertThat(fate(put)).isEqualTo(GateChange.Fate.UNKEPT);
        assertThat(confirmed(put, Duration.ZERO)).isEqualTo(new GateConfirmation(Set.of(name(alone)), Set.of(), true));
    }

    private static String name(CircuitBreakerManager manager) {
        return manager.settlements().process();
    }

    private static GateConfirmation confirmed(GateChange change, Duration limit) {
        return change.confirmed(limit)
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    /** Two processes change one gate as fast as they can: what is answered as stored was there, and both agree at the end. */
    @Test
    void what_is_said_to_be_stored_is_a_line_of_the_store_whatever_others_change_at_that_moment() throws Exception {
        List<GateRecord> stored = new CopyOnWriteArrayList<>();
        kept.gates().subscribe(new GateSubscriber() {
            @Override
            public void onChanged(GateRecord record) {
                stored.add(record);
            }

            @Override
            public void onGap() {}
        });
        List<CircuitBreakerManager> both = List.of(process(kept), process(kept));
        List<CompletableFuture<List<GateChange>>> running = both.stream()
                .map(each -> CompletableFuture.supplyAsync(() -> changes(each)))
                .toList();
        Map<GateChange.Fate, Integer> seen = new EnumMap<>(GateChange.Fate.class);
        for (CompletableFuture<List<GateChange>> each : running) {
            for (GateChange change : each.get(30, TimeUnit.SECONDS)) {
                GateChange.Fate fate = fate(change);
                seen.merge(fate, 1, Integer::sum);
                if (fate == GateChange.Fate.STORED) {
                    assertThat(stored).anyMatch(change::isOf);
                }
            }
        }
        assertThat(seen).containsOnlyKeys(GateChange.Fate.STORED, GateChange.Fate.REPLACED);
        await().until(() ->
                both.get(0).gates().list().equals(both.get(1).gates().list()));
    }

    private static List<GateChange> changes(CircuitBreakerManager process) {
        List<GateChange> made = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            made.add(process.gates().put(stop("stop").because("change " + i)));
            GateChange removed = i % 3 == 0 ? process.gates().remove(ACME, "stop", "bob", null) : null;
            if (removed != null) {
                made.add(removed);
            }
        }
        return made;
    }

    private static GateChange.Fate fate(GateChange change) {
        return change.fate()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    /** Found by the model of gates: who was first in the store was right. */
    @Test
    void nor_does_one_that_is_in_the_store_before_the_removal() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        CircuitBreakerManager second = process(kept);
        first.gates().put(stop("stop"));
        await().until(() -> !second.gates().list().isEmpty());
        store.away = true;
        first.gates().remove(ACME, "stop", "bob", null);
        second.gates().put(stop("stop").until(time.wallTime().plusSeconds(100)));
        stored(second);
        store.away = false;
        stored(first);

        assertThat(kept.gates().read(time.wallTime())).isEmpty();
        assertThat(first.gates().list()).isEmpty();
        await().until(() -> second.gates().list().isEmpty());
    }

    @Test
    void of_two_ends_that_were_set_at_one_time_the_later_one_wins_everywhere() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        CircuitBreakerManager second = process(kept);
        first.gates().put(stop("stop"));
        await().until(() -> !second.gates().list().isEmpty());
        store.away = true;
        second.gates().put(stop("stop").because("earlier"));
        stored(second);
        time.advance(Duration.ofSeconds(1));
        first.gates().put(stop("stop").because("later"));
        store.away = false;
        stored(first);

        await().until(() -> "later".equals(gate(second).reason()));
        assertThat(gate(first).reason()).isEqualTo("later");
    }

    /** A budget's gate has the same id each time; a process that began later never heard of the removed one. */
    @Test
    void an_id_that_was_removed_long_ago_can_be_put_again_by_a_process_that_does_not_know_it() {
        CircuitBreakerManager first = process(kept);
        first.gates().put(stop("budget"));
        first.gates().remove(ACME, "budget", "ann", "raised");
        stored(first);
        CircuitBreakerManager second = process(kept);
        second.gates().put(stop("budget"));
        stored(second);

        assertThat(kept.gates().read(time.wallTime())).hasSize(1);
        await().until(() -> !first.gates().list().isEmpty());
        assertThat(process(kept).gates().list()).hasSize(1);
    }

    @Test
    void what_was_missed_is_read_again_and_what_the_store_forgot_is_written_again() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        first.gates().put(stop("kept"));
        first.gates().put(stop("removed"));
        stored(first);
        store.isDeaf = true;
        CircuitBreakerManager second = process(kept);
        second.gates().put(stop("new"));
        second.gates().remove(ACME, "removed", "bob", null);
        stored(second);
        assertThat(first.gates().list()).extracting(Gate::id).containsExactly("kept", "removed");

        store.gap();
        await().until(() -> first.gates().list().size() == 2
                && first.gates().list().get(1).id().equals("new"));

        InMemoryCircuitStore empty = new InMemoryCircuitStore();
        store.behind = empty;
        store.gap();
        await().until(() -> empty.gates().read(time.wallTime()).size() == 2);
    }

    @Test
    void what_could_not_be_written_is_written_without_anybody_asking() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        store.away = true;
        first.gates().put(stop("stop"));
        await().until(() -> store.refused.get() > 0);
        store.away = false;

        await().until(() -> kept.gates().find(ACME, "stop") != null);
    }

    @Test
    void so_is_what_failed_by_a_mistake_of_the_store_which_is_reported() {
        List<Throwable> reported = new CopyOnWriteArrayList<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> reported.add(thrown));
        try {
            HandStore store = new HandStore(kept);
            CircuitBreakerManager first = process(store);
            store.broken = true;
            first.gates().put(stop("stop"));
            await().dontCatchUncaughtExceptions()
                    .untilAsserted(() -> assertThat(reported)
                            .anySatisfy(thrown -> assertThat(thrown).hasMessage("broken")));
            store.broken = false;

            await().dontCatchUncaughtExceptions().until(() -> kept.gates().find(ACME, "stop") != null);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void a_process_that_closes_writes_what_is_left_and_hears_nothing_more() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        store.away = true;
        first.gates().put(stop("stop"));
        await().until(() -> store.refused.get() > 0);
        store.away = false;
        first.close();

        assertThat(kept.gates().find(ACME, "stop")).isNotNull();
        assertThat(store.subscribers).isEmpty();
    }

    @Test
    void who_waits_for_a_store_that_stays_away_hears_at_the_close_that_it_is_not_stored() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        store.away = true;
        first.gates().put(stop("stop"));
        var stored = first.gates().written().toCompletableFuture();
        first.close();

        assertThat(stored).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(false);
    }

    @Test
    void an_executor_that_refuses_keeps_nobody_waiting() {
        CircuitBreakerManager full = CircuitBreakerManager.builder()
                .time(time)
                .executor(task -> {
                    throw new RejectedExecutionException();
                })
                .store(kept)
                .build();
        opened.add(full);
        full.gates().put(stop("stop"));

        stored(full);
    }

    @Test
    void a_gate_in_effect_here_is_written_above_a_removal_of_an_earlier_gate_that_has_come_back() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        first.gates().put(stop("stop").because("first"));
        stored(first);
        first.gates().put(stop("stop").because("second"));
        stored(first);
        InMemoryCircuitStore older = new InMemoryCircuitStore();
        older.gates()
                .write(List.of(new GateRecord(
                        ACME,
                        "stop",
                        1,
                        "of an earlier gate",
                        "agents",
                        "agent",
                        "bob",
                        null,
                        Instant.EPOCH,
                        null,
                        new GateRecord.Removal("bob", null, Instant.EPOCH))));
        store.behind = older;
        store.gap();

        await().until(() -> older.gates().read(time.wallTime()).size() == 1);
        assertThat(gate(first).reason()).isEqualTo("second");
    }

    @Test
    void gates_are_listed_by_organization() {
        CircuitBreakerManager first = process(kept);
        first.gates().put(stop("stop"));
        first.gates().put(Gate.ofOrganization("another", "ann").named("all"));

        assertThat(first.gates().list(ACME)).extracting(Gate::id).containsExactly("stop");
        assertThat(first.gates().list("another")).extracting(Gate::id).containsExactly("all");
        assertThat(first.gates().list("none")).isEmpty();
    }

    /** Found by the model of the protocol: a store that has forgotten everything gives one version twice. */
    @Test
    void of_two_gates_of_one_version_the_later_one_is_kept_here_and_in_the_store() {
        HandStore store = new HandStore(kept);
        CircuitBreakerManager first = process(store);
        first.gates().put(stop("stop").because("ours"));
        stored(first);
        Instant ours = time.wallTime();

        store.behind = storeWith("later", ours.plusSeconds(1));
        store.gap();
        await().until(() -> "later".equals(gate(first).reason()));

        InMemoryCircuitStore older = storeWith("earlier", ours.minusSeconds(1));
        store.behind = older;
        store.gap();
        await().until(() -> requireNonNull(older.gates().find(ACME, "stop")).version() == 2);
        assertThat(requireNonNull(older.gates().find(ACME, "stop")).reason()).isEqualTo("later");
        assertThat(gate(first).reason()).isEqualTo("later");
    }

    private static InMemoryCircuitStore storeWith(String reason, Instant since) {
        InMemoryCircuitStore other = new InMemoryCircuitStore();
        other.gates()
                .write(List.of(new GateRecord(
                        ACME, "stop", 1, "stamp of " + reason, "agents", "agent", "bob", reason, since, null, null)));
        return other;
    }

    @Test
    void a_gate_of_a_newer_version_refuses_nothing_is_kept_and_keeps_no_other_out() {
        GateRecord newer =
                new GateRecord(ACME, "newer", 1, "stamp", "sessions", "s-1", "ann", null, time.wallTime(), null, null);
        kept.gates().write(List.of(newer));
        process(kept).gates().put(stop("stop"));
        CircuitBreakerManager second = process(kept);

        await().until(() -> second.gates().list().size() == 1);
        assertThat(gate(second).id()).isEqualTo("stop");
        assertThat(second.getOrCreate(new CircuitId(ACME, "other")).tryAcquire())
                .isNotNull();
        assertThat(kept.gates().find(ACME, "newer")).isEqualTo(newer);
    }

    private CircuitBreakerManager process(CircuitStore store) {
        CircuitBreakerManager manager = CircuitBreakerManager.builder()
                .time(time)
                .executor(Runnable::run)
                .store(store)
                .build();
        opened.add(manager);
        return manager;
    }

    private static Gate stop(String id) {
        return Gate.ofAgents(ACME, "agent", "ann").named(id);
    }

    private static Gate gate(CircuitBreakerManager manager) {
        return manager.gates().list().get(0);
    }

    private static void stored(CircuitBreakerManager manager) {
        assertThat(manager.gates().written().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS))
                .succeedsWithin(Duration.ofSeconds(10))
                .isEqualTo(true);
    }

    /** A store whose gates a test takes away, or whose answers it loses. */
    private static final class HandStore implements CircuitStore {
        volatile InMemoryCircuitStore behind;
        volatile boolean away;
        volatile boolean losesAnswers;
        volatile boolean isDeaf;
        volatile boolean broken;
        final AtomicInteger refused = new AtomicInteger();
        private final List<GateSubscriber> subscribers = new CopyOnWriteArrayList<>();

        HandStore(InMemoryCircuitStore behind) {
            this.behind = behind;
            behind.gates().subscribe(new GateSubscriber() {
                @Override
                public void onChanged(GateRecord record) {
                    if (!away && !isDeaf && !losesAnswers) {
                        subscribers.forEach(subscriber -> subscriber.onChanged(record));
                    }
                }

                @Override
                public void onGap() {}
            });
        }

        void gap() {
            subscribers.forEach(GateSubscriber::onGap);
        }

        private GateStore reached() {
            if (away) {
                refused.incrementAndGet();
                throw new StoreUnavailableException("away", null);
            }
            if (broken) {
                throw new IllegalStateException("broken");
            }
            return behind.gates();
        }

        @Override
        public GateStore gates() {
            return new GateStore() {
                @Override
                public List<GateRecord> read(Instant now) {
                    return reached().read(now);
                }

                @Override
                public @Nullable GateRecord find(String organization, String id) {
                    return reached().find(organization, id);
                }

                @Override
                public List<GateRecord> write(Collection<GateRecord> changes) {
                    List<GateRecord> inTheWay = reached().write(changes);
                    if (losesAnswers) {
                        throw new StoreUnavailableException("its answer was lost", null);
                    }
                    return inTheWay;
                }

                @Override
                public GateProcesses processes() {
                    GateProcesses ofAll = behind.gates().processes();
                    return new GateProcesses() {
                        @Override
                        public void report(String process, Map<GateRecord, GateFollowers> obeyed) {
                            reached();
                            ofAll.report(process, obeyed);
                        }

                        @Override
                        public Duration every() {
                            return ofAll.every();
                        }

                        @Override
                        public void leave(String process) {
                            ofAll.leave(process);
                        }

                        @Override
                        public Map<String, Optional<GateFollowers>> obeying(GateRecord change) {
                            reached();
                            return ofAll.obeying(change);
                        }
                    };
                }

                @Override
                public void subscribe(GateSubscriber subscriber) {
                    subscribers.add(subscriber);
                }

                @Override
                public void unsubscribe(GateSubscriber subscriber) {
                    subscribers.remove(subscriber);
                }
            };
        }

        @Override
        public long nextGeneration() {
            return behind.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            behind.readNotClosed(reader);
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            return behind.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            return behind.write(changes);
        }

        @Override
        public void close() {}
    }
}
