package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What follows a move is done also where an Error cuts it short, as at the end of a call's stack. */
class AftermathTest {
    private static final Duration MOMENT = Duration.ofNanos(1);

    private final Lab lab = new Lab();
    private final Publisher publisher = new Publisher(Runnable::run, 100);
    private final List<StateTransition> heard = new ArrayList<>();
    private final List<String> opened = new ArrayList<>();
    private final Set<String> cutShort = new HashSet<>();
    private final List<Throwable> reported = new ArrayList<>();
    private final Thread.UncaughtExceptionHandler before =
            Thread.currentThread().getUncaughtExceptionHandler();

    AftermathTest() {
        Engine engine = lab.circuits.engine();
        publisher.add(heard::add);
        engine.followedBy(new Aftermath(engine, lab.circuits.registry(), publisher, null, id -> {
            if (cutShort.contains(id.name())) {
                throw new StackOverflowError("as if");
            }
            opened.add(id.name());
        }));
    }

    @BeforeEach
    void report() {
        Thread.currentThread().setUncaughtExceptionHandler((on, thrown) -> reported.add(thrown));
    }

    @AfterEach
    void restore() {
        Thread.currentThread().setUncaughtExceptionHandler(before);
    }

    @Test
    void it_is_done_once_before_the_move_returns() {
        lab.trip();
        assertThat(heard).hasSize(1);
        lab.pass(Duration.ofHours(1));
        assertThat(heard).hasSize(1);
        assertThat(opened).containsExactly("agent");
    }

    @Test
    void where_it_is_cut_short_no_call_fails_and_the_timers_do_the_rest_once() {
        cutShort.add("agent");

        lab.trip();

        assertThat(lab).isOpen();
        assertThat(heard).isEmpty();
        cutShort.clear();
        lab.pass(MOMENT);
        assertThat(heard)
                .singleElement()
                .satisfies(opening -> assertThat(opening.to()).isEqualTo(CircuitState.OPEN));
        assertThat(opened).containsExactly("agent");
        lab.pass(Duration.ofHours(1));
        assertThat(heard).hasSize(1);
        assertThat(opened).hasSize(1);
        assertThat(reported).isEmpty();
    }

    @Test
    void the_next_move_brings_it_along_and_all_is_heard_in_order() {
        cutShort.add("agent");
        lab.trip();
        cutShort.clear();

        lab.override(OverrideAction.CLOSE);

        assertThat(heard).extracting(StateTransition::to).containsExactly(CircuitState.OPEN, CircuitState.CLOSED);
        assertThat(opened).containsExactly("agent");
        lab.pass(MOMENT);
        assertThat(heard).hasSize(2);
    }

    @Test
    void what_is_cut_short_again_holds_up_no_other_circuit_and_is_tried_again_a_second_later() {
        CircuitBreaker other = lab.circuits.getOrCreate("other");
        cutShort.addAll(Set.of("agent", "other"));
        lab.trip();
        other.override(ManualOverride.of(OverrideAction.OPEN, "ann"));
        assertThat(heard).isEmpty();
        cutShort.remove("other");

        lab.pass(MOMENT);

        assertThat(opened).containsExactly("other");
        assertThat(heard).extracting(each -> each.id().name()).containsExactly("other");
        assertThat(reported).singleElement().isInstanceOf(StackOverflowError.class);
        cutShort.clear();
        lab.pass(seconds(1).minusNanos(2));
        assertThat(opened).hasSize(1);
        lab.pass(MOMENT);
        assertThat(opened).containsExactly("other", "agent");
        assertThat(heard).hasSize(2);
        lab.pass(seconds(3));
        assertThat(heard).hasSize(2);
        assertThat(reported).hasSize(1);
    }

    @Test
    void what_changes_nothing_is_stored_with_who_did_it_as_what_changes_something_is() {
        List<String> stored = new CopyOnWriteArrayList<>();
        Lab storing = new Lab(
                CircuitBreakerConfig.defaults(),
                builder -> builder.store(new ForwardingStore() {
                    @Override
                    public List<CircuitRecord> write(Collection<CircuitChange> changes) {
                        changes.forEach(change -> change.transitions()
                                .forEach(line -> stored.add(line.action() + " by " + line.actor())));
                        return super.write(changes);
                    }
                }));
        try (CircuitBreakerManager circuits = storing.circuits) {
            storing.override(OverrideAction.OPEN);
            storing.override(OverrideAction.PROBE_NOW);
            storing.override(OverrideAction.HOLD_OPEN);
            storing.override(OverrideAction.HOLD_OPEN);
            assertThat(circuits.flush(Duration.ofSeconds(30))).isTrue();
        }
        assertThat(stored).containsExactly("open by ada", "probe_now by ada", "hold_open by ada", "hold_open by ada");
    }

    @Test
    void what_changes_nothing_is_reported_of_circuits_that_are_there() {
        Lab repeating = new Lab();
        Engine.Followed followed = repeating.circuits.engine().followed();
        ManualOverride close = ManualOverride.of(OverrideAction.CLOSE, "ann");
        followed.repeated(CircuitId.of("agent"), close);
        followed.hastened(CircuitId.of("agent"), close);
        assertThat(repeating.repeated).containsExactly(close, close);
        CircuitId forgotten = CircuitId.of("forgotten");
        followed.repeated(forgotten, close);
        followed.hastened(forgotten, close);
        followed.moved(forgotten);
        followed.failed(forgotten);
        assertThat(followed.succeeded(forgotten, 0)).isFalse();
        assertThat(repeating.repeated).hasSize(2);
        assertThat(repeating.circuits.contains(forgotten)).isFalse();
    }
}
