package dev.interlock.cli;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {
    @Override
    public boolean makesOwnThreadsOnly() {
        return false;
    }
}
