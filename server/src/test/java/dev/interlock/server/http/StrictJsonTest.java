package dev.interlock.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.vertx.core.buffer.Buffer;
import java.lang.management.ManagementFactory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies are read on event loops: what a reader makes of 64 KiB is bounded, and a mistake has its place. */
class StrictJsonTest {
    private static final int LONGEST_NAME = 50_000;
    private static final long MOST_BYTES = 4 << 20;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a':1,'a':2} | 'a' twice",
                "{'a':{'b':1,'b':2}} | 'a.b' twice",
                "{'a':[{},{},{'b':{'c':1,'c':1}}]} | 'a[2].b.c' twice",
                "[{'a':1},[{'b':1,'b':1}]] | '[1][0].b' twice"
            })
    void a_name_that_is_there_twice_is_refused_with_its_place(String json, String place) {
        assertThatThrownBy(() -> StrictJson.read(Buffer.buffer(json.replace('\'', '"'))))
                .isInstanceOf(Problem.class)
                .hasMessageContaining(place);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[%s]", "{\"a\":[%s]}", "[[[%s]]]"})
    void a_body_has_at_most_a_thousand_values(String around) {
        int others = around.equals("[%s]") ? 1 : around.startsWith("{") ? 2 : 3;
        String most = zeros(StrictJson.MOST_VALUES - others);

        assertThat(StrictJson.read(Buffer.buffer(String.format(around, most)))).isNotNull();
        assertThatThrownBy(() -> StrictJson.read(Buffer.buffer(String.format(around, most + ",0"))))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("more than 1000 members and elements");
    }

    /** The place of each value was written before it was known whether anybody would ask. */
    @Test
    void a_long_name_around_many_values_costs_what_it_is_long() {
        String many = zeros(StrictJson.MOST_VALUES - 2);
        Buffer body = Buffer.buffer("{\"" + "n".repeat(LONGEST_NAME) + "\":[" + many + "]}");

        assertThat(allocated(() -> StrictJson.read(body))).isLessThan(MOST_BYTES);
    }

    /** All mistakes are reported, up to a limit: beyond it nobody looks for names that were meant. */
    @ParameterizedTest
    @ValueSource(strings = {"putPolicy", "putAgent", "createKey", "actOnCircuit"})
    void a_body_that_is_nothing_but_mistakes_is_refused_cheaply(String operation) {
        Body body = Contract.ofThisBuild().operations().stream()
                .filter(each -> each.id().equals(operation))
                .findFirst()
                .orElseThrow()
                .body();
        String members = IntStream.range(0, 10_000)
                .mapToObj(i -> "\"cooldwn" + i + "\":0")
                .limit(StrictJson.MOST_VALUES - 1)
                .collect(Collectors.joining(","));
        Buffer bytes = Buffer.buffer("{" + members + "}");

        assertThat(allocated(() -> assertThatThrownBy(() -> body.read(bytes)).isInstanceOf(Problem.class)))
                .isLessThan(MOST_BYTES);
    }

    private static String zeros(int count) {
        return IntStream.range(0, count).mapToObj(i -> "0").collect(Collectors.joining(","));
    }

    private static long allocated(Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        work.run();
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        work.run();
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    }
}
