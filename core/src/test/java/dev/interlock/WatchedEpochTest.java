package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** After a probe that may have been wrong each good call is looked at, until nobody wants to know any more. */
class WatchedEpochTest {
    private final Lab lab = new Lab();
    private int asked;
    private int wanted = 2;

    WatchedEpochTest() {
        Engine engine = lab.circuits.engine();
        engine.followedBy(new Watching(engine.followed()));
    }

    private ClosedEpoch present() {
        return (ClosedEpoch) lab.circuit.current();
    }

    /** Whether a good call is only counted. */
    private boolean goesTheShortWay() {
        return present().succeedAgain(lab.time, lab.circuits.engine().itself, lab.circuit.id);
    }

    @Test
    void a_good_call_is_looked_at_as_often_as_somebody_wants_to_know() {
        lab.succeed().fail(2);
        lab.circuit.watch();
        assertThat(lab).hasStreak(2).hasCounted(3, 2);

        lab.succeed();
        assertThat(asked).isEqualTo(1);
        assertThat(lab).hasStreak(0);
        assertThat(goesTheShortWay()).isFalse();
        lab.succeed();
        assertThat(asked).isEqualTo(2);

        assertThat(lab).hasStreak(0).hasCounted(5, 2);
        assertThat(goesTheShortWay()).isTrue();
        lab.succeed();
        assertThat(asked).isEqualTo(2);
        lab.fail();
        assertThat(lab).hasStreak(1).hasCounted(8, 3);
    }

    @Test
    void what_was_there_before_is_sealed_so_that_nothing_counts_where_nobody_looks() {
        lab.fail(2);
        ClosedEpoch before = present();
        lab.circuit.watch();
        assertThat(present()).isNotSameAs(before);
        assertThat(before.seal(2)).as("once more").isFalse();
    }

    @Test
    void a_failure_neither_asks_nor_ends_the_watch() {
        lab.succeed();
        lab.circuit.watch();
        lab.fail(2);
        assertThat(lab).hasStreak(2);
        assertThat(asked).isZero();
        lab.succeed();
        assertThat(asked).isEqualTo(1);
    }

    @Test
    void nobody_is_asked_of_one_that_is_not_watched() {
        lab.fail(2).succeed(3);
        assertThat(asked).isZero();
        assertThat(goesTheShortWay()).isTrue();
    }

    /** Wants to know of so many good calls. */
    private final class Watching implements Engine.Followed {
        private final Engine.Followed others;

        private Watching(Engine.Followed others) {
            this.others = others;
        }

        @Override
        public boolean succeeded(CircuitId id, long began) {
            asked++;
            return --wanted > 0;
        }

        @Override
        public void moved(CircuitId id) {
            others.moved(id);
        }

        @Override
        public void cutShort() {
            others.cutShort();
        }

        @Override
        public void repeated(CircuitId id, ManualOverride override) {
            others.repeated(id, override);
        }

        @Override
        public void hastened(CircuitId id, ManualOverride suggestion) {
            others.hastened(id, suggestion);
        }

        @Override
        public void probed(CircuitId id) {
            others.probed(id);
        }

        @Override
        public void failed(CircuitId id) {
            others.failed(id);
        }
    }
}
