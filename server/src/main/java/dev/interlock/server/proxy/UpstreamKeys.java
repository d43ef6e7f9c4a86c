package dev.interlock.server.proxy;

import dev.interlock.proxy.Upstream;
import dev.interlock.server.outbound.OutboundSecrets;
import dev.interlock.server.outbound.Target;
import org.jspecify.annotations.Nullable;

/** The keys of upstreams, out of the secrets that the server's file lists. Safe for use by any thread. */
final class UpstreamKeys {
    private final OutboundSecrets secrets;

    UpstreamKeys(OutboundSecrets secrets) {
        this.secrets = secrets;
    }

    /**
     * An upstream's key for an organization.
     *
     * @throws RuntimeException if it has none that may go there
     */
    String of(Upstream upstream, String organization) {
        return secrets.fill(String.valueOf(upstream.key()), organization, target(upstream));
    }

    /**
     * Why a key cannot be used.
     *
     * @return what is wrong for one of the organizations, or null if nothing is
     */
    @Nullable
    String problem(Upstream upstream) {
        String key = upstream.key();
        if (key == null) {
            return null;
        }
        for (String each : upstream.organizations()) {
            String problem = secrets.problem(key, each, target(upstream));
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    private static Target target(Upstream upstream) {
        Upstream.Address address = upstream.address();
        String host = address.host();
        boolean isBracketed = host.startsWith("[");
        return new Target(
                address.tls(),
                isBracketed ? host.substring(1, host.length() - 1) : host,
                address.port(),
                address.path() + "/");
    }
}
