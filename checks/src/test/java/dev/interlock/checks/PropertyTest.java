package dev.interlock.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Of faults that are known the simplest values are found and reported, and the seed makes them again. */
class PropertyTest {
    private static final Pattern SEED = Pattern.compile("-Dinterlock\\.seed=(-?\\d+)");

    @Test
    void a_statement_that_holds_is_tried_as_often_as_said_on_many_values() {
        Set<Long> seen = new HashSet<>();
        List<Long> all = new ArrayList<>();

        Property.tries(500).holds(draw -> {
            long number = draw.number(-5, 1L << 40);
            assertThat(number).isBetween(-5L, 1L << 40);
            seen.add(number);
            all.add(number);
        });

        assertThat(all).hasSize(500);
        assertThat(seen).hasSizeGreaterThan(250).contains(-5L, 1L << 40);
    }

    @Test
    void a_number_shrinks_to_the_border() {
        assertThat(shrunk(draw -> {
                    long number = draw.named("number", draw.number(0, Long.MAX_VALUE));
                    assertThat(number).isLessThan(123_456_789);
                }))
                .contains("number = 123456789\n");
    }

    @Test
    void the_greatest_number_shrinks_too() {
        Property.Statement statement =
                draw -> assertThat(draw.number(0, Long.MAX_VALUE)).isLessThan(123_456_789);
        Failure greatest = Property.attempt(statement, Choices.again(new long[] {Long.MAX_VALUE}));

        assertThat(new Shrinker(statement, greatest).shrink().choices()).containsExactly(123_456_789);
    }

    @Test
    void a_list_keeps_only_the_elements_that_matter() {
        assertThat(shrunk(draw -> {
                    List<Integer> list = draw.named("list", draw.list(0, 300, () -> draw.integer(0, 1_000)));
                    assertThat(list.indexOf(7) >= 0 && list.lastIndexOf(9) > list.indexOf(7))
                            .isFalse();
                }))
                .contains("list = [7, 9]\n");
    }

    @Test
    void what_was_drawn_within_a_bound_that_was_drawn_stays_within_it() {
        assertThat(shrunk(draw -> {
                    int size = draw.named("size", draw.integer(1, 50));
                    List<Integer> below = draw.named("below", draw.list(0, 20, () -> draw.integer(0, size - 1)));
                    assertThat(below).allMatch(each -> each < size);
                    assertThat(below).allMatch(each -> each < 30);
                }))
                .contains("size = 31\n")
                .contains("below = [30]\n");
    }

    @Test
    void texts_choices_and_nulls_become_simple() {
        assertThat(shrunk(draw -> {
                    draw.named("text", draw.text("abc", 2, 10));
                    draw.named("choice", draw.of("plain", "odd", "odder"));
                    draw.named("maybe", draw.orNull(0.1, () -> draw.integer(0, 9)));
                    draw.named("some", draw.some(List.of(1, 2, 3)));
                    draw.named("fraction", draw.fraction(0.5, 2));
                    draw.named("branch", draw.weighted(1, 5, 5));
                    throw new IllegalStateException("whatever was drawn");
                }))
                .contains("text = aa\n", "choice = plain\n", "maybe = null\n", "some = []\n", "fraction = 0.5\n")
                .contains("branch = 0\n");
    }

    @Test
    void shrinking_does_not_slip_to_another_fault() {
        AssertionError reported = failure(draw -> {
            int number = draw.named("number", draw.integer(0, 10_000));
            if (number > 5_000) {
                throw new IllegalStateException("too big");
            }
            if (number == 17) {
                throw new ArithmeticException("another");
            }
        });

        assertThat(reported).hasMessageContaining("number = 5001\n").hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void the_seed_of_a_report_makes_the_same_try_again() {
        Property.Statement statement = draw -> {
            List<Integer> list = draw.named("list", draw.list(0, 50, () -> draw.integer(0, 1_000_000)));
            assertThat(list.stream().mapToLong(each -> each).sum() % 7).isNotEqualTo(3);
        };
        AssertionError reported = failure(statement);
        Matcher seed = SEED.matcher(reported.getMessage());
        assertThat(seed.find()).isTrue();

        AssertionError again = catchThrowableOfType(
                AssertionError.class, () -> Property.tries(1).holds(statement, Long.parseLong(seed.group(1))));

        assertThat(again.getMessage().replaceAll("in try \\d+ of \\d+", ""))
                .isEqualTo(reported.getMessage().replaceAll("in try \\d+ of \\d+", ""));
    }

    @Test
    void weights_and_coins_are_kept() {
        int[] counts = new int[3];
        int[] heads = new int[1];

        Property.tries(3_000).holds(draw -> {
            counts[draw.weighted(6, 3, 1)]++;
            heads[0] += draw.coin(0.25) ? 1 : 0;
        });

        assertThat(counts[0]).isBetween(1_500, 2_100);
        assertThat(counts[1]).isBetween(700, 1_100);
        assertThat(counts[2]).isBetween(180, 450);
        assertThat(heads[0]).isBetween(550, 950);
    }

    @Test
    void lists_are_short_and_long() {
        List<Integer> sizes = new ArrayList<>();

        Property.tries(500)
                .holds(draw -> sizes.add(draw.list(1, 300, () -> draw.coin(0.5)).size()));

        assertThat(sizes).allMatch(size -> size >= 1 && size <= 300);
        assertThat(sizes).filteredOn(size -> size < 10).hasSizeGreaterThan(10);
        assertThat(sizes).filteredOn(size -> size > 150).hasSizeGreaterThan(50);
    }

    private static String shrunk(Property.Statement statement) {
        return failure(statement).getMessage();
    }

    private static AssertionError failure(Property.Statement statement) {
        AssertionError failure = catchThrowableOfType(
                AssertionError.class, () -> Property.tries(20_000).holds(statement));
        assertThat(failure).as("the fault is found").isNotNull();
        return failure;
    }
}
