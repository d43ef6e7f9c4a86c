package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** In which order and how many at once circuits are offered to a store. */
class WriteOrderTest {
    private final Lab lab = new Lab();

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    private List<CircuitBreaker> circuits(int number) {
        return IntStream.range(0, number)
                .mapToObj(i -> lab.circuits.getOrCreate("agent-" + i))
                .toList();
    }

    @Test
    void nothing_is_offered_where_nothing_is_noted() {
        assertThat(WriteOrder.of(List.of(), each -> true, each -> true)).isEmpty();
    }

    @Test
    void what_may_be_taken_goes_500_at_once_and_each_goes_once() {
        List<CircuitBreaker> noted = circuits(1_001);
        List<List<CircuitBreaker>> order = WriteOrder.of(noted, each -> false, each -> false);
        assertThat(order).extracting(List::size).containsExactly(500, 500, 1);
        List<CircuitBreaker> offered = new ArrayList<>();
        order.forEach(offered::addAll);
        assertThat(offered).isEqualTo(noted);
        assertThat(WriteOrder.of(noted.subList(0, 500), each -> false, each -> false))
                .hasSize(1);
    }

    @Test
    void then_what_must_be_asked_for_first_and_last_each_by_itself_that_was_refused() {
        List<CircuitBreaker> all = circuits(6);
        List<CircuitBreaker> refused = List.of(all.get(0), all.get(4));
        List<CircuitBreaker> asked = List.of(all.get(1), all.get(4), all.get(5));
        assertThat(WriteOrder.of(all, refused::contains, asked::contains))
                .containsExactly(
                        List.of(all.get(2), all.get(3)),
                        List.of(all.get(1), all.get(5)),
                        List.of(all.get(0)),
                        List.of(all.get(4)));
    }
}
