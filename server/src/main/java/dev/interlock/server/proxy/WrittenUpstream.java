package dev.interlock.server.proxy;

import dev.interlock.NamePattern;
import dev.interlock.proxy.Api;
import dev.interlock.proxy.ProxyLimits;
import dev.interlock.proxy.Upstream;
import dev.interlock.server.outbound.OutboundSecrets;
import dev.interlock.server.outbound.Target;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A service behind the proxy as the server's file writes it. Holds no secret itself. Immutable.
 *
 * @param name what stands for it in paths
 * @param api what it speaks
 * @param target where it is
 * @param key its key as {@code ${secret:NAME}}, or null if it needs none
 * @param keyHeader the header that bears the key, in lower case
 * @param keyCircuit the circuit of the key, or null if there is no key
 * @param organizations those that may use it
 * @param agents the agents that may use it
 * @param models the models that may be asked for
 * @param paths what a path must begin with
 * @param suffix what stands behind the names of its models' circuits
 * @param ours whether it is a server or proxy of Interlock
 * @param limits how long a call may take
 * @param fallbacks which upstreams take its calls
 * @param alternatives circuits that a refusal names
 */
public record WrittenUpstream(
        String name,
        Api api,
        Target target,
        @Nullable String key,
        String keyHeader,
        @Nullable String keyCircuit,
        Set<String> organizations,
        List<NamePattern> agents,
        List<NamePattern> models,
        List<String> paths,
        String suffix,
        boolean ours,
        ProxyLimits limits,
        List<Upstream.Fallback> fallbacks,
        List<String> alternatives) {

    /** Copies the lists. */
    public WrittenUpstream {
        organizations = Set.copyOf(organizations);
        agents = List.copyOf(agents);
        models = List.copyOf(models);
        paths = List.copyOf(paths);
        fallbacks = List.copyOf(fallbacks);
        alternatives = List.copyOf(alternatives);
    }

    /**
     * Why its key cannot be used.
     *
     * @param secrets fills keys in
     * @return what is wrong for one of the organizations, or null if nothing is
     */
    @Nullable
    String problemOfKey(OutboundSecrets secrets) {
        if (key == null) {
            return null;
        }
        for (String each : organizations) {
            String problem = secrets.problem(key, each, target);
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    Upstream with(OutboundSecrets secrets) {
        String reference = key;
        Function<String, String> filled =
                reference == null ? null : organization -> secrets.fill(reference, organization, target);
        String path = target.path();
        boolean ipv6 = target.host().indexOf(':') >= 0;
        Upstream.Address address = new Upstream.Address(
                target.tls(),
                ipv6 ? "[" + target.host() + "]" : target.host(),
                target.port(),
                path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
        return new Upstream(
                name,
                api,
                address,
                filled,
                keyHeader,
                keyCircuit,
                organizations,
                agents,
                models,
                paths,
                suffix,
                ours,
                limits,
                fallbacks,
                alternatives);
    }
}
