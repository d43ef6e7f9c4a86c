package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** {@code docs/cli.md} has every command, option and exit code that there is, and no other. */
class CommandLinePageTest {
    private static final Path PAGE =
            Path.of(System.getProperty("interlock.root", "..")).resolve("docs/cli.md");
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])(--[a-z][a-z-]*|-o)(?![\\w-])");
    private static final Pattern CODE = Pattern.compile("^\\| (\\d) \\| ", Pattern.MULTILINE);

    private static String page() throws IOException {
        return Files.readString(PAGE);
    }

    @Test
    void every_command_is_in_the_table() throws IOException {
        Matcher table = Pattern.compile("^\\| (`.*?) \\| [^|]* \\| .*$", Pattern.MULTILINE)
                .matcher(page());
        Set<String> described = new TreeSet<>();
        while (table.find()) {
            Matcher word = Pattern.compile("`([a-z]+)").matcher(table.group(1));
            while (word.find()) {
                described.add(word.group(1));
            }
        }
        assertThat(described).containsAll(Main.commandLine().getSubcommands().keySet());
    }

    @Test
    void every_option_on_the_page_is_one_of_a_command() throws IOException {
        Set<String> there = new TreeSet<>();
        options(Main.commandLine().getCommandSpec(), there);
        Set<String> named = OPTION.matcher(page())
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(named).hasSizeGreaterThan(15);
        assertThat(there).containsAll(named);
    }

    private static void options(CommandSpec of, Set<String> into) {
        into.addAll(of.optionsMap().keySet());
        of.subcommands().values().forEach(each -> options(each.getCommandSpec(), into));
    }

    @Test
    void the_exit_codes_are_those_of_the_commands() throws IOException {
        List<String> onPage =
                CODE.matcher(page()).results().map(found -> found.group(1)).toList();
        assertThat(onPage).containsExactly("0", "1", "2", "3", "4", "5", "6");
        CommandLine status = Main.commandLine("status").getSubcommands().get("status");
        Map<String, String> codes = status.getCommandSpec().usageMessage().exitCodeList();
        assertThat(codes.keySet()).containsExactly("0", "1", "2", "3", "4", "5");
        codes.values().forEach(text -> {
            try {
                assertThat(page()).contains("| " + text);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** Each command of the table once, as the page writes it, in an order in which each has what it needs. */
    @Test
    void every_command_of_the_page_does_what_it_says_on_a_real_server(@TempDir Path folder) throws IOException {
        Set<String> run = new LinkedHashSet<>();
        Path settings = Files.writeString(folder.resolve("model.yaml"), "base: upstream\n");
        try (RunningServer server = new RunningServer()) {
            Typed typed = new Typed().with("XDG_CONFIG_HOME", folder.toString());
            List<List<String>> commands = new ArrayList<>();
            commands.add(List.of(
                    "login",
                    "--url",
                    server.uri("").toString(),
                    "--key",
                    RunningServer.ADMIN_KEY,
                    "--profile",
                    "here"));
            for (String line : ("profiles\nprofiles use here\nstatus\nopen planner --create --reason testing\n"
                            + "status --prefix plan --state open\nstatus planner\ndescribe planner\nincidents\n"
                            + "incidents --all --since 1d\nevents --since 2h --agent plan* --cause override\nagents\n"
                            + "log planner --action tool_call --status failure\nhealth planner\n"
                            + "health planner --history\nclose planner\nreset planner\nhold planner --open --until 2h\n"
                            + "watch --count 0 --help\nrelease planner\nhold planner --closed\n"
                            + "release --pattern plan* --yes\nundo\nstop --agents planner --until 2h --yes\n"
                            + "gates\nresume --agents planner\ngates --changes\n"
                            + "policies set model:* base=upstream cooldown=30s\npolicies list -o wide\n"
                            + "policies set model:* --file " + settings + "\npolicies show model:*\n"
                            + "policies show default\npolicies delete model:*\nkeys list\n"
                            + "budgets set research pattern=research-* per=day tokens=2000000\nbudgets list -o wide\n"
                            + "budgets show research\nbudgets raise research --tokens 500000 --reason due\n"
                            + "budgets delete research\nwebhooks list\nwebhooks --help\n"
                            + "keys create --name x --role viewer\ncompletion bash\ncompletion zsh\ncompletion fish\n"
                            + "help\nhelp status\nserve --help\nproxy --help\ndemo --help\nbackup --help\nrestore --help\nreplay --help\nlogout")
                    .split("\n")) {
                commands.add(List.of(line.split(" ")));
            }
            for (List<String> command : commands) {
                assertThat(typed.run(command.toArray(String[]::new)))
                        .as(command + ": " + typed.err())
                        .isZero();
                assertThat(typed.out()).as(command.toString()).isNotBlank();
                run.add(command.get(0));
            }
        }
        assertThat(run).containsAll(Main.commandLine().getSubcommands().keySet());
    }
}
