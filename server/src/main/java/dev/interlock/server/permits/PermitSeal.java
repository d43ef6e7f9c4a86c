package dev.interlock.server.permits;

import dev.interlock.server.permits.PermitRefusedException.Reason;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * Turns permits into signed text and back. Every server of one database has the same key, so each can open what another
 * has sealed. Safe for use by any thread.
 *
 * <p>The text is base64url of the fields and an HMAC-SHA256 over them. Nothing in it is secret: it holds names that its
 * holder has sent us.
 */
final class PermitSeal {
    /** Longer than any permit can be: 17 circuits with names of 256 characters. */
    static final int LONGEST = 24_576;

    private static final String ALGORITHM = "HmacSHA256";
    private static final int MAC_LENGTH = 32;
    private static final int LEAST_KEY = 32;
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private final ThreadLocal<Mac> macs;

    /**
     * A seal with a key.
     *
     * @param key at least 32 random bytes
     * @throws IllegalArgumentException if the key is shorter
     */
    PermitSeal(byte[] key) {
        if (key.length < LEAST_KEY) {
            throw new IllegalArgumentException(
                    "The permit signing key must have at least " + LEAST_KEY + " bytes, but has " + key.length);
        }
        SecretKeySpec secret = new SecretKeySpec(key, ALGORITHM);
        macs = ThreadLocal.withInitial(() -> mac(secret));
    }

    String seal(PermitToken token) {
        TokenBytes bytes = new TokenBytes();
        bytes.write(token);
        int length = bytes.length();
        byte[] sealed = bytes.toArray(MAC_LENGTH);
        Mac mac = macs.get();
        mac.update(sealed, 0, length);
        try {
            mac.doFinal(sealed, length);
        } catch (ShortBufferException impossible) {
            throw new IllegalStateException(impossible);
        }
        return ENCODER.encodeToString(sealed);
    }

    /** The permit that a text is; refuses every text that no server with this key has written. */
    PermitToken open(String text) throws PermitRefusedException {
        byte[] sealed = decode(text);
        int length = sealed.length - MAC_LENGTH;
        if (length <= 0) {
            throw invalid();
        }
        Mac mac = macs.get();
        mac.update(sealed, 0, length);
        byte[] right = mac.doFinal();
        if (!MessageDigest.isEqual(right, Arrays.copyOfRange(sealed, length, sealed.length))) {
            throw invalid();
        }
        try {
            return new TokenBytes(sealed, length).read();
        } catch (IndexOutOfBoundsException | IllegalArgumentException anotherVersion) {
            throw invalid();
        }
    }

    private static byte[] decode(String text) throws PermitRefusedException {
        if (text.length() > LONGEST) {
            throw invalid();
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            // One permit, one text: unused bits and padding would make many, all with the same signature.
            if (ENCODER.encodeToString(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException notBase64) {
            throw invalid();
        }
        throw invalid();
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException impossible) {
            throw new IllegalStateException("Every Java has " + ALGORITHM, impossible);
        }
    }

    private static PermitRefusedException invalid() {
        return new PermitRefusedException(
                Reason.INVALID,
                "permit: must be the text that a call of …/permits was answered with, unchanged; this one was not"
                        + " written by this fleet");
    }
}
