package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets that passed the redaction once, each a row; and what looks like one of them and is none. */
class SlippedSecretsTest {
    private static final Redactor REDACTOR = Redactor.standard();
    // In pieces, so that scanners of this repository find nothing.
    private static final String RANDOM_24 = "aB3dE5fG7hJ9" + "kL2mN4pQ6rS8";

    static Stream<Arguments> rows() {
        String telegram = "AAE" + "hBOweik6ad9r_QXMENQjcrGbqCr4K-bc"; // 35 characters
        String azure = "a1B2c3D4e5F6g7H8i9J0".repeat(2) + "k1L2m3N4o5P6" + "JQQJ99" + "BCACYeBjFXJ3w3AAABACOGkLp9";
        return Stream.of(
                row("Slack's hook", "https://hooks.slack.com/services/T00000000/B00000000/" + RANDOM_24, RANDOM_24),
                row("Slack's hook without a scheme", "hooks.slack.com/services/T0/B0/" + RANDOM_24, RANDOM_24),
                row("Discord's hook", "https://discord.com/api/webhooks/123456789012345678/" + RANDOM_24, RANDOM_24),
                row("Discord's old hook", "https://discordapp.com/api/webhooks/1234567/" + RANDOM_24, RANDOM_24),
                row("Teams' hook", "https://acme.webhook.office.com/webhookb2/" + RANDOM_24 + "@b/c", RANDOM_24),
                row("Telegram's token", "123456789:" + telegram, telegram),
                row(
                        "Telegram's token in an address",
                        "https://api.telegram.org/bot123456789:" + telegram + "/x",
                        telegram),
                row("Mailgun", "key-" + "3ax6xnjp29jd6fds4gc373sgvjxteol0", "3ax6xnjp29jd6fds4gc373sgvjxteol0"),
                row("Doppler", "dp.pt." + RANDOM_24 + "aB3dE5fG7hJ9kL2m", RANDOM_24),
                row("Google's refresh token", "1//0" + RANDOM_24 + "-_xY", RANDOM_24),
                row("Azure's keys of 84 characters", azure, azure.substring(0, 60)),
                row(
                        "PuTTY",
                        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPrivate-Lines: 1\n"
                                + RANDOM_24 + "\nPrivate-MAC: 0123456789abcdef",
                        RANDOM_24),
                row("DB_PASS", "DB_PASS=hunter2", "hunter2"),
                row("smtpPass", "\"smtpPass\": \"hunter2\"", "hunter2"),
                row("an encoded equals sign", "password%3Dhunter2%26page%3D2", "hunter2"),
                row("an encoded colon", "token%3Ahunter2", "hunter2"),
                row("a sign encoded twice", "q=password%253Dhunter2%2526b", "hunter2"),
                row("a key in an address", "https://maps.example.com/api?key=hunter2&v=3", "hunter2"),
                row("a key that is not the first", "/api?v=3&key=hunter2", "hunter2"),
                row("Passwort", "Passwort: hunter2", "hunter2"),
                row("Kennwort", "kennwort=hunter2", "hunter2"),
                row("curl -u", "curl -s -u bob:hunter2 https://example.com", "hunter2"),
                row("curl -u in quotes", "curl -u 'bob:hunter2' https://example.com", "hunter2"),
                row("curl --user", "curl --user bob:hunter2 https://example.com", "hunter2"),
                row("mysql -p", "mysql -u root -phunter2 fleet", "hunter2"),
                row("mysqldump -p", "mysqldump -uroot -p'hunter2' fleet", "hunter2"),
                row("sshpass", "sshpass -p hunter2 ssh bob", "hunter2"),
                row("redis-cli", "redis-cli -h cache -a hunter2 ping", "hunter2"),
                row("a card with dots", "4111.1111.1111.1111", "1111.1111.1111"),
                row("a card with no-break spaces", "4111\u00a01111\u00a01111\u00a01111", "1111\u00a01111\u00a01111"),
                row("a card with narrow spaces", "4111\u202f1111\u202f1111\u202f1111", "1111\u202f1111\u202f1111"),
                row("a card behind letters", "visa4111111111111111", "4111111111111111"),
                row("a card before letters", "4111111111111111exp", "4111111111111111"),
                row("SSN without a gap", "SSN 078051120", "078051120"),
                row("SSN in words", "social security number is 078051120", "078051120"),
                row("the home of root", "/root/secret-project/run.py", "/root"),
                row("the home of root on a Mac", "/var/root/x", "/var/root"),
                row("a name with a zero width space", "pass\u200bword: hunter2", "hunter2"),
                row("a name with a soft hyphen", "api\u00ad_key=hunter2", "hunter2"),
                row("a name of wide letters", "ｐａｓｓｗｏｒｄ：hunter2", "hunter2"),
                row("a wide equals sign", "token＝hunter2", "hunter2"),
                row("IBAN", "DE89370400440532013000", "370400440532013000"),
                row("IBAN in groups", "GB82 WEST 1234 5698 7654 32", "WEST 1234 5698"),
                row("Bitcoin's key", "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn", "KwDiBf89QgGbjEhKnh"),
                row("mail spelled", "bob (at) example.com", "bob"),
                row("mail spelled in brackets", "bob[at]example.com", "bob"));
    }

    private static Arguments row(String kind, String text, String secret) {
        return Arguments.of(kind, text, secret);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void it_is_taken_out_wherever_it_is(String kind, String text, String secret) {
        for (String around : new String[] {"%s", "before %s after", "(%s)", "\"%s\"", "first\n%s\nthird", "[%s, 17]"}) {
            String whole = String.format(around, text);
            String clean = REDACTOR.redact(whole);
            assertThat(clean).as(whole).doesNotContain(secret);
            assertThat(REDACTOR.redact(clean)).as("a second time: " + whole).isEqualTo(clean);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://hooks.slack.com/ and https://discord.com/channels/1/2 and https://slack.com/services",
                "12:30:45, 123456:abc, ratio 123456789:987654321, port 127.0.0.1:8080",
                "key-value pairs, key-of-the-fleet-of-agents-in-the-planner-of-acme, dp.pt.short",
                "the first pass: 3, second-pass=done, bypass=true, compass: north, pass through, test_pass=12",
                "a%3Db, page%3D2, name%3Aplanner, 100%3",
                "keys: ?page=2&limit=3, ?key, monkey=1, hotkey=ctrl",
                "docker run -u 1000:1000 x, tar -p x, mkdir -p a/b, sort -u file:name, curl -u, ls -a x",
                "mysql -p fleet, mysql -h db -P 3306",
                "version 1234.5678.9012.3456 build 4111.22, pi 3.14159265358979323846",
                "run4111111111111112 and id12345678901234567",
                "row 078051120, order 123456789, 9 digits: 987654321, assn 078051120",
                "root, /rootless/x, /usr/root.txt, model/root/x",
                "AB12CDEF, GB00 WEST 1234, US12 3456 7890 1234 567, DE89 is a start",
                "look (at) this, [at] 12:00, bob (at home), a (at) b",
                "L1 cache, K8s, 5 of 52, Kubernetes",
                "Private-MAC is a word, PuTTY is a program",
                "The circuit of 'planner' is open; ask again in 42 s",
                "jwks-url = https://h/x: must be an https address (http only on this machine), without a user",
                "The API key is not known here: it was removed, or belongs to another installation",
                "The Authorization header must be 'Bearer', a space, and an API key or a token",
                "This call needs the header 'Authorization: Bearer' with an API key or a token",
                "Authorization is missing; password must have 12 characters or more",
                "Opened by health: 12 of 20 calls failed (TIMEOUT), p95 10.2 s",
                "maintenance of model:kimi-k2 until 18:00, see INC-4711, by the night shift",
                "key:openai-1 is used up until 2027-01-31T18:00:00Z"
            })
    void what_only_looks_like_one_stays(String text) {
        assertThat(REDACTOR.redact(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.168.100.200",
                "2001:db8::1",
                "00:1a:2b:3c:4d:5e",
                "passport C01X00T47",
                "4155550123",
                "your code is 482913",
                "legal winner thank year wave sausage worth useful legal winner thank yellow",
                "aHVudGVyMg==",
                "my password is hunter2"
            })
    void what_the_guide_does_not_promise_stays_too(String text) {
        assertThat(REDACTOR.redact(text)).isEqualTo(text);
    }
}
