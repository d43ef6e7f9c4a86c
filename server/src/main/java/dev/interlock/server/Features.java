package dev.interlock.server;

import dev.interlock.server.circuits.ActionEndpoints;
import dev.interlock.server.circuits.CircuitEndpoints;
import dev.interlock.server.circuits.PolicyEndpoints;
import dev.interlock.server.circuits.TransitionEndpoints;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.keys.KeyEndpoints;
import dev.interlock.server.status.StatusEndpoints;
import java.util.List;

/** Who answers what: the one list of the API's features. */
final class Features {
    private Features() {}

    static List<Endpoints> of(Parts parts) {
        return List.of(
                new StatusEndpoints(parts.contract(), parts.circuits()),
                new CircuitEndpoints(parts.vertx(), parts.circuits(), parts.clock()),
                new ActionEndpoints(parts.vertx(), parts.circuits(), parts.clock()),
                new TransitionEndpoints(parts.vertx(), parts.database().transitions()),
                new PolicyEndpoints(parts.vertx(), parts.policies()),
                new KeyEndpoints(parts.vertx(), parts.security().keys()));
    }
}
