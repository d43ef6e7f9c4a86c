package dev.interlock.redis;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {}
