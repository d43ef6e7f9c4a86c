package dev.interlock.monitor;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {}
