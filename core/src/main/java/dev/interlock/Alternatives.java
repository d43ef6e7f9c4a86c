package dev.interlock;

import java.util.List;

/**
 * What a refusal names in place of the call. Found only once a call was refused: one that is let in pays nothing for it.
 */
final class Alternatives {
    private Alternatives() {}

    /**
     * What a call names, else what the policy of the circuit that refused it names: those that would let a call in, without
     * the caller itself. Another organization's policy names nothing here.
     */
    static List<String> to(CircuitOpenException refused, Attribution call, Registry registry) {
        String organization = call.agent().organization();
        List<CircuitId> named = call.alternatives();
        if (named.isEmpty() && refused.id().organization().equals(organization)) {
            named = registry.policy(refused.id()).config.alternatives().stream()
                    .map(name -> new CircuitId(organization, name))
                    .toList();
        }
        return named.stream()
                .filter(each -> !each.equals(call.agent()) && registry.isClosed(each))
                .map(CircuitId::name)
                .toList();
    }
}
