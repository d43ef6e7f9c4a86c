package dev.interlock.server.circuits;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.FailureKind;
import dev.interlock.InvalidSettingsException;
import dev.interlock.NamePattern;
import dev.interlock.Scope;
import dev.interlock.Treatment;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.jdbc.Author;
import dev.interlock.jdbc.StoredPolicy;
import dev.interlock.monitor.Shares;
import dev.interlock.server.http.Problem;
import dev.interlock.server.probes.HttpProbe;
import dev.interlock.server.probes.HttpProbes;
import dev.interlock.settings.PolicySettings;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Organizations' own settings: what lies in the database is what is in effect. Changes are made one at a time, first in
 * the database. Its methods block, except for {@link #find} and {@link #of}; any thread may call.
 */
public final class Policies {
    private static final Logger LOG = LoggerFactory.getLogger(Policies.class);

    /** How many patterns an organization may have: each new circuit is compared with all of them. */
    static final int MOST = 1_000;

    /** What the settings take in addition to their text. */
    private static final int POLICY_BYTES = 1_000;

    /**
     * A policy in effect.
     *
     * @param pattern which circuits follow it
     * @param policy its settings
     * @param version rises with each change, and begins again when a policy is removed
     * @param written as it lies in the database
     * @param notProbed why its probe cannot be carried out by this server, so that its circuits go without; or null
     */
    record InForce(
            String pattern,
            WrittenPolicy policy,
            long version,
            String written,
            @Nullable String notProbed) {}

    private final CircuitBreakerManager circuits;
    private final HttpProbes probes;
    private final dev.interlock.jdbc.Policies stored;
    private final Scope scope;
    private final Shares memory;
    private final Map<String, Map<String, InForce>> inForce = new ConcurrentHashMap<>();
    private final List<BiConsumer<String, String>> hearers = new CopyOnWriteArrayList<>();

    /**
     * Policies of a database, not in effect yet.
     *
     * @param circuits what follows them
     * @param probes carry out what policies say of probes
     * @param stored where they lie
     * @param scope that of policies which do not say
     * @param memory in which descriptions lie, of which organizations have shares
     */
    public Policies(
            CircuitBreakerManager circuits,
            HttpProbes probes,
            dev.interlock.jdbc.Policies stored,
            Scope scope,
            Shares memory) {
        this.memory = memory;
        this.circuits = circuits;
        this.probes = probes;
        this.stored = stored;
        this.scope = scope;
        probes.requestsFrom(this::request);
    }

    /**
     * Applies what lies in the database, as this server or another wrote it, and removes what no longer does.
     * A policy that this version cannot read is reported and left out. A probe that can be carried out no longer, or can
     * again, since a secret came or went, is left out or put in.
     */
    public synchronized void refresh() {
        Map<String, Map<String, InForce>> gone = new HashMap<>();
        inForce.forEach((organization, policies) -> gone.put(organization, new HashMap<>(policies)));
        for (StoredPolicy each : stored.all()) {
            Map<String, InForce> own = gone.get(each.organization());
            InForce known = own == null ? null : own.remove(each.pattern());
            if (known == null
                    || known.version() != each.version()
                    || !known.written().equals(each.settings())
                    || !Objects.equals(known.notProbed(), problem(each.organization(), known.policy()))) {
                refresh(each);
            }
        }
        gone.forEach((organization, policies) -> policies.keySet().forEach(pattern -> takeBack(organization, pattern)));
    }

    private void refresh(StoredPolicy policy) {
        try {
            Map<String, Object> settings = new JsonObject(policy.settings()).getMap();
            putInForce(policy.organization(), policy.pattern(), read(settings), policy.version(), policy.settings());
        } catch (InvalidSettingsException | DecodeException e) {
            LOG.atError()
                    .addKeyValue("organization", policy.organization())
                    .addKeyValue("pattern", policy.pattern())
                    .log("A stored policy cannot be read and is not in effect: {}", e.getMessage());
        }
    }

    /**
     * The settings that somebody wrote.
     *
     * @throws InvalidSettingsException if some are none
     */
    WrittenPolicy read(Map<String, Object> settings) {
        return WrittenPolicy.read(settings, scope);
    }

    /** What each name that {@code base} may have stands for, by name. */
    JsonObject builtIn() {
        JsonObject all = new JsonObject();
        for (String name : PolicySettings.builtInNames()) {
            Map<String, Object> base = Map.of("base", name);
            all.put(name, new JsonObject(read(base).write()));
        }
        return all;
    }

    /** Why the probe of a policy cannot be carried out; null if it can, or if there is none. */
    @Nullable
    String problem(String organization, WrittenPolicy policy) {
        return policy.config().probe() == null ? null : probes.problem(organization, policy.request());
    }

    /** Why the probe of a circuit's policy is not carried out; null if it is, or if there is none. */
    @Nullable
    String notProbed(CircuitSnapshot circuit) {
        InForce policy = find(circuit.id().organization(), circuit.policy());
        return policy == null ? null : policy.notProbed();
    }

    /**
     * How many policies of an organization have a probe that this server cannot carry out.
     *
     * @param organization whose
     * @return how many
     */
    public long notProbed(String organization) {
        return inForce.getOrDefault(organization, Map.of()).values().stream()
                .filter(each -> each.notProbed() != null)
                .count();
    }

    private @Nullable HttpProbe request(CircuitId id) {
        InForce policy = find(id.organization(), circuits.snapshot(id).policy());
        return policy == null || policy.notProbed() != null
                ? null
                : policy.policy().request();
    }

    /**
     * Has something called after a policy was applied or removed, on the thread that did so.
     *
     * @param hearer is given the organization and the pattern; must not block
     */
    public void onChange(BiConsumer<String, String> hearer) {
        hearers.add(hearer);
    }

    /**
     * The settings that circuits follow.
     *
     * @param organization whose circuits
     * @param policy the pattern, or {@code default}, as a circuit names it
     * @return a new object with every setting and the treatment of every kind of failure, without the request of a probe
     */
    public JsonObject settings(String organization, String policy) {
        InForce found = find(organization, policy);
        CircuitBreakerConfig config =
                found == null ? defaults() : found.policy().config();
        JsonObject kinds = new JsonObject();
        for (FailureKind kind : FailureKind.values()) {
            kinds.put(kind.name(), config.treatment(kind, false).name());
        }
        return new JsonObject(PolicySettings.write(config))
                .put("failure_kinds", kinds)
                .put("retry_after_trips", config.treatment(FailureKind.RATE_LIMITED, true) == Treatment.TRIP);
    }

    /** The policies of an organization, the most specific first. */
    List<InForce> of(String organization) {
        List<InForce> all =
                new ArrayList<>(inForce.getOrDefault(organization, Map.of()).values());
        all.sort((one, other) -> new NamePattern(one.pattern()).compareTo(new NamePattern(other.pattern())));
        return all;
    }

    /** The settings of circuits that no pattern covers. */
    CircuitBreakerConfig defaults() {
        return circuits.defaultPolicy();
    }

    @Nullable
    InForce find(String organization, String pattern) {
        return inForce.getOrDefault(organization, Map.of()).get(pattern);
    }

    /**
     * Stores a policy and puts it in effect.
     *
     * @return null if the organization has as many as it may
     */
    synchronized @Nullable InForce put(String organization, String pattern, WrittenPolicy policy, Author by) {
        Map<String, InForce> own = inForce.getOrDefault(organization, Map.of());
        if (!own.containsKey(pattern) && own.size() >= MOST) {
            return null;
        }
        String json = new JsonObject(policy.stored()).encode();
        InForce before = find(organization, pattern);
        long more = bytes(pattern, json) - (before == null ? 0 : bytes(pattern, before.written()));
        if (more > 0 && !memory.fits(organization, more)) {
            throw Problem.conflict("The organization's share of the memory for descriptions is used up"
                    + " (description-memory); delete policies or metadata of agents that are not needed");
        }
        long version = stored.put(organization, pattern, json, by, Policies::shown);
        Failpoint.POLICY_STORED.reach();
        return putInForce(organization, pattern, policy, version, json);
    }

    /** Removes a policy; false if there was none. */
    synchronized boolean remove(String organization, String pattern, Author by) {
        boolean removed = stored.remove(organization, pattern, by, Policies::shown);
        Failpoint.POLICY_REMOVED.reach();
        return takeBack(organization, pattern) || removed;
    }

    /** What the trail of changes keeps of stored settings; of those that cannot be read, nothing. */
    private static String shown(String stored) {
        try {
            return withoutSecrets(new JsonObject(stored)).encode();
        } catch (DecodeException unreadable) {
            return "{}";
        }
    }

    /** Settings without the headers and the body of the probe's request, which may hold what only admins should read. */
    static JsonObject withoutSecrets(JsonObject settings) {
        if (settings.getValue("probe") instanceof JsonObject probe) {
            JsonObject shown = probe.copy();
            shown.remove("headers");
            shown.remove("body");
            settings.put("probe", shown);
        }
        return settings;
    }

    private boolean takeBack(String organization, String pattern) {
        Map<String, InForce> own = inForce.get(organization);
        InForce gone = own == null ? null : own.remove(pattern);
        if (gone == null) {
            return false;
        }
        memory.give(organization, bytes(pattern, gone.written()));
        circuits.removePolicy(organization, pattern);
        hearers.forEach(each -> each.accept(organization, pattern));
        return true;
    }

    private InForce putInForce(String organization, String pattern, WrittenPolicy written, long version, String json) {
        String notProbed = problem(organization, written);
        InForce policy = new InForce(pattern, written, version, json, notProbed);
        circuits.putPolicy(organization, pattern, notProbed == null ? written.config() : written.withoutProbe());
        InForce before = inForce.computeIfAbsent(organization, fresh -> new ConcurrentHashMap<>())
                .put(pattern, policy);
        memory.hold(organization, bytes(pattern, json));
        if (before != null) {
            memory.give(organization, bytes(pattern, before.written()));
        }
        hearers.forEach(each -> each.accept(organization, pattern));
        return policy;
    }

    private static long bytes(String pattern, String written) {
        return POLICY_BYTES + 2L * (pattern.length() + written.length());
    }
}
