package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What commands list of a real server, in each format. */
class ListCommandsTest {
    private static RunningServer server;

    private final Typed typed = new Typed();

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Asks for a permit, so that the agent is known with what it depends on. */
    private static void call(String organization, String agent, String... dependsOn) {
        ArrayNode names = Remote.JSON.createArrayNode();
        List.of(dependsOn).forEach(names::add);
        assertThat(server.post(
                                "/api/v1/circuits/" + Remote.encoded(agent) + "/permits",
                                "agent@" + organization,
                                "{\"depends_on\":" + names + "}")
                        .statusCode())
                .isEqualTo(200);
    }

    private int as(String caller, String... args) {
        return typed.as(server, caller, args);
    }

    @Test
    void status_shows_first_what_hits_the_most_agents() {
        for (String agent : List.of("a", "b", "c")) {
            call("hits", agent, "model:large", "tool:small");
        }
        call("hits", "d", "model:large");
        await().untilAsserted(() -> {
            assertThat(as("viewer@hits", "agents", "-o", "name")).isZero();
            assertThat(typed.lines()).contains("a", "b", "c", "d");
        });
        for (String each : List.of("a", "tool:small", "model:large", "key:none")) {
            as("operator@hits", "open", each, "--create");
        }
        assertThat(as("viewer@hits", "status")).isZero();
        assertThat(typed.lines().stream().skip(1).limit(4).map(line -> line.split(" ")[0]))
                .containsExactly("model:large", "tool:small", "key:none", "a");
        assertThat(typed.lines().get(1)).matches("model:large +open +\\d+s +- +0 +\\d+s +4 +override by .*");
        assertThat(typed.lines().get(3)).matches("key:none +open +\\d+s +- +0 +\\d+s +- +override by .*");
        assertThat(typed.lines().get(typed.lines().size() - 1)).matches("\\d+ circuits: 4 open, .*");

        assertThat(as("viewer@hits", "status", "--limit", "2")).isZero();
        assertThat(typed.lines()).hasSize(4).last().asString().endsWith("are not shown");
    }

    @Test
    void only_the_state_bears_a_colour() throws IOException {
        JsonNode open = Remote.JSON.readTree(
                "{\"agent_id\":\"planner\",\"state\":\"open\",\"cause\":\"override\",\"actor\":\"ada\"}");
        JsonNode closed = Remote.JSON.readTree("{\"agent_id\":\"b\",\"state\":\"closed\"}");
        List<String> lines = CircuitCells.columns(Map.of(), Instant.now()).lines(List.of(open, closed), false, true);
        assertThat(lines.get(0)).doesNotContain("\u001b");
        assertThat(lines.get(1))
                .startsWith("planner  \u001b[31mopen\u001b[0m    ")
                .endsWith("override by ada");
        assertThat(lines.get(2)).startsWith("b        closed  ").doesNotContain("\u001b");
    }

    @Test
    void status_ends_with_6_if_asked_and_something_is_not_closed() {
        as("operator@code", "close", "planner", "--create");
        assertThat(as("viewer@code", "status", "--exit-code")).isZero();
        as("operator@code", "open", "model:x", "--create");
        assertThat(as("viewer@code", "status")).isZero();
        assertThat(as("viewer@code", "status", "--exit-code")).isEqualTo(ExitCode.NOT_CLOSED);
        assertThat(as("viewer@code", "status", "planner", "--exit-code")).isZero();
        assertThat(as("viewer@code", "status", "model:x", "--exit-code", "-o", "name"))
                .isEqualTo(ExitCode.NOT_CLOSED);
        assertThat(typed.out()).isEqualTo("model:x\n");
    }

    @Test
    void one_agent_is_described_with_why_until_when_whom_it_hits_and_what_changed() {
        for (String agent : List.of("a", "b")) {
            call("deep", agent, "model:large");
        }
        as("operator@deep", "hold", "model:large", "--create", "--open", "--until", "2h", "--reason", "maintenance");
        await().untilAsserted(() -> {
            for (String command : List.of("describe", "status")) {
                assertThat(as("viewer@deep", command, "model:large")).isZero();
                assertThat(typed.lines().get(0)).startsWith("model:large: open, held for ");
                assertThat(typed.out())
                        .containsPattern("\n  Why         override by .*: maintenance, until \\d{4}-")
                        .containsPattern("\n  Until       \\d{4}-\\S+Z, when the hold ends, or 'interlock release'")
                        .containsPattern("\n  Hits        2 agents depend on it: (a, b|b, a)\n")
                        .contains("\n  Policy      default\n", "\nLast changes\n")
                        .containsPattern("\n  \\d{4}-\\S+Z  model:large  closed -> open, held  override by ");
            }
        });
        assertThat(as("viewer@deep", "describe", "a")).isZero();
        assertThat(typed.out()).contains("\n  Depends on  model:large (open)\n");
        assertThat(as("viewer@deep", "describe", "model:large", "-o", "json")).isZero();
        assertThat(typed.json().path("circuit").path("state").asText()).isEqualTo("open");
        assertThat(typed.json().path("transitions")).hasSize(1);
        assertThat(as("viewer@deep", "status", "model:large", "--json")).isZero();
        assertThat(typed.json().path("hold").isObject()).isTrue();
    }

    @Test
    void an_agent_whose_calls_a_gate_refuses_is_not_shown_as_if_all_were_well() {
        call("gated", "writer-1", "model:m");
        await().untilAsserted(() -> {
            assertThat(as("viewer@gated", "describe", "writer-1")).isZero();
            assertThat(typed.out()).contains("Depends on  model:m").doesNotContain("Refused by");
        });
        assertThat(typed.lines().get(0)).isEqualTo("writer-1: closed; it has never opened");
        assertThat(typed.out()).doesNotContain("score 100");
        assertThat(as("viewer@gated", "status")).isZero();
        assertThat(typed.out()).doesNotContain("gate");
        assertThat(as("operator@gated", "stop", "--agents", "writer-*", "--reason", "wrong texts", "--yes"))
                .isZero();
        assertThat(as("operator@gated", "stop", "--upstream", "model:*", "--until", "1h", "--yes"))
                .isZero();
        assertThat(as("operator@gated", "stop", "--agents", "other", "--yes")).isZero();
        assertThat(as("viewer@gated", "describe", "writer-1")).isZero();
        assertThat(typed.out())
                .contains("\n  Refused by  stop:agents:writer-*: wrong texts\n")
                .containsPattern("\n  Refused by  stop:upstream:model:\\* until \\d{4}-\\S+Z\n")
                .doesNotContain("stop:agents:other");
        assertThat(as("viewer@gated", "describe", "writer-1", "-o", "json")).isZero();
        assertThat(typed.json().path("gates")).hasSize(2);
        assertThat(as("viewer@gated", "status")).isZero();
        assertThat(typed.out()).endsWith("3 gates refuse calls, whatever circuits say: see 'interlock gates'\n");
    }

    @Test
    void a_name_that_nobody_has_heard_of_is_not_found_and_similar_ones_are_named() {
        call("typo", "planner");
        await().untilAsserted(() -> {
            assertThat(as("viewer@typo", "agents", "-o", "name")).isZero();
            assertThat(typed.out()).isEqualTo("planner\n");
        });
        for (List<String> command : List.of(
                List.of("status", "planer"),
                List.of("status", "planer", "--json"),
                List.of("describe", "planer"),
                List.of("log", "planer"),
                List.of("health", "planer"),
                List.of("health", "planer", "--history"))) {
            assertThat(as("viewer@typo", command.toArray(String[]::new)))
                    .as(command.toString())
                    .isEqualTo(ExitCode.NOT_FOUND);
            assertThat(typed.err())
                    .as(command.toString())
                    .isEqualTo("There is no agent planer; similar names: planner\n");
            assertThat(typed.out()).isEmpty();
        }
        assertThat(as("viewer@typo", "describe", "plan")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(typed.err()).isEqualTo("There is no agent plan; similar names: planner\n");
        assertThat(as("viewer@typo", "describe", "quite-another")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(typed.err()).isEqualTo("There is no agent quite-another. 'interlock agents' lists all\n");
    }

    @Test
    void events_are_filtered_and_followed_over_pages() {
        for (int i = 0; i < 12; i++) {
            as("operator@events", "open", "model:x", "--create", "--reason", "no. " + i);
            as("operator@events", "reset", "model:x");
        }
        as("operator@events", "open", "planner", "--create", "--reason", "last");
        assertThat(as("viewer@events", "events")).isZero();
        assertThat(typed.lines()).hasSize(26);
        assertThat(typed.lines().get(0)).matches("TIME +AGENT +CHANGE +WHY");
        assertThat(typed.lines().get(1)).contains("model:x  closed -> open").endsWith(": no. 0");
        assertThat(typed.lines().get(25)).matches("\\d{4}-\\S+Z  planner  closed -> open +override by .*: last");

        assertThat(as("viewer@events", "events", "--limit", "3", "-o", "name")).isZero();
        assertThat(typed.lines()).containsExactly("model:x", "model:x", "planner");
        assertThat(as("viewer@events", "events", "--agent", "plan*", "-o", "json"))
                .isZero();
        assertThat(typed.json().path("transitions")).hasSize(1);
        assertThat(as("viewer@events", "events", "--since", "1h", "--cause", "override", "-o", "name"))
                .isZero();
        assertThat(typed.lines()).hasSize(25);
        assertThat(as("viewer@events", "events", "--until", "1h")).isZero();
        assertThat(typed.out()).isEqualTo("No events match\n");
        assertThat(as("viewer@events", "events", "--kind", "timeout", "-o", "name"))
                .isZero();
        assertThat(typed.out()).isEmpty();
        assertThat(as("viewer@events", "events", "--cause", "overide")).isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).contains("Unknown cause: overide; did you mean 'override'?");
        assertThat(as("viewer@events", "events", "--actor", "nobody*", "-o", "name"))
                .isZero();
        assertThat(typed.out()).isEmpty();
        assertThat(as("viewer@events", "events", "--since", "soon")).isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).startsWith("--since = 'soon': must be before now, such as 90s, 30m, 2h or 1d");
    }

    /** A server with small pages would be another server: the client asks for pages smaller than the list. */
    @Test
    void pages_are_followed_until_there_are_enough_rows() throws RemoteException {
        for (int i = 0; i < 7; i++) {
            as("operator@pages", "open", "agent-" + i, "--create");
        }
        Remote remote =
                new Remote(new Target(server.uri(""), "--url", RunningServer.token("viewer@pages"), "--key", null));
        assertThat(remote.pages("/api/v1/transitions", "transitions", 0, 3)).hasSize(7);
        assertThat(remote.pages("/api/v1/transitions?agent=agent-*", "transitions", 5, 2))
                .hasSize(5)
                .extracting(row -> row.path("agent_id").asText())
                .doesNotHaveDuplicates();
        assertThat(remote.pages("/api/v1/agents", "agents", 0, 2)).hasSize(7);
    }

    @Test
    void agents_are_listed_with_their_health_and_what_they_depend_on() {
        call("fleet", "planner", "model:x", "tool:y");
        server.send(
                "PUT",
                "/api/v1/agents/planner",
                "operator@fleet",
                "{\"display_name\":\"The Planner\",\"metadata\":{\"team\":\"logistics\"}}");
        await().untilAsserted(() -> {
            assertThat(as("viewer@fleet", "agents", "--prefix", "pl")).isZero();
            assertThat(typed.lines()).hasSize(2);
            assertThat(typed.lines().get(1))
                    .matches("planner  closed +unknown +100 +\\d+s ago +(model:x, tool:y|tool:y, model:x)");
        });
        assertThat(as("viewer@fleet", "agents", "-o", "wide", "--prefix", "pl")).isZero();
        assertThat(typed.out()).contains("The Planner", "team=logistics");
        assertThat(as("viewer@fleet", "agents", "--health", "critical")).isZero();
        assertThat(typed.out()).isEqualTo("No agents match\n");
        assertThat(as("viewer@fleet", "agents", "--health", "fine")).isEqualTo(ExitCode.USAGE);
        assertThat(as("viewer@nobody", "agents")).isZero();
        assertThat(typed.out()).isEqualTo("No agents yet: none has called or logged\n");
    }

    @Test
    void the_log_and_the_health_of_an_agent_are_shown() {
        server.post(
                "/api/v1/logs/batch",
                "agent@logs",
                "{\"sent_at\":\"" + Instant.now() + "\",\"entries\":["
                        + "{\"agent_id\":\"planner\",\"action_type\":\"llm_inference\",\"action_name\":\"plan\",\"status\":\"success\","
                        + "\"latency_ms\":120,\"output_summary\":\"a plan\",\"timestamp\":\""
                        + Instant.now().minusSeconds(2)
                        + "\"},"
                        + "{\"agent_id\":\"planner\",\"action_type\":\"tool_call\",\"action_name\":\"mail\",\"status\":\"failure\","
                        + "\"error_kind\":\"TIMEOUT\",\"error_message\":\"no answer\",\"timestamp\":\"" + Instant.now()
                        + "\"}]}");
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(as("viewer@logs", "log", "planner")).isZero();
            assertThat(typed.lines()).hasSize(3);
        });
        assertThat(typed.lines().get(1)).matches("\\S+Z  llm_inference  plan  success +120 ms  a plan");
        assertThat(typed.lines().get(2)).matches("\\S+Z  tool_call +mail  failure \\(TIMEOUT\\)  - +no answer");
        assertThat(as("viewer@logs", "log", "planner", "--status", "failure", "-o", "json"))
                .isZero();
        assertThat(typed.json().path("logs")).hasSize(1);
        assertThat(as("viewer@logs", "log", "planner", "--action", "decision")).isZero();
        assertThat(typed.out()).isEqualTo("No entries match\n");

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(as("viewer@logs", "health", "planner")).isZero();
            assertThat(typed.lines().get(0)).matches("planner: unknown, too few calls in five minutes(, for \\d+s)?");
            assertThat(typed.lines().get(1)).startsWith("  5 minutes  2 calls, 1 failed (50 % good)");
        });
        assertThat(as("viewer@logs", "health", "planner", "-o", "json")).isZero();
        assertThat(typed.json().path("five_minutes").path("calls").asInt()).isEqualTo(2);
        assertThat(as("viewer@logs", "health", "planner", "--history")).isZero();
    }

    @Test
    void policies_are_set_from_words_or_a_file_shown_and_deleted(@TempDir Path folder) throws IOException {
        assertThat(as(
                        "admin@rules",
                        "policies",
                        "set",
                        "model:*",
                        "base=upstream",
                        "cooldown=30s",
                        "failure-threshold=4"))
                .isZero();
        assertThat(typed.out()).isEqualTo("model:*: in effect, for 0 circuits\n");
        Path file = Files.writeString(
                folder.resolve("planner.yaml"),
                "base: recommended\nslow_call_duration: 2m\n" + "slow_call_rate_threshold: 0.5\ncooldown: 20s\n");
        assertThat(as("admin@rules", "policies", "set", "planner", "--file", file.toString(), "cooldown=25s"))
                .isZero();
        assertThat(as("viewer@rules", "policies", "list")).isZero();
        assertThat(typed.lines().get(0)).matches("PATTERN +CIRCUITS +MODE +STREAK +RATE +COOLDOWN");
        assertThat(typed.lines().stream().skip(1).map(line -> line.split(" ")[0]))
                .containsExactly("planner", "model:*", "default");
        assertThat(typed.lines().get(2)).matches("model:\\* +0 +enforce +4 +0.5 +30s");
        assertThat(as("viewer@rules", "policies", "show", "planner")).isZero();
        assertThat(typed.out()).containsPattern("\ncooldown +25s\n").containsPattern("\nslow_call_duration +2m\n");
        assertThat(as("viewer@rules", "policies", "show", "default")).isZero();
        assertThat(typed.out()).containsPattern("\ncooldown +1m\n");
        assertThat(as("viewer@rules", "policies", "show", "none")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(typed.err())
                .isEqualTo("There is no policy with the pattern 'none'; 'interlock policies list' lists all\n");

        assertThat(as("admin@rules", "policies", "set", "x", "cooldown=never")).isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).contains("cooldown", "never");
        assertThat(as("admin@rules", "policies", "set", "x")).isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).startsWith("There are no settings: must be given, as in 'interlock policies set x ");
        assertThat(as("admin@rules", "policies", "set", "x", "cooldown")).isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).startsWith("'cooldown': must be SETTING=VALUE").contains("--file FILE");
        Files.writeString(file, "cooldown: [\n");
        assertThat(as("admin@rules", "policies", "set", "x", "--file", file.toString()))
                .isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).contains("is no YAML", "must hold settings by name");
        assertThat(as(
                        "admin@rules",
                        "policies",
                        "set",
                        "x",
                        "--file",
                        folder.resolve("none").toString()))
                .isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).contains("is not there");

        assertThat(as("viewer@rules", "policies", "delete", "planner")).isEqualTo(ExitCode.NOT_ALLOWED);
        assertThat(as("admin@rules", "policies", "delete", "planner")).isZero();
        assertThat(typed.out()).isEqualTo("planner: removed\n");
        assertThat(as("viewer@rules", "policies", "list", "-o", "name")).isZero();
        assertThat(typed.lines()).containsExactly("model:*", "default");
    }

    @Test
    void values_of_settings_are_numbers_where_they_look_so_and_else_texts() {
        assertThat(SettingsText.value("4").isInt()).isTrue();
        assertThat(SettingsText.value("0.5").isDouble()).isTrue();
        assertThat(SettingsText.value("true").isBoolean()).isTrue();
        assertThat(SettingsText.value("null").isNull()).isTrue();
        assertThat(SettingsText.value("30s").asText()).isEqualTo("30s");
        assertThat(SettingsText.value("{\"LOOP\":\"IGNORE\"}").isObject()).isTrue();
        assertThat(SettingsText.value("{no json}").asText()).isEqualTo("{no json}");
    }

    @Test
    void an_incident_whose_circuits_have_closed_says_so() {
        server.post(
                "/api/v1/circuits/model:q/outcomes",
                "agent@incident",
                "{\"outcome\":\"failure\",\"kind\":\"QUOTA_EXHAUSTED\"}");
        server.post(
                "/api/v1/circuits/planner/outcomes", "agent@incident", "{\"outcome\":\"failure\",\"kind\":\"LOOP\"}");
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(as("viewer@incident", "incidents")).isZero();
            assertThat(typed.out()).containsPattern("planner +1 open +\\d{4}-\\S+Z +\\d+s +1 +0 +0");
        });
        as("operator@incident", "close", "planner");
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(as("viewer@incident", "incidents")).isZero();
            assertThat(typed.lines().get(0)).endsWith("REFUSED  WHY");
            assertThat(typed.lines().get(1))
                    .as("what is open comes first")
                    .matches("\\S+ +model:q +1 open .* failure kind \\(QUOTA_EXHAUSTED\\)");
            assertThat(typed.lines().get(2))
                    .matches("\\S+ +planner +all closed for \\d+s .* all closed since \\d{4}-\\S+Z(; ends if .*)?");
        });
        assertThat(as("viewer@incident", "incidents", "-o", "name", "--limit", "1"))
                .isZero();
        String id = typed.lines().get(0);
        assertThat(as("viewer@incident", "incidents", id)).isZero();
        assertThat(typed.lines().get(0)).matches("\\S+: (1 open|all closed for \\d+s), since \\S+Z, lasted \\d+s");
        assertThat(as("viewer@incident", "incidents", id, "--markdown")).isZero();
        assertThat(typed.out()).startsWith("#");
        assertThat(as("viewer@incident", "incidents", "none-such")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(typed.err())
                .isEqualTo("There is no incident 'none-such', or it is too long ago; 'interlock incidents --all' lists"
                        + " all\n");
        assertThat(as("viewer@incident", "incidents", "--all", "--since", "1h", "--json"))
                .isZero();
        assertThat(typed.json().path("incidents")).isNotEmpty();
    }

    @Test
    void formats_that_contradict_each_other_or_do_not_exist_are_wrong_usage() {
        assertThat(as("viewer@formats", "agents", "--json", "-o", "wide")).isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).startsWith("--json and -o wide: only one of them can be given\n");
        assertThat(as("viewer@formats", "agents", "-o", "xml")).isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).startsWith("--output = 'xml': must be table, wide, json or name\n");
        assertThat(as("viewer@formats", "agents", "--limit", "-1")).isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).startsWith("--limit = -1: must be 0 or more\n");
        assertThat(as("viewer@formats", "status", "planner", "--prefix", "x")).isEqualTo(ExitCode.USAGE);
    }

    /** Commands that are added later are held to it as well. */
    @Test
    void every_command_that_lists_has_the_same_options() {
        Set<String> without = new TreeSet<>();
        for (CommandSpec command : commands(Main.commandLine().getCommandSpec())) {
            if (command.optionsMap().containsKey("--json")
                    && command.userObject() instanceof RemoteCommand
                    && !command.optionsMap().containsKey("--output")) {
                without.add(command.qualifiedName());
            }
        }
        assertThat(without)
                .as("commands with --json and without -o: they list nothing")
                .containsExactly("interlock keys create", "interlock watch");
    }

    private static List<CommandSpec> commands(CommandSpec from) {
        List<CommandSpec> all = new ArrayList<>(List.of(from));
        for (CommandLine each : from.subcommands().values()) {
            all.addAll(commands(each.getCommandSpec()));
        }
        return all;
    }

    @Test
    void every_option_and_command_is_described() {
        for (CommandSpec command : commands(Main.commandLine().getCommandSpec())) {
            assertThat(String.join("", command.usageMessage().description()))
                    .as(command.qualifiedName())
                    .isNotBlank();
            for (OptionSpec option : command.options()) {
                assertThat(String.join("", option.description()))
                        .as(command.qualifiedName() + " " + option.longestName())
                        .isNotBlank();
            }
        }
    }
}
