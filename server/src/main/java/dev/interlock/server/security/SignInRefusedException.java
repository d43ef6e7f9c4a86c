package dev.interlock.server.security;

/** Somebody could not sign in. Carries no stack trace. */
public final class SignInRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    /** Why, in words that the dashboard turns into a sentence. */
    public enum Reason {
        /** The issuer says that the person, or the issuer itself, did not want it. */
        REFUSED("refused"),
        /** It took longer than ten minutes, began in another browser, or ended before. */
        OVER("over"),
        /** The person is in no group that has a role here. */
        NO_ROLE("no-role"),
        /** The issuer cannot be reached, or answers what does not fit. */
        FAILED("failed");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** {@return the reason as addresses have it} */
        public String text() {
            return text;
        }
    }

    private final Reason reason;

    /**
     * A refusal.
     *
     * @param reason why
     * @param detail for the server's log; holds no credential
     */
    public SignInRefusedException(Reason reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
    }

    /** {@return why} */
    public Reason reason() {
        return reason;
    }
}
