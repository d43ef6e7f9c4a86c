package dev.interlock.server.permits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.server.permits.PermitRefusedException.Reason;
import dev.interlock.store.GivenTrial;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Signed permits: what goes in comes out, and nothing else ever opens. */
class PermitSealTest {
    private static final byte[] KEY = new byte[32];

    private final PermitSeal seal = new PermitSeal(KEY);
    private final PermitToken token = new PermitToken(
            "acme",
            "plänner/1",
            List.of("model:kimi-k2", "key:🔑"),
            new long[] {1L << 32, 5, Long.MAX_VALUE},
            7,
            123_456_789L,
            42,
            1_767_225_600_000L,
            List.of(
                    new GivenTrial("acme", "key:🔑", "4294967299", "7-12"),
                    new GivenTrial("acme", "plänner/1", "4294967301", "7-13")),
            List.of(
                    new Ancestor(7, 4, List.of("searcher", "model:kimi-k2")),
                    new Ancestor(6, 123_456, List.of("plänner/1", "model:kimi-k2", "searcher", "tool:web"))));

    @Test
    void what_was_sealed_opens_unchanged() throws PermitRefusedException {
        PermitToken opened = seal.open(seal.seal(token));
        assertThat(opened).usingRecursiveComparison().isEqualTo(token);
    }

    @Test
    void a_permit_within_others_says_which_of_them_are_trials() throws PermitRefusedException {
        GivenTrial trial = new GivenTrial("acme", "model:kimi-k2", "4294967299", "7-12");
        List<Ancestor> around = List.of(
                new Ancestor(7, 4, List.of("critic")),
                new Ancestor(6, 3, List.of("planner", "model:kimi-k2"), Map.of(trial, 1_767_225_600_000L)),
                new Ancestor(6, 2, List.of("outermost", "model:kimi-k2")));
        PermitToken within = new PermitToken(
                "acme", "searcher", List.of(), new long[1], 7, 5, 42, 1_767_225_600_000L, List.of(), around);
        assertThat(seal.open(seal.seal(within))).usingRecursiveComparison().isEqualTo(within);
    }

    @Test
    void a_permit_names_no_trial_around_it_in_whose_place_it_is_itself() {
        GivenTrial outer = new GivenTrial("acme", "model:kimi-k2", "4294967299", "7-12");
        GivenTrial inner = new GivenTrial("acme", "model:kimi-k2", "4294967299", "8-1");
        GivenTrial other = new GivenTrial("acme", "key:one", "4294967299", "7-13");
        Ancestor parent = new Ancestor(7, 4, List.of("planner", "model:kimi-k2"), Map.of(outer, 1L, other, 1L));
        assertThat(Ancestor.around(List.of(parent), List.of(inner)).get(0).trials())
                .containsOnlyKeys(other);
        assertThat(Ancestor.around(List.of(parent), List.of())).containsExactly(parent);
    }

    @Test
    void the_longest_permit_opens() throws PermitRefusedException {
        String name = "漢".repeat(256);
        String longestNumber = Long.toString(Long.MIN_VALUE);
        List<GivenTrial> trials = Collections.nCopies(
                17, new GivenTrial("漢".repeat(128), name, longestNumber, longestNumber + "-" + longestNumber));
        PermitToken longest = new PermitToken(
                "漢".repeat(128), name, Collections.nCopies(16, name), new long[17], -1, -1, -1, -1, trials, List.of());
        Arrays.fill(longest.epochs(), -1);
        String text = seal.seal(longest);
        assertThat(text.length()).isLessThanOrEqualTo(PermitSeal.LONGEST);
        assertThat(seal.open(text)).usingRecursiveComparison().isEqualTo(longest);
    }

    @Test
    void a_permit_of_one_circuit_is_short() {
        PermitToken small = new PermitToken(
                "default",
                "planner",
                List.of(),
                new long[] {3L << 32},
                3,
                1_000_000,
                1L << 50,
                1_767_225_600_000L,
                List.of(),
                List.of());
        assertThat(seal.seal(small)).hasSizeLessThan(128).matches("[A-Za-z0-9_-]+");
    }

    @Test
    void no_changed_bit_opens() {
        byte[] sealed = Base64.getUrlDecoder().decode(seal.seal(token));
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] forged = sealed.clone();
            forged[bit / 8] ^= (byte) (1 << bit % 8);
            assertRefused(Base64.getUrlEncoder().withoutPadding().encodeToString(forged));
        }
    }

    @Test
    void no_cut_or_longer_text_opens() {
        String text = seal.seal(token);
        for (int length = 0; length < text.length(); length++) {
            assertRefused(text.substring(0, length));
        }
        assertRefused(text + "A");
        assertRefused(text + "=");
        assertRefused(text.repeat(2));
        assertRefused("A".repeat(10_000_000));
    }

    @Test
    void one_permit_has_one_text() {
        String text = seal.seal(token);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (char last : alphabet.toCharArray()) {
            if (last != text.charAt(text.length() - 1)) {
                assertRefused(text.substring(0, text.length() - 1) + last);
            }
        }
    }

    @Test
    void another_key_opens_nothing() {
        byte[] other = new byte[32];
        other[31] = 1;
        assertRefused(new PermitSeal(other).seal(token));
    }

    @Test
    void garbage_opens_nothing() {
        Random random = new Random(5);
        for (int round = 0; round < 10_000; round++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            assertRefused(Base64.getUrlEncoder().withoutPadding().encodeToString(garbage));
            assertRefused(new String(garbage, java.nio.charset.StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void a_short_key_is_refused() {
        assertThatThrownBy(() -> new PermitSeal(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The permit signing key must have at least 32 bytes, but has 31");
    }

    private void assertRefused(String text) {
        assertThatThrownBy(() -> seal.open(text))
                .isInstanceOfSatisfying(
                        PermitRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.INVALID));
    }
}
