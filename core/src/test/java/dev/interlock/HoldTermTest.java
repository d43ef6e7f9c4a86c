package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long a hold lasts, and the one timer that ends it. */
class HoldTermTest {
    private static final long END = 100;

    private final ManualTimeSource time = new ManualTimeSource();
    private final Timers timers = new Timers(time);
    private final List<Long> ended = new ArrayList<>();
    private final HoldTerm term = new HoldTerm(END);

    private void begin(HoldTerm which) {
        which.begin(timers, () -> ended.add(time.ticks()));
    }

    @Test
    void it_has_one_timer_however_often_it_begins() {
        begin(term);
        begin(term);
        assertThat(timers.size()).isOne();
        time.advance(Duration.ofNanos(END - 1));
        assertThat(ended).isEmpty();
        time.advance(Duration.ofNanos(1));
        assertThat(ended).containsExactly(END);
    }

    @Test
    void it_is_over_at_its_end_and_nothing_is_left_from_then_on() {
        assertThat(term.hasEnd()).isTrue();
        assertThat(term.isOver(END - 1)).isFalse();
        assertThat(term.isOver(END)).isTrue();
        assertThat(term.left(END - 7)).isEqualTo(7);
        assertThat(term.left(END + 7)).isZero();
    }

    @Test
    void one_without_an_end_has_no_timer() {
        HoldTerm endless = new HoldTerm(Move.NO_END);
        begin(endless);
        assertThat(timers.size()).isZero();
        assertThat(endless.hasEnd()).isFalse();
        assertThat(endless.isOver(Long.MAX_VALUE - 1)).isFalse();
        endless.abandon(timers);
    }

    @Test
    void what_ends_the_hold_takes_its_timer_along_and_it_begins_no_more() {
        begin(term);
        term.abandon(timers);
        assertThat(timers.size()).isZero();
        begin(term);
        HoldTerm abandonedFirst = new HoldTerm(END);
        abandonedFirst.abandon(timers);
        begin(abandonedFirst);
        assertThat(timers.size()).isZero();
        time.advance(Duration.ofNanos(END));
        assertThat(ended).isEmpty();
    }

    @Test
    void the_epoch_that_follows_has_a_timer_of_its_own() {
        begin(term);
        HoldTerm copy = term.copy();
        term.abandon(timers);
        begin(copy);
        time.advance(Duration.ofNanos(END));
        assertThat(ended).containsExactly(END);
    }

    @Test
    void a_circuit_has_the_timer_of_the_hold_that_is_in_effect_and_none_without_one() {
        Lab lab = new Lab();
        Timers ofCircuits = lab.circuits.engine().timers;
        int without = ofCircuits.size();
        lab.hold(OverrideAction.HOLD_OPEN, Duration.ofSeconds(60));
        lab.hold(OverrideAction.HOLD_CLOSED, Duration.ofSeconds(30));
        assertThat(ofCircuits.size()).isEqualTo(without + 1);
        lab.override(OverrideAction.RELEASE);
        assertThat(ofCircuits.size()).isEqualTo(without);
    }
}
