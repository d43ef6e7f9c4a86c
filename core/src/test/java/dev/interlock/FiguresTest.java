package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Rates are fractions of the calls that were counted. */
class FiguresTest {
    @Test
    void failed_ones_are_a_fraction_of_all_and_slow_ones_of_those_that_were_looked_at() {
        Figures figures = new Figures(10, 4, 8, 2, 3);
        assertThat(figures.failureRate()).isEqualTo(0.4);
        assertThat(figures.slowCallRate()).isEqualTo(0.25);
    }

    @Test
    void without_calls_they_are_zero() {
        assertThat(Figures.NONE.failureRate()).isZero();
        assertThat(Figures.NONE.slowCallRate()).isZero();
        assertThat(new Figures(3, 3, 0, 0, 3).slowCallRate()).isZero();
    }
}
