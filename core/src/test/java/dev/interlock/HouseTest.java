package dev.interlock;

import dev.interlock.checks.HouseRules;

/** Core on its way to the house: the number only falls, to 400, and then this method goes. */
class HouseTest implements HouseRules {
    private static final int LONGEST_SO_FAR = 480;

    @Override
    public int longestFile() {
        return LONGEST_SO_FAR;
    }
}
