package dev.interlock.examples;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {
    /** An example is read in a minute. */
    @Override
    public int longestFile() {
        return 99;
    }
}
