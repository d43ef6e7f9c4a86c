package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code interlock keys}: who may call. */
@Command(
        name = "keys",
        description = {"Lists, creates and revokes API keys. Needs an admin's key.", ""},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 100,
        subcommands = {KeysCommand.ListKeys.class, KeysCommand.Create.class, KeysCommand.Delete.class})
final class KeysCommand extends CommandGroup {
    private static final String PATH = "/api/v1/keys";

    /** What each of them knows in addition to the server. */
    abstract static class OfOrganization extends RemoteCommand {
        @Option(
                names = "--organization",
                paramLabel = "NAME",
                description = "another organization, for the installation's first admin key only")
        @Nullable
        String organization;

        String query() {
            return organization == null ? "" : "?organization_id=" + Remote.encoded(organization);
        }
    }

    @Command(
            name = "list",
            description = {"Lists keys, without their secrets.", ""})
    static final class ListKeys extends OfOrganization {
        private static final Listing COLUMNS = Listing.named("id")
                .column("ID", key -> Listing.text(key, "id"))
                .column("NAME", key -> Listing.text(key, "name"))
                .column("ROLE", key -> Listing.text(key, "role"))
                .column("AGENTS", key -> Listing.text(key, "agents"))
                .column("SPEAKS FOR", key -> Listing.text(key, "speaks_for"))
                .column(
                        "CREATED",
                        key -> Times.toTheSecond(key.path("created_at").asText()))
                .column("BY", key -> Listing.text(key, "created_by"))
                .wide("EXPIRES", key -> Times.toTheSecond(key.path("expires_at").asText()))
                .wide(
                        "LAST USED",
                        key -> Times.toTheSecond(key.path("last_used_at").asText()));

        @Mixin
        private ListOptions list = new ListOptions();

        @Override
        void run(Remote remote) throws RemoteException {
            JsonNode answer = remote.get(PATH + query());
            List<JsonNode> keys = new ArrayList<>();
            answer.path("keys").forEach(keys::add);
            list.print(out(), answer, list.limited(keys, 0), COLUMNS, "No keys");
        }
    }

    @Command(
            name = "create",
            description = {"Creates a key and prints it, once and only here.", ""})
    static final class Create extends OfOrganization {
        @Option(names = "--name", paramLabel = "TEXT", required = true, description = "whom it is for")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Option(
                names = "--role",
                paramLabel = "ROLE",
                required = true,
                description = "viewer, operator, admin, or agent (permits, outcomes and logs only)")
        @SuppressWarnings("NullAway.Init")
        private String role;

        @Option(
                names = "--agents",
                paramLabel = "PATTERN",
                description = "limits a key of role agent, such as planner-*")
        private @Nullable String agents;

        @Option(
                names = "--speaks-for",
                paramLabel = "PATTERN",
                description = "lets it name callers, as gateways and collectors do, such as team-*")
        private @Nullable String speaksFor;

        @Option(names = "--json", description = "the server's answer as it is")
        private boolean json;

        @Override
        void run(Remote remote) throws RemoteException {
            ObjectNode body = Remote.JSON.createObjectNode().put("name", name).put("role", role);
            if (organization != null) {
                body.put("organization_id", organization);
            }
            if (agents != null) {
                body.put("agents", agents);
            }
            if (speaksFor != null) {
                body.put("speaks_for", speaksFor);
            }
            JsonNode made = remote.post(PATH, body);
            if (json) {
                out().println(made.toPrettyString());
                return;
            }
            out().println(made.path("key").asText());
            err().println("Key " + made.path("id").asText() + " of role "
                    + made.path("role").asText() + "; keep it, it is not shown again");
        }
    }

    @Command(
            name = "delete",
            description = {"Revokes a key.", ""})
    static final class Delete extends OfOrganization {
        @Parameters(paramLabel = "ID", description = "the key's id, as 'keys list' shows it")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Override
        void run(Remote remote) throws RemoteException {
            new Missing.Kind("key", PATH + query(), "keys", "id", "interlock keys list")
                    .orAnswer(remote, id, () -> remote.delete(PATH + "/" + Remote.encoded(id) + query()));
            out().println("Key " + Words.clean(id) + " is revoked");
        }
    }
}
