package dev.interlock.spring;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {}
