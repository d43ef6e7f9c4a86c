package dev.interlock.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFieldsTest {
    private static JsonFields read(String json, int pieces) {
        JsonFields fields = new JsonFields(Set.of("model", "id", "params.name", "params"));
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        int each = Math.max(1, bytes.length / pieces);
        for (int at = 0; at < bytes.length; at += each) {
            fields.feed(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + each)));
        }
        fields.end();
        return fields;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"model\":\"gpt-5\"} | gpt-5",
                " {\t\"model\" : \"gpt-5\" , \"x\" : [1,{\"model\":\"no\"}] } | gpt-5",
                "{\"x\":{\"model\":\"no\"},\"model\":\"yes\"} | yes",
                "{\"x\":\"model\",\"model\":\"yes\"} | yes",
                "{\"x\":\"\\\"model\\\":\\\"no\\\"\",\"model\":\"yes\"} | yes",
                "{\"m\\u006fdel\":\"gpt\\u002d5\"} | gpt-5",
                "{\"model\":\"a\\\\\\\"b\"} | a\\\"b",
                "{\"messages\":[{\"content\":\"}]\"}],\"model\":\"yes\"} | yes",
                "{\"model\":\"\u00e9\u4e2d\"} | \u00e9\u4e2d",
                "{\"params\":{\"name\":\"no\"},\"model\":\"yes\"} | yes",
            })
    void a_field_is_found_wherever_it_is_and_in_whatever_pieces_it_comes(String json, String model) {
        for (int pieces : new int[] {1, 2, 3, 1_000}) {
            assertThat(read(json, pieces).string("model")).as(json).isEqualTo(model);
        }
    }

    @Test
    void a_field_of_an_object_within_is_found_by_its_path() {
        JsonFields fields = read(
                "{\"id\":7,\"params\":{\"x\":{\"name\":\"no\"},\"name\":\"search\",\"y\":[{\"name\":\"no\"}]},\"name\":\"no\"}",
                4);

        assertThat(fields.string("params.name")).isEqualTo("search");
        assertThat(fields.get("params")).isEqualTo("{}");
        assertThat(fields.get("id")).isEqualTo("7");
        assertThat(fields.string("id")).as("no string").isNull();
        assertThat(fields.get("model")).as("not there").isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "false", "-1.5e3", "{}", "[]", "[\"gpt-5\"]", "{\"a\":\"gpt-5\"}"})
    void what_is_no_string_is_no_name(String value) {
        assertThat(read("{\"model\":" + value + "}", 2).string("model")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "\"model\"",
                "7",
                "nope",
                "{",
                "{\"model\":\"a\"",
                "{\"model\":\"a",
                "{\"model\":\"a\"}{\"model\":\"b\"}",
                "{\"model\":\"a\"} x",
                "{\"model\":\"a\",\"model\":\"b\"}",
                "{\"model\":\"a\",\"mode\\u006c\":\"b\"}",
                "{\"model\":null,\"model\":\"b\"}",
                "{\"params\":{\"name\":\"a\",\"name\":\"b\"}}",
                "{\"params\":{\"name\":\"a\"},\"params\":{\"name\":\"b\"}}",
                "{\"params\":[],\"params\":{\"name\":\"b\"}}",
                "{\"params\":{\"name\":{},\"name\":\"b\"}}",
                "{\"model\":{},\"model\":\"b\"}",
                "{\"model\":\"a\\q\"}",
                "{\"mod\\u00zz\":\"a\"}",
            })
    void what_two_readers_could_read_differently_is_refused(String json) {
        for (int pieces : new int[] {1, 3, 1_000}) {
            assertThatExceptionOfType(ProxyProblem.class)
                    .as(json)
                    .isThrownBy(() -> read(json, pieces))
                    .satisfies(problem -> assertThat(problem.status()).isEqualTo(400));
        }
    }

    @Test
    void a_name_has_at_most_1024_bytes_and_other_fields_any_number() {
        String long1024 = "a".repeat(1_024);
        assertThat(read("{\"model\":\"" + long1024 + "\"}", 1).string("model")).isEqualTo(long1024);
        assertThat(read("{\"x\":\"" + "b".repeat(100_000) + "\",\"model\":\"m\"}", 7)
                        .string("model"))
                .isEqualTo("m");
        assertThatExceptionOfType(ProxyProblem.class).isThrownBy(() -> read("{\"model\":\"" + long1024 + "a\"}", 1));
        assertThatExceptionOfType(ProxyProblem.class)
                .as("the name of a field")
                .isThrownBy(() -> read("{\"" + long1024 + "a\":1}", 1));
    }

    @Test
    void depth_costs_nothing() {
        String deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
        assertThat(read("{\"x\":" + deep + ",\"model\":\"m\"}", 3).string("model"))
                .isEqualTo("m");
    }

    @Test
    void whatever_comes_is_read_or_refused() {
        Random random = new Random(7);
        String letters = "{}[]\",:\\ modelparams.naid0tfu\n\u0000\u00ff";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "{\"model\":" : "{");
            for (int j = random.nextInt(30); j > 0; j--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            try {
                read(text.toString(), 1 + random.nextInt(5));
            } catch (ProxyProblem refused) {
                assertThat(refused.status()).isEqualTo(400);
            }
        }
    }
}
