package dev.interlock.jdbc;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {
    @Override
    public int mostInACircle() {
        return 10;
    }
}
