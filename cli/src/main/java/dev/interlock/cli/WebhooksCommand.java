package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code interlock webhooks}: where alerts go, and whether they arrive. */
@Command(
        name = "webhooks",
        description = {"Lists, adds, tests and deletes webhooks, to which alerts go. Needs an admin's key.", ""},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 100,
        footer = {"", "More: docs/alerts.md"},
        subcommands = {
            WebhooksCommand.ListWebhooks.class,
            WebhooksCommand.Add.class,
            WebhooksCommand.Test.class,
            WebhooksCommand.Delete.class
        })
final class WebhooksCommand extends CommandGroup {
    private static final String PATH = "/api/v1/webhooks";
    private static final Missing.Kind WEBHOOK =
            new Missing.Kind("webhook", PATH, "webhooks", "id", "interlock webhooks list");
    private static final String TROUBLED = "dead|failing";

    /** {@code interlock webhooks list}. */
    @Command(
            name = "list",
            description = {"Lists webhooks: whether messages arrive, and if not, why.", ""})
    static final class ListWebhooks extends RemoteCommand {
        private static final Listing COLUMNS = Listing.named("id")
                .column("ID", hook -> Listing.text(hook, "id"))
                .column("NAME", hook -> Listing.text(hook, "name"))
                .column("URL", hook -> Listing.text(hook, "url"))
                .column("ON", WebhooksCommand::topics)
                .coloured(
                        "STATE",
                        hook -> Listing.text(hook, "state"),
                        hook -> hook.path("state").asText().matches(TROUBLED) ? Terminal.RED : "")
                .column("WAITING", hook -> Listing.text(hook, "waiting"))
                .column("LAST ERROR", hook -> Listing.text(hook, "last_error"))
                .wide("PATTERN", hook -> Listing.text(hook, "pattern"))
                .wide("FORMAT", hook -> Listing.text(hook, "format"))
                .wide(
                        "LAST ARRIVED",
                        hook -> Times.toTheSecond(hook.path("last_delivered_at").asText()));

        @Mixin
        private ListOptions list = new ListOptions();

        @Override
        void run(Remote remote) throws RemoteException {
            JsonNode answer = remote.get(PATH);
            List<JsonNode> hooks = new ArrayList<>();
            answer.path("webhooks").forEach(hooks::add);
            list.print(out(), answer, list.limited(hooks, 0), COLUMNS, "No webhooks");
            if (list.isForPeople()
                    && hooks.stream()
                            .anyMatch(hook -> hook.path("state").asText().matches(TROUBLED))) {
                err().println("What becomes of messages that do not arrive: see "
                        + remote.document("alerts.html#when-it-does-not-arrive"));
            }
        }
    }

    /** {@code interlock webhooks add NAME}. */
    @Command(
            name = "add",
            description = {
                "Adds a webhook, and shows once what its messages are signed with.",
                "Settings: url=URL; on=EVENTS, incidents if nothing is said, of incidents, transitions (or of these opened,"
                        + " closed, held, released), budgets, loops, health, stops; format=json|slack|pagerduty|teams;"
                        + " pattern=NAMES; secret=TEXT; enabled=false",
                ""
            })
    static final class Add extends SettingsCommand {
        @Parameters(index = "0", paramLabel = "NAME", description = "what people call it")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Override
        void run(Remote remote) throws RemoteException {
            ObjectNode body = settings("interlock webhooks add pager url=https://alerts.example.com/hook");
            body.put("name", name);
            if (body.path("on").isTextual()) { // words between commas, as the list shows them
                String words = body.path("on").asText();
                ArrayNode on = body.putArray("on");
                Stream.of(words.split(",")).map(String::strip).forEach(on::add);
            }
            JsonNode added = remote.post(PATH, body);
            out().println("Added: " + Words.clean(added.path("id").asText()));
            if (added.path("secret").isTextual()) {
                out().println("Secret, shown this once: "
                        + Words.clean(added.path("secret").asText()));
            }
            if (added.path("problem").isTextual()) {
                err().println(Words.clean(added.path("problem").asText()));
            }
        }
    }

    /** {@code interlock webhooks test ID}. */
    @Command(
            name = "test",
            description = {"Sends a message now, and shows what the receiver answered.", ""})
    static final class Test extends RemoteCommand {
        @Parameters(paramLabel = "ID", description = "as 'webhooks list' shows it")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Override
        void run(Remote remote) throws RemoteException {
            JsonNode tested =
                    WEBHOOK.orAnswer(remote, id, () -> remote.post(path(id) + "/test", Remote.JSON.createObjectNode()));
            String detail = Words.clean(tested.path("detail").asText());
            if (!tested.path("delivered").asBoolean()) {
                throw new RemoteException(ExitCode.FAILED, "It did not arrive: " + detail);
            }
            out().println("It arrived: " + detail);
        }
    }

    /** {@code interlock webhooks delete ID}. */
    @Command(
            name = "delete",
            description = {"Removes a webhook, and what waits for it.", ""})
    static final class Delete extends RemoteCommand {
        @Parameters(paramLabel = "ID", description = "as 'webhooks list' shows it")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Override
        void run(Remote remote) throws RemoteException {
            WEBHOOK.orAnswer(remote, id, () -> remote.delete(path(id)));
            out().println(Words.clean(id) + ": removed");
        }
    }

    private static String path(String id) {
        return PATH + "/" + Remote.encoded(id);
    }

    private static String topics(JsonNode hook) {
        return StreamSupport.stream(hook.path("on").spliterator(), false)
                .map(each -> Words.clean(each.asText()))
                .collect(Collectors.joining(", "));
    }
}
