package dev.interlock.springai;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {}
