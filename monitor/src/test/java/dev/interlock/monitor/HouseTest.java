package dev.interlock.monitor;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {
    @Override
    public int mostInACircle() {
        return 5;
    }
}
