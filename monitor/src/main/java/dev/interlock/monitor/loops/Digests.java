package dev.interlock.monitor.loops;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/** Texts as 128 bits of SHA-256: whether two are the same, and nothing more. */
public final class Digests {
    private static final int BYTES = 16;

    private Digests() {}

    /**
     * The digest of what JSON says, or of a text that is none.
     *
     * @param text any
     * @return 32 hexadecimal digits, the same for JSON that differs in white space or in the order of names
     */
    public static String ofJson(String text) {
        return of(CanonicalJson.of(text, Set.of()));
    }

    /**
     * The digest of a text.
     *
     * @param text any
     * @return 32 hexadecimal digits
     */
    public static String of(String text) {
        try {
            byte[] whole = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(whole, BYTES));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Each Java has SHA-256", impossible);
        }
    }
}
