package dev.interlock.mcp;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {}
