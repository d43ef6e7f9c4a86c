package dev.interlock.server.workers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However few are wanted of many, a piece looks at so many and no more, and all together find what is wanted. */
class SieveTest {
    private static final int ALL = 100_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000, ALL, 2 * ALL})
    void finds_all_that_are_wanted_and_looks_at_a_bounded_number_in_each_piece(int each) {
        AtomicInteger looks = new AtomicInteger();
        Sieve<Integer> sieve = new Sieve<>(
                IntStream.range(0, ALL)
                        .boxed()
                        .peek(any -> looks.incrementAndGet())
                        .iterator(),
                number -> number % each == each - 1);
        List<Integer> found = new ArrayList<>();
        int pieces = 0;
        while (!sieve.isAtEnd()) {
            int before = looks.get();
            sieve.beginPiece();
            for (Integer next = sieve.next(); next != null; next = sieve.next()) {
                found.add(next);
            }
            pieces++;
            assertThat(looks.get() - before)
                    .isLessThanOrEqualTo(Sieve.A_PIECE + 1); // one to know whether there are more
        }

        assertThat(found)
                .isEqualTo(IntStream.range(0, ALL)
                        .filter(number -> number % each == each - 1)
                        .boxed()
                        .toList());
        assertThat(pieces).isEqualTo(ALL / Sieve.A_PIECE);
    }

    @Test
    void of_nothing_nothing_is_found() {
        Sieve<String> sieve = new Sieve<>(List.<String>of().iterator(), any -> true);
        sieve.beginPiece();

        assertThat(sieve.next()).isNull();
        assertThat(sieve.isAtEnd()).isTrue();
    }
}
