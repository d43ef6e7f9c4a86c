package dev.interlock;

import dev.interlock.checks.HouseRules;

/** Core on its way to the house: the two numbers only fall, to 3 and 400, and then these methods go. */
class HouseTest implements HouseRules {
    private static final int CIRCLE_SO_FAR = 4;
    private static final int LONGEST_SO_FAR = 480;

    @Override
    public int mostInACircle() {
        return CIRCLE_SO_FAR;
    }

    @Override
    public int longestFile() {
        return LONGEST_SO_FAR;
    }
}
