package dev.interlock.server;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {}
