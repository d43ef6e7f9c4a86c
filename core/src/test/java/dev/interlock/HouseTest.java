package dev.interlock;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {}
