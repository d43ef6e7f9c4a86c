package dev.interlock.proxy;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {}
