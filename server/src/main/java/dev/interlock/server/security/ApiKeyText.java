package dev.interlock.server.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * An API key as it is written: {@code il_}, an id of 12 characters, {@code _}, 256 random bits in base64url and a
 * checksum of 6 characters. The prefix and the checksum let scanners find keys that leaked, and let the server refuse a
 * mistyped one without looking it up.
 *
 * <p>{@link #toString()} shows the id only.
 */
final class ApiKeyText {
    static final String PREFIX = "il_";

    private static final int ID_LENGTH = 12;
    private static final int SECRET_LENGTH = 43;
    private static final int CHECKSUM_LENGTH = 6;
    private static final int SECRET_AT = PREFIX.length() + ID_LENGTH + 1;
    private static final int CHECKSUM_AT = SECRET_AT + SECRET_LENGTH;
    private static final int LENGTH = CHECKSUM_AT + CHECKSUM_LENGTH;
    private static final String ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    private static final String CHECKSUM_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Each call with a key needs one; to find one costs more than to use it. */
    private static final ThreadLocal<MessageDigest> DIGEST = ThreadLocal.withInitial(ApiKeyText::sha256);

    private final String id;
    private final String text;

    private ApiKeyText(String text) {
        this.id = text.substring(PREFIX.length(), PREFIX.length() + ID_LENGTH);
        this.text = text;
    }

    static ApiKeyText random() {
        StringBuilder body = new StringBuilder(LENGTH).append(PREFIX);
        byte[] bytes = new byte[ID_LENGTH];
        RANDOM.nextBytes(bytes);
        for (byte each : bytes) {
            body.append(ID_ALPHABET.charAt(each & 31));
        }
        byte[] secret = new byte[32];
        RANDOM.nextBytes(secret);
        body.append('_').append(Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
        return new ApiKeyText(body.append(checksum(body)).toString());
    }

    /** The key that a text is, or null if it was never one: wrong shape or wrong checksum. */
    static @Nullable ApiKeyText parse(String text) {
        if (text.length() != LENGTH || !text.startsWith(PREFIX) || text.charAt(SECRET_AT - 1) != '_') {
            return null;
        }
        for (int i = PREFIX.length(); i < SECRET_AT - 1; i++) {
            if (ID_ALPHABET.indexOf(text.charAt(i)) < 0) {
                return null;
            }
        }
        boolean intact = checksum(text.substring(0, CHECKSUM_AT)).equals(text.substring(CHECKSUM_AT));
        return intact ? new ApiKeyText(text) : null;
    }

    String id() {
        return id;
    }

    /** The whole key; for the one it is made for, and nobody else. */
    String reveal() {
        return text;
    }

    byte[] hash() {
        return hash(text);
    }

    /** SHA-256 of any credential. */
    static byte[] hash(String credential) {
        return DIGEST.get().digest(credential.getBytes(StandardCharsets.UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static String checksum(CharSequence body) {
        CRC32 crc = new CRC32();
        crc.update(body.toString().getBytes(StandardCharsets.UTF_8));
        long rest = crc.getValue();
        char[] digits = new char[CHECKSUM_LENGTH];
        for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
            digits[i] = CHECKSUM_ALPHABET.charAt((int) (rest % CHECKSUM_ALPHABET.length()));
            rest /= CHECKSUM_ALPHABET.length();
        }
        return new String(digits);
    }

    @Override
    public String toString() {
        return PREFIX + id + "_…";
    }
}
