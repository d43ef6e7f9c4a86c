package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code interlock policies}: which settings hold for whom. */
@Command(
        name = "policies",
        description = {"Lists, shows, sets and deletes policies. Setting and deleting need an admin's key.", ""},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 100,
        footer = {"", "More: docs/cli.md"},
        subcommands = {
            PoliciesCommand.ListPolicies.class,
            PoliciesCommand.Show.class,
            PoliciesCommand.Set.class,
            PoliciesCommand.Delete.class
        })
final class PoliciesCommand extends CommandGroup {
    private static final String PATH = "/api/v1/policies";
    private static final String DEFAULT = "default";
    private static final Missing.Kind POLICY =
            new Missing.Kind("policy", PATH, "policies", "pattern", "interlock policies list");
    private static final String MILLIS = "_ms";

    /** {@code interlock policies list}. */
    @Command(
            name = "list",
            description = {"Lists policies, the most specific pattern first.", ""})
    static final class ListPolicies extends RemoteCommand {
        private static final Listing COLUMNS = Listing.named("pattern")
                .column("PATTERN", policy -> Listing.text(policy, "pattern"))
                .column("CIRCUITS", policy -> Listing.text(policy, "circuits"))
                .column("MODE", policy -> setting(policy, "mode"))
                .column("STREAK", policy -> setting(policy, "failure_threshold"))
                .column("RATE", policy -> setting(policy, "failure_rate_threshold"))
                .column("COOLDOWN", policy -> setting(policy, "cooldown"))
                .wide("SCOPE", policy -> setting(policy, "scope"))
                .wide("CALLERS", policy -> setting(policy, "min_callers"))
                .wide("VERSION", policy -> Listing.text(policy, "version"));

        @Mixin
        private ListOptions list = new ListOptions();

        @Override
        void run(Remote remote) throws RemoteException {
            JsonNode answer = remote.get(PATH);
            List<JsonNode> policies = new ArrayList<>();
            answer.path("policies").forEach(policies::add);
            policies.add(((ObjectNode) answer.path(DEFAULT)).deepCopy().put("pattern", DEFAULT));
            list.print(out(), answer, list.limited(policies, 0), COLUMNS, "");
        }
    }

    /** {@code interlock policies show PATTERN}. */
    @Command(
            name = "show",
            description = {"Shows every setting of a policy that is in effect.", ""})
    static final class Show extends RemoteCommand {
        private static final Listing COLUMNS = Listing.named("setting")
                .column("SETTING", each -> Listing.text(each, "setting"))
                .column("VALUE", each -> Listing.text(each, "value"));

        @Mixin
        private ListOptions list = new ListOptions();

        @Parameters(
                paramLabel = "PATTERN",
                description = "as 'policies list' shows it; default is the policy where no pattern matches")
        @SuppressWarnings("NullAway.Init")
        private String pattern;

        @Override
        void run(Remote remote) throws RemoteException {
            JsonNode policy = pattern.equals(DEFAULT)
                    ? remote.get(PATH).path(DEFAULT)
                    : POLICY.orAnswer(remote, pattern, () -> remote.get(path(pattern)));
            List<JsonNode> rows = new ArrayList<>();
            policy.path("settings")
                    .properties()
                    .forEach(each -> rows.add(Remote.JSON
                            .createObjectNode()
                            .put("setting", plain(each.getKey()))
                            .put("value", written(each.getKey(), each.getValue()))));
            list.print(out(), policy, list.limited(rows, 0), COLUMNS, "No settings");
            if (list.isForPeople()) {
                out().println(policy.path("circuits").asText() + " circuits follow it");
                if (policy.path("not_probed").isTextual()) {
                    out().println(Words.clean("Its probe is not carried out by this server. "
                            + policy.path("not_probed").asText()));
                }
            }
        }
    }

    /** {@code interlock policies set PATTERN}. */
    @Command(
            name = "set",
            description = {
                "Applies a policy at once, in place of the one with the same pattern. What is left out has its default, or"
                        + " the value of its base.",
                ""
            })
    static final class Set extends SettingsCommand {
        @Parameters(index = "0", paramLabel = "PATTERN", description = "a name, or such as 'model:*'")
        @SuppressWarnings("NullAway.Init")
        private String pattern;

        @Override
        void run(Remote remote) throws RemoteException {
            ObjectNode body = settings("interlock policies set " + pattern + " base=recommended cooldown=30s");
            JsonNode done = remote.put(path(pattern), body);
            out().println(Words.clean(pattern) + ": in effect, for "
                    + done.path("circuits").asText() + " circuits");
            if (done.path("not_probed").isTextual()) {
                err().println(Words.clean("Its probe is not carried out by this server. "
                        + done.path("not_probed").asText()));
            }
        }
    }

    /** {@code interlock policies delete PATTERN}. */
    @Command(
            name = "delete",
            description = {"Removes a policy; its circuits follow the next pattern that matches.", ""})
    static final class Delete extends RemoteCommand {
        @Parameters(paramLabel = "PATTERN", description = "as 'policies list' shows it")
        @SuppressWarnings("NullAway.Init")
        private String pattern;

        @Override
        void run(Remote remote) throws RemoteException {
            POLICY.orAnswer(remote, pattern, () -> remote.delete(path(pattern)));
            out().println(Words.clean(pattern) + ": removed");
        }
    }

    private static String path(String pattern) {
        return PATH + "/" + Remote.encoded(pattern);
    }

    /** A setting by its name, also where it is written with its unit in the name. */
    private static String setting(JsonNode policy, String name) {
        JsonNode settings = policy.path("settings");
        String full = settings.has(name) ? name : name + MILLIS;
        return settings.has(full) ? written(full, settings.path(full)) : Listing.NONE;
    }

    /** A name as people write it: with the unit behind the value. */
    private static String plain(String name) {
        return name.endsWith(MILLIS) ? name.substring(0, name.length() - MILLIS.length()) : name;
    }

    private static String written(String name, JsonNode value) {
        if (value.isNull()) {
            return "off";
        }
        if (name.endsWith(MILLIS) && value.isIntegralNumber()) {
            return Times.exactly(Duration.ofMillis(value.asLong()));
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }
}
