package dev.interlock.replay;

/** How the calls fared: of one policy, or of one of its circuits. */
final class Tally {
    long calls;
    long failures;
    long rejected;
    long failedAvoided;
    long goodBlocked;

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
}
