package dev.interlock;

/**
 * What a window remembers of failures. Immutable; made with each failure that counts.
 *
 * @param at the tick of the last one
 * @param waitEnd when the longest wait ends that failures of the streak have asked for; {@link RollingWindow#NEVER} if
 *     none has
 */
record LastFailure(long at, long waitEnd) {
    LastFailure withoutWait() {
        return new LastFailure(at, RollingWindow.NEVER);
    }
}
