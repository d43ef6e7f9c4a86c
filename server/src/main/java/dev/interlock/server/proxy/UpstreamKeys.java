package dev.interlock.server.proxy;

import dev.interlock.proxy.Upstream;
import dev.interlock.server.outbound.OutboundSecrets;
import dev.interlock.server.outbound.Target;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The keys of upstreams, out of the secrets that the server's file lists. Safe for use by any thread. */
final class UpstreamKeys {
    /** A key as it was filled in last. Not a record, which would show it. */
    private static final class Filled {
        private final int version;
        private final String organization;
        private final String key;

        Filled(int version, String organization, String key) {
            this.version = version;
            this.organization = organization;
            this.key = key;
        }
    }

    private final OutboundSecrets secrets;

    /** By the name of an upstream: mostly one organization uses it. */
    private final Map<String, Filled> filled = new ConcurrentHashMap<>();

    UpstreamKeys(OutboundSecrets secrets) {
        this.secrets = secrets;
    }

    /**
     * An upstream's key for an organization.
     *
     * @throws RuntimeException if it has none that may go there
     */
    String of(Upstream upstream, String organization) {
        int version = secrets.version(); // first: a value that changes from now on is found the next time
        Filled last = filled.get(upstream.name());
        if (last != null && last.version == version && last.organization.equals(organization)) {
            return last.key;
        }
        String key = secrets.fill(String.valueOf(upstream.key()), organization, target(upstream));
        filled.put(upstream.name(), new Filled(version, organization, key));
        return key;
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
