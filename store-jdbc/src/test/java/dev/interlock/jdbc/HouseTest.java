package dev.interlock.jdbc;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {}
