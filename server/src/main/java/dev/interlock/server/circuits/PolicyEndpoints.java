package dev.interlock.server.circuits;

import dev.interlock.jdbc.Author;
import dev.interlock.server.circuits.Policies.InForce;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.http.Problem;
import dev.interlock.server.names.NameGate;
import dev.interlock.server.security.Role;
import dev.interlock.server.text.Alike;
import dev.interlock.server.text.Texts;
import dev.interlock.server.workers.Pools;
import dev.interlock.settings.PolicySettings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows and changes organizations' own settings. */
public final class PolicyEndpoints implements Endpoints {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyEndpoints.class);

    private final Pools pools;
    private final Policies policies;
    private final KnownCircuits fleet;
    private final Clock clock;

    /**
     * Endpoints for all organizations; each caller has its own policies.
     *
     * @param pools look through them, and wait for the database
     * @param policies stored and in effect
     * @param fleet all that follow them
     * @param clock the wall clock
     */
    public PolicyEndpoints(Pools pools, Policies policies, KnownCircuits fleet, Clock clock) {
        this.clock = clock;
        this.pools = pools;
        this.policies = policies;
        this.fleet = fleet;
    }

    @Override
    public void mount(Operations operations) {
        operations
                .on("listPolicies", this::list)
                .on("getPolicy", this::one)
                .on("putPolicy", this::put)
                .on("deletePolicy", this::delete);
    }

    private void list(Exchange exchange) {
        String organization = exchange.caller().organization();
        boolean whole = maySeeRequests(exchange);
        pools.computing()
                .run(organization, () -> page(organization, whole))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    /** Written on a worker: a thousand policies take an event loop too long. */
    private Page page(String organization, boolean whole) {
        Map<String, Long> counts = fleet.policies(organization);
        JsonArray all = new JsonArray();
        policies.of(organization).forEach(policy -> all.add(json(policy, whole, counts)));
        JsonObject builtIn = new JsonObject()
                .put("settings", new JsonObject(PolicySettings.write(policies.defaults())))
                .put("circuits", counts.getOrDefault("default", 0L));
        return new Page(
                new JsonObject()
                        .put("policies", all)
                        .put("default", builtIn)
                        .put("built_in", policies.builtIn())
                        .toBuffer(),
                null);
    }

    private void one(Exchange exchange) {
        String organization = exchange.caller().organization();
        InForce policy = policies.find(organization, pattern(exchange));
        if (policy == null) {
            throw unknown(exchange);
        }
        answer(exchange, policy);
    }

    private void answer(Exchange exchange, InForce policy) {
        String organization = exchange.caller().organization();
        boolean whole = maySeeRequests(exchange);
        pools.computing()
                .run(organization, () -> json(policy, whole, fleet.policies(organization)))
                .onSuccess(exchange::answer)
                .onFailure(exchange::fail);
    }

    private static boolean maySeeRequests(Exchange exchange) {
        return exchange.caller().role().may(Role.ADMIN);
    }

    private void put(Exchange exchange) {
        String organization = exchange.caller().organization();
        String pattern = pattern(exchange);
        WrittenPolicy written =
                policies.read(new JsonObject(exchange.body().encode()).getMap()); // maps within maps, too
        String notProbed = policies.problem(organization, written);
        if (notProbed != null) {
            throw Problem.invalid("The probe cannot be carried out. " + notProbed);
        }
        pools.database()
                .change(organization, () -> {
                    mustBeNewOrKnown(organization, pattern);
                    return policies.put(organization, pattern, written, by(exchange));
                })
                .onSuccess(policy -> {
                    if (policy == null) {
                        exchange.fail(Problem.conflict("An organization may have " + Policies.MOST
                                + " policies, and this one has; delete one, or use patterns that cover more names"));
                    } else {
                        log(exchange, "A policy was applied", pattern);
                        answer(exchange, policy);
                    }
                })
                .onFailure(exchange::fail);
    }

    private void delete(Exchange exchange) {
        String organization = exchange.caller().organization();
        String pattern = pattern(exchange);
        pools.database()
                .change(organization, () -> policies.remove(organization, pattern, by(exchange)))
                .onSuccess(removed -> {
                    if (removed) {
                        log(exchange, "A policy was removed", pattern);
                        exchange.answerNothing();
                    } else {
                        exchange.fail(unknown(exchange));
                    }
                })
                .onFailure(exchange::fail);
    }

    /** A pattern that is there goes on; a new one must be readable, and like no other. Takes time: for a worker. */
    private void mustBeNewOrKnown(String organization, String pattern) {
        if (policies.find(organization, pattern) != null) {
            return;
        }
        NameGate.mustBePrintable("pattern", pattern);
        String form = Alike.form(pattern);
        for (InForce each : policies.of(organization)) {
            if (Alike.form(each.pattern()).equals(form)) {
                throw Problem.conflict("The pattern '" + Texts.shown(pattern) + "' is new, and looks like '"
                        + Texts.shown(each.pattern()) + "', which there is; use that one");
            }
        }
    }

    private Author by(Exchange exchange) {
        return new Author(exchange.caller().actor(), clock.instant().truncatedTo(ChronoUnit.MILLIS));
    }

    private static String pattern(Exchange exchange) {
        String pattern = exchange.path("pattern");
        if (pattern.isBlank() || pattern.chars().anyMatch(Character::isISOControl)) {
            throw Problem.invalid("pattern must be a name, or a pattern in which '*' stands for any characters; it must"
                    + " not be blank or hold control characters");
        }
        return pattern;
    }

    private static Problem unknown(Exchange exchange) {
        return Problem.notFound("The organization has no policy for '" + Texts.shown(pattern(exchange))
                + "'; GET /api/v1/policies lists those that it has");
    }

    private static JsonObject json(InForce policy, boolean whole, Map<String, Long> counts) {
        JsonObject settings = new JsonObject(policy.policy().write());
        if (!whole) {
            settings = Policies.withoutSecrets(settings);
        }
        return new JsonObject()
                .put("pattern", policy.pattern())
                .put("settings", settings)
                .put("version", policy.version())
                .put("circuits", counts.getOrDefault(policy.pattern(), 0L))
                .put("not_probed", policy.notProbed());
    }

    private static void log(Exchange exchange, String what, String pattern) {
        LOG.atInfo()
                .addKeyValue("organization", exchange.caller().organization())
                .addKeyValue("pattern", pattern)
                .addKeyValue("actor", exchange.caller().actor())
                .log(what);
    }
}
