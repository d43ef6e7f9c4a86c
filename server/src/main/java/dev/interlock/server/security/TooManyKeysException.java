package dev.interlock.server.security;

/** An organization that wants more API keys than it may have. */
public final class TooManyKeysException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyKeysException(int most) {
        super(
                "The organization has " + most + " keys, which is the most; remove one that is not used any more",
                null,
                false,
                false);
    }
}
