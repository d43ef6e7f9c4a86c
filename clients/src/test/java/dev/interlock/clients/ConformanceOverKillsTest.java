package dev.interlock.clients;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;

/** What every client does when its server is killed and comes back: see {@link Conformance}. */
@Tag("heavy")
@Tag("thorough")
class ConformanceOverKillsTest extends Conformance {
    @Override
    boolean plays(JsonNode scenario) {
        return isOutage(scenario) && kills(scenario);
    }
}
