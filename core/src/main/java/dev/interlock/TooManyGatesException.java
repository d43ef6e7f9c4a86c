package dev.interlock;

/** An organization has as many gates as it may, and one more was to be put. */
@Beta
public final class TooManyGatesException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooManyGatesException(String organization, int most) {
        super("The organization '" + organization + "' has " + most
                + " gates, which is the most that there may be. Remove one that is no longer needed, or put one whose pattern"
                + " covers what several do");
    }
}
