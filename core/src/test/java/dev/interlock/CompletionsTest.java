package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.Durability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who waits until something is stored hears of it once it lasts, on the executor. */
class CompletionsTest {
    private static final CircuitId AGENT = new CircuitId("acme", "agent");
    private static final Duration SOON = Duration.ofSeconds(30);

    private final LastingStore store = new LastingStore();
    private final List<Runnable> executed = new ArrayList<>();
    private final Completions completions = new Completions(store, executed::add);
    private final CompletableFuture<Boolean> first = new CompletableFuture<>();
    private final CompletableFuture<Boolean> second = new CompletableFuture<>();

    private void run() {
        executed.forEach(Runnable::run);
        executed.clear();
    }

    @Test
    void all_who_wait_for_a_circuit_hear_on_the_executor_once_it_lasts() {
        completions.written(AGENT, Note.of(first).and(Note.of(second)));
        assertThat(store.asked).containsExactly("acme/agent");
        assertThat(executed).isEmpty();
        store.lasts.complete(null);
        assertThat(first).isNotDone();
        run();
        assertThat(first).isCompletedWithValue(true);
        assertThat(second).isCompletedWithValue(true);
    }

    @Test
    void they_hear_if_it_does_not_last() {
        completions.written(AGENT, Note.of(first));
        store.lasts.completeExceptionally(new IllegalStateException("of a test"));
        run();
        assertThat(first).isCompletedWithValue(false);
    }

    @Test
    void where_nobody_waits_nobody_asks_whether_it_lasts() {
        completions.written(AGENT, Note.again());
        assertThat(store.asked).isEmpty();
    }

    @Test
    void an_executor_that_takes_nothing_keeps_nobody_waiting() {
        Completions rejecting = new Completions(store, task -> {
            throw new RejectedExecutionException("full");
        });
        rejecting.complete(Note.of(first), true);
        assertThat(first.orTimeout(30, TimeUnit.SECONDS).join()).isTrue();
        rejecting.complete(Note.of(second), false);
        assertThat(second.orTimeout(30, TimeUnit.SECONDS).join()).isFalse();
    }

    @Test
    void who_waits_for_all_hears_once_all_lasts() {
        store.lasts.complete(null);
        List<Integer> waiting = new ArrayList<>();
        assertThat(completions.isFlushing()).isFalse();
        boolean stored = completions.flush(SOON, () -> {
            waiting.add(completions.flushing().size());
            assertThat(completions.isFlushing()).isTrue();
            completions.flushed(completions.flushing());
            waiting.add(completions.flushing().size());
        });
        assertThat(stored).isTrue();
        assertThat(waiting).containsExactly(1, 0);
        assertThat(store.asked).containsExactly("all");
    }

    @Test
    void who_waits_for_all_hears_if_it_does_not_last() {
        store.lasts.completeExceptionally(new IllegalStateException("of a test"));
        assertThat(completions.flush(SOON, () -> completions.flushed(completions.flushing())))
                .isFalse();
    }

    @Test
    void only_who_was_waiting_when_the_writing_began_hears_of_its_end() {
        store.lasts.complete(null);
        List<CompletableFuture<Boolean>> before = completions.flushing();
        assertThat(completions.flush(Duration.ofMillis(1), () -> completions.flushed(before)))
                .isFalse();
    }

    @Test
    void who_has_waited_long_enough_waits_no_more() {
        assertThat(completions.flush(Duration.ofMillis(1), () -> {})).isFalse();
        assertThat(completions.isFlushing()).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void one_who_is_interrupted_does_not_know_and_stays_interrupted() {
        Thread.currentThread().interrupt();
        assertThat(completions.flush(SOON, () -> {})).isFalse();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(completions.isFlushing()).isFalse();
    }

    /** A store in which a test says when something lasts. */
    private static final class LastingStore extends ForwardingStore implements Durability {
        private final List<String> asked = new ArrayList<>();
        private final CompletableFuture<Void> lasts = new CompletableFuture<>();

        @Override
        public Durability durability() {
            return this;
        }

        @Override
        public CompletionStage<Void> of(String organization, String name) {
            asked.add(organization + "/" + name);
            return lasts;
        }

        @Override
        public CompletionStage<Void> ofAll() {
            asked.add("all");
            return lasts;
        }
    }
}
