package dev.interlock.server.permits;

/** An outcome, or the permit that it came with, does not count: nothing was moved. Carries no stack trace; refusing is cheap. */
final class PermitRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    /** Why; each is a problem type of its own. */
    enum Reason {
        INVALID(422, "permit-invalid", "The permit is none of ours"),
        FOREIGN(422, "permit-foreign", "The permit is another's"),
        SETTLED(409, "permit-settled", "The permit is settled"),
        EXPIRED(422, "permit-expired", "The permit is too old"),
        NO_PARENT(422, "permit-no-parent", "The parent is no permit of a call under way"),
        ATTRIBUTED_ELSEWHERE(422, "circuit-not-of-permit", "The permit has no such circuit");

        final int status;
        final String type;
        final String title;

        Reason(int status, String type, String title) {
            this.status = status;
            this.type = type;
            this.title = title;
        }
    }

    private final Reason reason;

    PermitRefusedException(Reason reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
    }

    static PermitRefusedException noParent(String why) {
        return new PermitRefusedException(
                Reason.NO_PARENT, "parent: must be the permit of a call that is under way, but " + why);
    }

    static PermitRefusedException settledParent() {
        return noParent("it is settled, so its call has ended");
    }

    static PermitRefusedException repeated() {
        return new PermitRefusedException(
                Reason.SETTLED, "permit: has been settled before; a permit counts once, so ask for one for each call");
    }

    static PermitRefusedException expired(String why) {
        return new PermitRefusedException(Reason.EXPIRED, "permit: can be settled no more, since " + why);
    }

    Reason reason() {
        return reason;
    }

    /** What was wrong, and what would be right. */
    String detail() {
        return String.valueOf(getMessage());
    }
}
