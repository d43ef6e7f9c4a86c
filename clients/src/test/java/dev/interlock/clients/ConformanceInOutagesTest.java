package dev.interlock.clients;

import com.fasterxml.jackson.databind.JsonNode;

/** What every client does when its server is stopped, busy or cut off: see {@link Conformance}. */
class ConformanceInOutagesTest extends Conformance {
    @Override
    boolean plays(JsonNode scenario) {
        return isOutage(scenario) && !kills(scenario);
    }
}
