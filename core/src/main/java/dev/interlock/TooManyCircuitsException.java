package dev.interlock;

/** An organization has as many circuits as it may, and none that could be forgotten: all are open, failing or held. */
public final class TooManyCircuitsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooManyCircuitsException(CircuitId refused, int cap) {
        super("No new circuit '" + refused.name() + "': organization '" + refused.organization() + "' has "
                + (cap == 1
                        ? "the one circuit that it may have, and it is not"
                        : "the " + cap + " circuits that it may have, and none of them is")
                + " closed and idle; raise maxCircuitsPerOrganization,"
                + " or check whether names are made up for each call");
    }
}
