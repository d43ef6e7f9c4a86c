package dev.interlock.langchain4j;

import dev.interlock.checks.HouseRules;

class HouseTest implements HouseRules {}
