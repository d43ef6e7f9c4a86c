package dev.interlock.server.circuits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.RefusalMessage;
import dev.interlock.server.security.Caller;
import java.util.List;

/** What a refusal says to a caller: no name that its key may not see. Reads memory only, and makes no circuit. */
public final class RefusalFor {
    private RefusalFor() {}

    /**
     * What a refusal says.
     *
     * @param circuits all circuits
     * @param caller who reads it
     * @param agent whose call was refused
     * @param refused the refusal
     * @param named circuits that the call says may be called instead; if none, those of the policy of the circuit that refused
     * @return its message, with those alternatives that are closed and that the caller may depend on
     */
    public static RefusalMessage message(
            CircuitBreakerManager circuits,
            Caller caller,
            String agent,
            CircuitOpenException refused,
            List<String> named) {
        RefusalMessage whole = circuits.guard(new CircuitId(caller.organization(), agent))
                .withAlternatives(named.toArray(String[]::new))
                .message(refused);
        return new RefusalMessage(
                whole.circuit(),
                whole.reason(),
                whole.retryAfter(),
                whole.alternatives().stream().filter(caller::mayDependOn).toList(),
                whole.why());
    }
}
