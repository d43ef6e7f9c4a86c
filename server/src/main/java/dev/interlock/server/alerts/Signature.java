package dev.interlock.server.alerts;

import dev.interlock.server.text.Texts;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** How a message is signed, in the form of Standard Webhooks: HMAC-SHA-256 over its id, the time and its body. */
final class Signature {
    private static final String PREFIX = "whsec_";
    private static final String ALGORITHM = "HmacSHA256";
    private static final int SHORTEST = 24;
    private static final int LONGEST = 64;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Signature() {}

    /** A new secret. */
    static String newSecret() {
        byte[] key = new byte[32];
        RANDOM.nextBytes(key);
        return PREFIX + Base64.getEncoder().encodeToString(key);
    }

    /** Whether a text is a secret that can sign. */
    static boolean isSecret(String text) {
        byte[] key = key(text);
        return key != null && key.length >= SHORTEST && key.length <= LONGEST;
    }

    /**
     * The value of {@code webhook-signature}.
     *
     * @param secret as {@link #isSecret} wants it
     * @param id of the message
     * @param seconds since 1970
     * @param body as it is sent
     */
    static String of(String secret, String id, long seconds, String body) {
        byte[] key = key(secret);
        if (key == null) {
            throw new IllegalArgumentException("The secret of a webhook cannot sign: " + Texts.shown(id));
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            byte[] signed = mac.doFinal((id + "." + seconds + "." + body).getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(signed);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte @Nullable [] key(String text) {
        if (!text.startsWith(PREFIX)) {
            return null;
        }
        try {
            return Base64.getDecoder().decode(text.substring(PREFIX.length()));
        } catch (IllegalArgumentException noBase64) {
            return null;
        }
    }
}
