package dev.interlock.server.permits;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches cut into entries, however the network cuts them. */
class BatchSplitterTest {
    private static final String NDJSON = "{\"a\":1}\n\n  {\"b\":\"[}\"}\r\nrubbish\n{\"c\":3}";
    private static final String ARRAY = " [ {\"a\":[1,{}]} ,{\"b\":\"]\\\"}\\\\\"}, 7,\"x,]\", null\n,{}]  \n";

    @Test
    void lines_are_entries_and_blank_lines_are_none() {
        assertThat(cut(NDJSON, NDJSON.length()))
                .containsExactly("{\"a\":1}", "  {\"b\":\"[}\"}\r", "rubbish", "{\"c\":3}");
    }

    @Test
    void elements_of_an_array_are_entries() {
        assertThat(cut(ARRAY, ARRAY.length()))
                .containsExactly("{\"a\":[1,{}]}", "{\"b\":\"]\\\"}\\\\\"}", "7", "\"x,]\"", "null", "{}");
    }

    @ParameterizedTest
    @ValueSource(strings = {NDJSON, ARRAY})
    void it_makes_no_difference_in_which_pieces_a_batch_arrives(String batch) {
        List<String> whole = cut(batch, batch.length());
        for (int size = 1; size < batch.length(); size++) {
            assertThat(cut(batch, size)).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   \n", "[]", " [ ] "})
    void a_batch_may_be_empty(String batch) {
        assertThat(cut(batch, 1)).isEmpty();
    }

    @Test
    void an_array_that_breaks_off_says_so_behind_what_was_whole() {
        assertThat(cut("[{},{", 100))
                .containsExactly(
                        "{}", "BAD the batch: the array is not closed with ]; nothing behind this place was read");
        assertThat(cut("[{} {}]", 100))
                .containsExactly(
                        "{}",
                        "BAD the batch: there must be a , or ] between the array's elements; nothing behind this place"
                                + " was read");
        assertThat(cut("[{},]", 100))
                .containsExactly(
                        "{}", "BAD the batch: an element of the array is missing; nothing behind this place was read");
        assertThat(cut("[] []", 100))
                .containsExactly(
                        "BAD the batch: there is more behind the array's ]; nothing behind this place was read");
    }

    @Test
    void an_entry_that_is_too_long_is_left_out_alone() {
        String fits = "\"" + "x".repeat(BatchSplitter.LONGEST_ENTRY - 2) + "\"";
        String tooLong = "\"" + "x".repeat(BatchSplitter.LONGEST_ENTRY - 1) + "\"";
        String refusal = "BAD the entry: must have at most 65536 bytes, but has more";
        for (int size : new int[] {1_000, 200_000}) {
            assertThat(cut(fits + "\n" + tooLong + "\n{}", size)).containsExactly(fits, refusal, "{}");
            assertThat(cut("[" + fits + "," + tooLong + ",{}]", size)).containsExactly(fits, refusal, "{}");
        }
    }

    @Test
    void no_garbage_makes_it_stumble() {
        Random random = new Random(3);
        byte[] letters = "[]{},\"\\ \n\t7a".getBytes(UTF_8);
        for (int round = 0; round < 50_000; round++) {
            StringBuilder batch = new StringBuilder(random.nextBoolean() ? "[" : "");
            for (int i = random.nextInt(30); i > 0; i--) {
                batch.append((char) letters[random.nextInt(letters.length)]);
            }
            List<String> whole = cut(batch.toString(), 100);
            assertThat(cut(batch.toString(), 1 + random.nextInt(5))).isEqualTo(whole);
        }
    }

    private static List<String> cut(String batch, int size) {
        List<String> entries = new ArrayList<>();
        BatchSplitter splitter = new BatchSplitter(new BatchSplitter.Sink() {
            @Override
            public void entry(byte[] bytes, int from, int length) {
                entries.add(new String(bytes, from, length, UTF_8));
            }

            @Override
            public void badEntry(String detail) {
                entries.add("BAD " + detail);
            }
        });
        byte[] bytes = batch.getBytes(UTF_8);
        for (int from = 0; from < bytes.length; from += size) {
            splitter.feed(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size)));
        }
        splitter.end();
        return entries;
    }
}
