package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken out of a text, and what is left alone. */
class RedactionTest {
    private static final Redactor REDACTOR = Redactor.standard();

    static List<Planted> keys() {
        return Planted.keys(new Random(1));
    }

    static List<Planted> tokens() {
        return Planted.tokens(new Random(2));
    }

    static List<Planted> named() {
        return Planted.named(new Random(3));
    }

    static List<Planted> personal() {
        return Planted.personal(new Random(4));
    }

    @ParameterizedTest
    @MethodSource({"keys", "tokens", "named", "personal"})
    void it_is_taken_out_wherever_it_is(Planted planted) {
        for (String around : new String[] {
            "%s",
            "before %s after",
            "(%s)",
            "\"%s\"",
            "x=%s",
            "first line\n%s\nthird line",
            "[%s, 17]",
            "value: %s.",
            "<%s>",
            "…%s…"
        }) {
            String text = String.format(around, planted.text());
            String clean = REDACTOR.redact(text);
            assertThat(clean).as(text).doesNotContain(planted.secret());
            assertThat(REDACTOR.redact(clean)).as("a second time: " + text).isEqualTo(clean);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "The planner asked 3 models for 12 ideas and took the 2nd.",
                "run 123e4567-e89b-12d3-a456-426614174000 took 1,204 ms",
                "commit 9ba8a11c1f3a5be2bd9bb5ab9fce1f6a27f0e1d4 is green",
                "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "md5 d41d8cd98f00b204e9800998ecf8427e",
                "2026-04-16T12:30:45.123456Z, 16.04.2026, 04/16/2026 12:30, 2026-04-16 12:30:45",
                "1776349978 1776349978191 1776349978191000",
                "order 20260416-0001, ticket #4711, invoice 2026/000123, build 10.0.26100.1742",
                "192.168.100.200:8080, ::1, fe80::1ff:fe23:4567:890a, 00:1a:2b:3c:4d:5e",
                "version 1.234.567 costs $1,234,567.89 or 0.4111111111111111",
                "pi is 3.14159265358979 and the mass 1.98847e30",
                "ISBN 978-0-306-40615-7",
                "max_tokens=512, token_count: 1024, \"total_tokens\": 99, prompt_token: 5, tokens=7",
                "{\"max_token\": 4096, \"eos_token\": \"</s>\", \"next_token\": \"the\"}",
                "SyntaxError: Unexpected token: < at 1:1",
                "password: null, secret=none, \"token\": true",
                "sk-learn-random-forest-classifier and task-sk-estimator",
                "the bearer of bad news, bearer authentication failed, Basic authentication required",
                "user not found @ line 12; see @Override and a@b and npm install left-pad@1.3.0",
                "git@github.com:team/project.git, https://example.com/home/page?x=1#y, http://localhost:8080/a@b",
                "/usr/lib/jvm/java-17, C:\\Windows\\System32, /users/17/orders, /homes/x, \\server\\share",
                "at dev.interlock.monitor.RedactionTest.lambda$main$0(RedactionTest.java:41)",
                "core/src/main/java/dev/interlock/CircuitBreakerManager.java",
                "model:kimi-k2 tool:web_search key:openai-1 agent planner-7 deepseek-v3.2-exp-0324",
                "HTTP/1.1 429 Too Many Requests, Retry-After: 30, Content-Type: application/json; charset=utf-8",
                "key: value, primary_key=17, foreign key: id, keyboard: qwerty",
                "-----BEGIN CERTIFICATE----- and -----BEGIN PUBLIC KEY-----",
                "C++17, a=b=c, x => y, 5 > 3 < 9, (a+b)*(c-d), +5, -12, 1e+10, UTC+02:00",
                "phone: iPhone 15, mobile: yes, tel: n/a, card number missing",
                "日本語のテキスト、ümläute, emoji 🙂, ½ and ٣",
                "100 200 3000 400 500, 512 256, 640x480, 3-2-1, 555-0123"
            })
    void ordinary_text_stays_as_it_is(String text) {
        assertThat(REDACTOR.redact(text)).isEqualTo(text);
    }

    @Test
    void what_is_around_a_secret_stays() {
        String key = keys().get(0).text();
        assertThat(REDACTOR.redact("asked with " + key + ", 3 times"))
                .isEqualTo("asked with [redacted:api_key], 3 times");
        assertThat(REDACTOR.redact("{\"password\":\"hunter2\",\"user\":\"bob\"}"))
                .isEqualTo("{\"password\":\"[redacted:secret]\",\"user\":\"bob\"}");
        assertThat(REDACTOR.redact("?api_key=hunter2&page=2")).isEqualTo("?api_key=[redacted:secret]&page=2");
        assertThat(REDACTOR.redact("postgres://bob:hunter2@db:5432/fleet"))
                .isEqualTo("postgres://[redacted:secret]@db:5432/fleet");
        assertThat(REDACTOR.redact("to bob@example.com, ada@example.com."))
                .isEqualTo("to [redacted:mail], [redacted:mail].");
        assertThat(REDACTOR.redact("at run (/home/bob/app.js:10:5)")).isEqualTo("at run (~/app.js:10:5)");
        assertThat(REDACTOR.redact("C:\\Users\\Bob Smith\\app.js")).isEqualTo("~\\app.js");
        String card = Planted.card(new Random(5), "4", 16).replaceAll("(.{4})(?=.)", "$1 ");
        assertThat(REDACTOR.redact("card " + card + " 12/27")).isEqualTo("card [redacted:card] 12/27");
    }

    @Test
    void a_number_with_a_wrong_check_digit_is_no_card() {
        String card = Planted.card(new Random(6), "4", 16);
        char last = card.charAt(15);
        String other = card.substring(0, 15) + (last == '9' ? '0' : (char) (last + 1));
        assertThat(REDACTOR.redact("order " + other)).isEqualTo("order " + other);
    }

    @Test
    void a_rule_of_ones_own_comes_last_and_one_that_fails_takes_the_whole_text() {
        Redactor own = REDACTOR.and(text -> text.replace("Project Falcon", "[redacted:project]"));
        assertThat(own.redact("Project Falcon, ada@example.com")).isEqualTo("[redacted:project], [redacted:mail]");
        Redactor broken = REDACTOR.and(text -> {
            throw new IllegalStateException(text);
        });
        assertThat(broken.redact("anything")).isEqualTo("[redacted: a rule failed]");
    }
}
