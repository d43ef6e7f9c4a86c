package dev.interlock.proxy;

import dev.interlock.NamePattern;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A service behind the proxy, as the operator's file names it. Immutable.
 *
 * @param name what stands for it in the proxy's paths: 1 to 64 lower-case letters, digits and hyphens
 * @param api what it speaks
 * @param address where it is
 * @param key where its key comes from, such as {@code ${secret:openai}}, and not the key itself; null if it needs none
 * @param keyHeader the header that bears the key, in lower case; {@code authorization} bears it behind {@code Bearer}
 * @param keyCircuit the circuit of the key, or null if there is no key
 * @param organizations those that may use it; none = nobody
 * @param agents the agents that may use it; none = nobody
 * @param models the models that may be asked for; none = none
 * @param paths what a path must begin with, up to a slash or its end
 * @param suffix the text after {@code model:NAME} in the circuits of its models; empty for nothing
 * @param ours whether it is a server or proxy of Interlock, whose refusals are believed and passed on
 * @param limits how long a call may take
 * @param fallbacks which upstreams take its calls, in order, by model
 * @param alternatives circuits; a refusal names those that are closed; if none, those that policies name
 */
public record Upstream(
        String name,
        Api api,
        Address address,
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
        List<Fallback> fallbacks,
        List<String> alternatives) {
    /** What base URLs of OpenAI's clients end with. */
    private static final String VERSION = "/v1";

    /**
     * Where an upstream is.
     *
     * @param tls whether it is https
     * @param host a name or an address, IPv6 in brackets
     * @param port 1 to 65535
     * @param path the prefix of each path, without a slash at its end; may be empty
     */
    public record Address(boolean tls, String host, int port, String path) {
        /** The value of a Host header. */
        String authority() {
            return port == (tls ? 443 : 80) ? host : host + ":" + port;
        }
    }

    /**
     * Another upstream for the same models.
     *
     * @param models which models, by pattern
     * @param to the other upstream's name
     */
    public record Fallback(List<NamePattern> models, String to) {
        /** Copies the list. */
        public Fallback {
            models = List.copyOf(models);
        }

        boolean takes(String model) {
            return models.stream().anyMatch(each -> each.matches(model));
        }
    }

    /** Copies the lists. */
    public Upstream {
        organizations = Set.copyOf(organizations);
        agents = List.copyOf(agents);
        models = List.copyOf(models);
        paths = List.copyOf(paths);
        fallbacks = List.copyOf(fallbacks);
        alternatives = List.copyOf(alternatives);
    }

    boolean mayBeUsedBy(String organization) {
        return organizations.contains(organization);
    }

    boolean mayBeUsedByAgent(String agent) {
        return agents.stream().anyMatch(each -> each.matches(agent));
    }

    boolean offers(String model) {
        return models.stream().anyMatch(each -> each.matches(model));
    }

    /** Whether the file names the model itself, and does not only allow it by a pattern. */
    boolean lists(String model) {
        return models.stream().anyMatch(each -> each.text().equals(model));
    }

    boolean hasPath(String path) {
        for (String each : paths) {
            if (path.startsWith(each)
                    && (path.length() == each.length() || each.endsWith("/") || path.charAt(each.length()) == '/')) {
                return true;
            }
        }
        return false;
    }

    /** What to say of a path that is not offered, most likely to somebody whose client has the wrong {@code base_url}. */
    String notOffered(String path) {
        String offered = "The upstream '" + name + "' offers paths that begin with " + String.join(" or ", paths)
                + ", and not this one";
        return hasPath(VERSION + path) && !path.startsWith("/v")
                ? offered + "; is " + VERSION + " missing at the end of base_url?"
                : offered;
    }

    String modelCircuit(String model) {
        return "model:" + model + suffix;
    }

    /** The circuit of what is neither a model nor a tool by name: the service itself. */
    String serviceCircuit() {
        return "tool:" + name;
    }

    String toolCircuit(String tool) {
        return serviceCircuit() + "/" + tool;
    }
}
