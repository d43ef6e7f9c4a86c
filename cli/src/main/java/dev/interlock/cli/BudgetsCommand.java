package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code interlock budgets}: what agents may use, and what they have used. */
@Command(
        name = "budgets",
        description = {
            "Lists, shows, sets, raises and deletes budgets of tokens, dollars and calls. All but list and show need an"
                    + " admin's key.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 100,
        footer = {"", "More: docs/budgets.md"},
        subcommands = {
            BudgetsCommand.ListBudgets.class,
            BudgetsCommand.Show.class,
            BudgetsCommand.Set.class,
            BudgetsCommand.RaiseBudget.class,
            BudgetsCommand.Delete.class
        })
final class BudgetsCommand extends CommandGroup {
    private static final String PATH = "/api/v1/budgets";
    private static final Missing.Kind BUDGET =
            new Missing.Kind("budget", PATH, "budgets", "id", "interlock budgets list");
    private static final String AGENT = "agent_id";
    private static final int USUAL = 20;
    private static final int MOST = 1_000;

    /** {@code interlock budgets list}. */
    @Command(
            name = "list",
            description = {"Lists budgets, with what is used of the fullest.", ""})
    static final class ListBudgets extends RemoteCommand {
        private static final Listing COLUMNS = Listing.named("id")
                .column("ID", budget -> Listing.text(budget, "id"))
                .column("PATTERN", budget -> Listing.text(budget, "pattern"))
                .column("PER", budget -> Listing.text(budget, "per"))
                .column("LIMITS", BudgetsCommand::limits)
                .coloured("USED", budget -> used(fullest(budget)), budget -> isUsedUp(budget) ? Terminal.RED : "")
                .column("BY", budget -> who(fullest(budget)))
                .wide("USED UP", budget -> Listing.text(budget, "used_up"))
                .wide("NAMES", budget -> Listing.text(budget, "names"))
                .wide("THEN", budget -> Listing.text(budget, "on_exceeded"));

        @Mixin
        private ListOptions list = new ListOptions();

        @Option(names = "--agent", paramLabel = "NAME", description = "only those that cover this name")
        private @Nullable String agent;

        @Override
        void run(Remote remote) throws RemoteException {
            JsonNode answer = remote.get(new Query().with("agent", agent).behind(PATH));
            List<JsonNode> budgets = new ArrayList<>();
            answer.path("budgets").forEach(budgets::add);
            list.print(out(), answer, list.limited(budgets, 0), COLUMNS, "No budgets");
            if (list.isForPeople() && budgets.stream().anyMatch(BudgetsCommand::isUsedUp)) {
                err().println("What happens to those that are used up: see "
                        + remote.document("budgets.html#when-it-is-used-up"));
            }
        }

        private static JsonNode fullest(JsonNode budget) {
            return budget.path("usage").path(0);
        }
    }

    /** {@code interlock budgets show ID}. */
    @Command(
            name = "show",
            description = {"Shows who has used what of a budget, the fullest first.", ""})
    static final class Show extends RemoteCommand {
        private static final Listing COLUMNS = Listing.named(AGENT)
                .column("AGENT", BudgetsCommand::who)
                .coloured(
                        "USED",
                        BudgetsCommand::used,
                        usage -> usage.path("used_up").asBoolean() ? Terminal.RED : "")
                .column("TOKENS", usage -> Listing.text(usage, "tokens"))
                .column("USD", usage -> Listing.text(usage, "cost_usd"))
                .column("CALLS", usage -> Listing.text(usage, "calls"))
                .column("LIMITS", usage -> limits(usage.path("limits")))
                .column("UNTIL", usage -> Times.toTheSecond(usage.path("until").asText()))
                .wide("CACHED", usage -> Listing.text(usage, "cached_tokens"))
                .wide("UNPRICED", usage -> Listing.text(usage, "unpriced_tokens"));

        @Mixin
        private ListOptions list = new ListOptions();

        @Parameters(paramLabel = "ID", description = "as 'budgets list' shows it")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Override
        void run(Remote remote) throws RemoteException {
            int limit = list.limit(USUAL);
            int asked = limit == 0 ? MOST : Math.min(limit, MOST);
            JsonNode budget = BUDGET.orAnswer(remote, id, () -> remote.get(path(id) + "?limit=" + asked));
            List<JsonNode> usage = new ArrayList<>();
            budget.path("usage").forEach(usage::add);
            if (list.isForPeople()) {
                out().println(Words.clean(budget.path("pattern").asText()) + ", per "
                        + Words.clean(budget.path("per").asText()) + ": " + limits(budget));
            }
            list.print(out(), budget, usage, COLUMNS, "Nobody has used any of it");
        }
    }

    /** {@code interlock budgets set ID}. */
    @Command(
            name = "set",
            description = {
                "Adds a budget, or changes one. What was used stays counted.",
                "Settings: pattern=NAMES, per=minute|hour|day|month or a length such as 6h, and at least one of tokens=N,"
                        + " cost_usd=N, calls=N; together=true, zone=Europe/Berlin, count=all, warn_at=0.8,"
                        + " on_exceeded=warn",
                ""
            })
    static final class Set extends SettingsCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "what the budget is called")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Override
        void run(Remote remote) throws RemoteException {
            remote.put(
                    path(id), settings("interlock budgets set research 'pattern=research-*' per=day tokens=2000000"));
            out().println(Words.clean(id) + ": in effect");
        }
    }

    /** {@code interlock budgets raise ID}. */
    @Command(
            name = "raise",
            description = {"Raises a budget for the rest of its period. A gate that it has put is removed.", ""})
    static final class RaiseBudget extends RemoteCommand {
        @Parameters(paramLabel = "ID", description = "as 'budgets list' shows it")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Option(names = "--tokens", paramLabel = "N", description = "this many tokens more")
        private @Nullable Long tokens;

        @Option(names = "--cost-usd", paramLabel = "N", description = "this many US dollars more")
        private @Nullable Double costUsd;

        @Option(names = "--calls", paramLabel = "N", description = "this many calls more")
        private @Nullable Long calls;

        @Option(names = "--agent", paramLabel = "NAME", description = "only for this name, if each name has its own")
        private @Nullable String agent;

        @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "why, for the trail of changes")
        @SuppressWarnings("NullAway.Init")
        private String reason;

        @Override
        void run(Remote remote) throws RemoteException {
            if (tokens == null && costUsd == null && calls == null) {
                throw new ParameterException(
                        spec().commandLine(),
                        "By how much is missing: must be given, as in 'interlock budgets raise " + id
                                + " --tokens 500000 --reason \"the report is due\"'; or --cost-usd, or --calls");
            }
            ObjectNode body = Remote.JSON.createObjectNode().put("reason", reason);
            put(body, "tokens", tokens);
            put(body, "calls", calls);
            if (costUsd != null) {
                body.put("cost_usd", costUsd);
            }
            if (agent != null) {
                body.put(AGENT, agent);
            }
            JsonNode raised = BUDGET.orAnswer(remote, id, () -> remote.post(path(id) + "/raise", body));
            long usedUp = raised.path("used_up").asLong();
            out().println(Words.clean(id) + ": raised" + (usedUp == 0 ? "" : "; still used up by " + usedUp));
        }

        private static void put(ObjectNode body, String field, @Nullable Long value) {
            if (value != null) {
                body.put(field, value);
            }
        }
    }

    /** {@code interlock budgets delete ID}. */
    @Command(
            name = "delete",
            description = {"Removes a budget, and a gate that it has put.", ""})
    static final class Delete extends RemoteCommand {
        @Parameters(paramLabel = "ID", description = "as 'budgets list' shows it")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Override
        void run(Remote remote) throws RemoteException {
            BUDGET.orAnswer(remote, id, () -> remote.delete(path(id)));
            out().println(Words.clean(id) + ": removed");
        }
    }

    private static String path(String id) {
        return PATH + "/" + Remote.encoded(id);
    }

    private static boolean isUsedUp(JsonNode budget) {
        return budget.path("used_up").asLong() > 0;
    }

    private static String who(JsonNode usage) {
        return usage.isMissingNode() || !usage.path(AGENT).isNull() ? Listing.text(usage, AGENT) : "all of them";
    }

    private static String used(JsonNode usage) {
        return usage.isMissingNode()
                ? Listing.NONE
                : String.format(Locale.ROOT, "%.0f %%", 100 * usage.path("used").asDouble());
    }

    /** What there is of the three limits. */
    private static String limits(JsonNode of) {
        String some = Stream.of("tokens", "cost_usd", "calls")
                .filter(field -> of.path(field).isNumber())
                .map(field -> field.equals("cost_usd")
                        ? "$" + of.path(field).asText()
                        : of.path(field).asText() + " " + field)
                .collect(Collectors.joining(", "));
        return some.isEmpty() ? Listing.NONE : some;
    }
}
