package dev.interlock.micrometer;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {}
