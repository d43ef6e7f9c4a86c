package dev.interlock.checks;

class HouseTest implements HouseRules {}
