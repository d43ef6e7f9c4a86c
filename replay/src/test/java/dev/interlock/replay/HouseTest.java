package dev.interlock.replay;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {
    @Override
    public boolean makesOwnThreadsOnly() {
        return false;
    }
}
