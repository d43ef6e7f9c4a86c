package dev.interlock.replay;

/** How the calls fared: of one policy, or of one of its circuits. */
final class Tally {
    long calls;
    long failures;
    long rejected;
    long failedAvoided;
    long goodBlocked;

    /** Good calls that were slow, where slow calls are looked for. */
    long slow;

    /** Those of them that were rejected; they are among the good ones blocked, too. */
    long slowAvoided;

    void called(Call call) {
        calls++;
        if (!call.ok()) {
            failures++;
        }
    }

    void rejected(Call call) {
        rejected++;
        if (call.ok()) {
            goodBlocked++;
        } else {
            failedAvoided++;
        }
    }

    /** What is in this one and not in a part of it. */
    Tally without(Tally part) {
        Tally rest = new Tally();
        rest.calls = calls - part.calls;
        rest.failures = failures - part.failures;
        rest.rejected = rejected - part.rejected;
        rest.failedAvoided = failedAvoided - part.failedAvoided;
        rest.goodBlocked = goodBlocked - part.goodBlocked;
        rest.slow = slow - part.slow;
        rest.slowAvoided = slowAvoided - part.slowAvoided;
        return rest;
    }
}
