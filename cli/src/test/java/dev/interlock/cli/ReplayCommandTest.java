package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayCommandTest {
    private static final String CALLS = "time,agent,target,duration_ms,ok,kind\n"
            + "0,a,model:m,1000,true,\n"
            + "2,a,model:m,1000,false,QUOTA_EXHAUSTED\n"
            + "4,a,model:m,1000,false,QUOTA_EXHAUSTED\n";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private Path log;

    @BeforeEach
    void writeLog() throws IOException {
        log = Files.writeString(folder.resolve("calls.csv"), CALLS);
    }

    @Test
    void compares_the_policies_of_the_house_by_agent() {
        assertThat(replay(log)).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString())
                .startsWith(log + " by agent: 3 calls from 1970-01-01 00:00:00 to 1970-01-01 00:00:04");
        assertThat(out.toString().lines().map(line -> line.split(" ")[0]))
                .containsSubsequence("policy", "default", "recommended", "upstream");
    }

    @Test
    void writes_exact_names_as_json() {
        assertThat(replay(log, "--json", "--policy", "default", "--by", "target", "--circuits"))
                .isZero();
        assertThat(out).hasToString("""
                [
                  {
                    "policy" : "default",
                    "circuits" : 1,
                    "calls" : 3,
                    "failures" : 2,
                    "rejected" : 1,
                    "failed_avoided" : 1,
                    "failed_avoided_share" : 0.5,
                    "good_blocked" : 0,
                    "good_blocked_share" : 0,
                    "openings" : 1,
                    "circuits_opened" : 1,
                    "late" : 0,
                    "flaps" : 0,
                    "median_seconds_to_open" : 0,
                    "median_seconds_to_recover" : null,
                    "good_p90_ms" : 1007,
                    "by_circuit" : [
                      {
                        "circuit" : "model:m",
                        "calls" : 3,
                        "failures" : 2,
                        "rejected" : 1,
                        "failed_avoided" : 1,
                        "failed_avoided_share" : 0.5,
                        "good_blocked" : 0,
                        "good_blocked_share" : 0,
                        "openings" : 1,
                        "late" : 0,
                        "flaps" : 0,
                        "median_seconds_to_open" : 0,
                        "median_seconds_to_recover" : null
                      }
                    ]
                  }
                ]
                """);
    }

    @Test
    void reads_a_packed_file_and_a_policy_of_ones_own() throws IOException {
        Path packed = folder.resolve("calls.csv.gz");
        try (GZIPOutputStream gzip = new GZIPOutputStream(Files.newOutputStream(packed))) {
            gzip.write(CALLS.getBytes(StandardCharsets.UTF_8));
        }
        Path mine = Files.writeString(folder.resolve("mine.yaml"), "failure_kinds:\n  QUOTA_EXHAUSTED: IGNORE\n");

        assertThat(replay(packed, "--json", "--policy=" + mine)).isZero();
        assertThat(out.toString()).contains("\"policy\" : \"" + mine + "\"").contains("\"openings\" : 0");
    }

    @Test
    void goes_on_after_a_bad_row() throws IOException {
        Files.writeString(log, CALLS + "5,a,model:m,long,true,\n");

        assertThat(replay(log)).isZero();
        assertThat(err)
                .hasToString(log + ":5: duration_ms = 'long': must be milliseconds, 0 to 31536000000 (a year)\n"
                        + "1 of 4 rows was bad and left out\n");
    }

    @Test
    void counts_one_call_as_one() throws IOException {
        Files.writeString(log, CALLS.lines().limit(2).collect(Collectors.joining("\n")) + "\n");

        assertThat(replay(log)).isZero();
        assertThat(out.toString()).startsWith(log + " by agent: 1 call from 1970-01-01 00:00:00 to ");
    }

    @Test
    void fails_when_no_row_is_good() throws IOException {
        Files.writeString(log, CALLS.lines().findFirst().orElseThrow() + "\n");

        assertThat(replay(log)).isEqualTo(1);
        assertThat(out.toString()).isEmpty();
        assertThat(err).hasToString(log + ": has no call to replay: must have at least one good row\n");
    }

    @Test
    void fails_when_the_file_is_not_there_or_a_folder() {
        assertThat(replay(folder.resolve("none.csv"))).isEqualTo(1);
        assertThat(replay(folder)).isEqualTo(1);
        assertThat(err.toString().lines())
                .containsExactly(
                        folder.resolve("none.csv")
                                + ": there is no such file: must be a file of calls, or - for standard input",
                        folder + ": is a folder: must be a file of calls, or - for standard input");
    }

    @Test
    void tells_figures_apart_by_incidents_and_reports_their_mistakes() throws IOException {
        Path incidents = Files.writeString(folder.resolve("incidents.csv"), "start,end\n1,3\n");

        assertThat(replay(log, "--json", "--policy", "default", "--incidents=" + incidents))
                .isZero();
        assertThat(out.toString()).contains("\"incidents\" : 1", "\"inside\" : {", "\"outside\" : {");

        Files.writeString(incidents, "start,end\n3,1\n");
        assertThat(replay(log, "--incidents=" + incidents)).isEqualTo(1);
        assertThat(err).hasToString(incidents + ":2: end = '1': must be later than start\n");
    }

    @Test
    void shows_what_a_rule_for_slow_calls_would_have_done() {
        assertThat(replay(log, "--slow", "--policy", "recommended")).isZero();
        assertThat(out.toString())
                .contains("slow rule: slow_call_duration 1.0 s, slow_call_rate_threshold 0.5\n")
                .contains("\n  + slow rule ");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void an_empty_policy_is_none() {
        assertThat(replay(log, "--policy=")).isEqualTo(2);
        assertThat(err.toString()).startsWith("--policy = '': must be a YAML file that exists, or one of\n");
    }

    @Test
    void fails_with_all_mistakes_of_a_policy_file() throws IOException {
        Path mine = Files.writeString(folder.resolve("mine.yaml"), "cooldown: never\ncolour: red\n");

        assertThat(replay(log, "--policy", mine.toString())).isEqualTo(1);
        assertThat(err.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith(mine + ":1: cooldown = never: must be a duration"),
                        line -> assertThat(line).startsWith(mine + ":2: colour = red: "));
    }

    @Test
    void lists_the_policies_when_it_does_not_know_one() {
        assertThat(replay(log, "--policy", "strict")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("--policy = 'strict': must be a YAML file that exists, or one of\n  default  ")
                .contains("\n  resilience4j  ", "\n  litellm  ")
                .endsWith("\nTry 'interlock replay --help'.\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--by=model", "--policy", "--circuit=3", "--by"})
    void wrong_usage_has_exit_code_2_and_names_the_flag(String flag) {
        assertThat(replay(log, flag)).isEqualTo(2);
        assertThat(err.toString()).contains(flag.split("=")[0]).contains("Try 'interlock replay --help'.");
    }

    /** Columns: what follows {@code replay}, and the message. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "log.csv --by=model      | --by = 'model': must be agent, target or both",
                "log.csv --probes=model  | --probes = 'model': must be log",
                "log.csv --json=yes      | --json = 'yes': must be true or false",
                "log.csv --by            | --by: must be followed by its value, as in --by=WHOM",
                "log.csv --policy --json | --policy: must be followed by its value, as in --policy=NAME-OR-FILE",
                "log.csv --json --json   | --json: must be given once",
                "log.csv --circuit       | There is no option --circuit; did you mean --circuits?",
                "log.csv -x              | There is no option -x; 'interlock replay' takes --by, --circuits, --guarded, --help,"
                        + " --incidents, --json, --policy, --probes, --slow, --version",
                "log.csv other.csv       | 'other.csv': must be left out: 'interlock replay' takes FILE and options, and"
                        + " this is one too many",
                "--json                  | FILE is missing: must be given, as in 'interlock replay FILE'",
            })
    void says_what_was_not_understood_and_what_is_right(String arguments, String message) {
        assertThat(run(("replay " + arguments).split(" "))).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err).hasToString(message + "\nTry 'interlock replay --help'.\n");
    }

    @Test
    void helps_within_a_hundred_columns_and_lists_the_policies() {
        assertThat(run("replay", "--help")).isZero();
        assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
        assertThat(out.toString())
                .contains(
                        "--policy=NAME-OR-FILE",
                        "--by=WHOM",
                        "--circuits",
                        "--json",
                        "--guarded",
                        "--incidents=CSV",
                        "--probes=FROM",
                        "--slow")
                .contains(
                        "\n  default  ", "\n  recommended  ", "\n  upstream  ", "\n  resilience4j  ", "\n  litellm  ");
    }

    /** {@code -Dinterlock.data=/absolute/folder} with the recorded calls that are not part of the project. */
    @ParameterizedTest
    @ValueSource(strings = {"agent", "target", "both"})
    @EnabledIfSystemProperty(named = "interlock.data", matches = ".+")
    void replays_real_calls(String by) {
        Path calls = Path.of(System.getProperty("interlock.data"), "agent-calls.csv");

        assertThat(replay(calls, "--by", by)).isZero();
        if (by.equals("both")) {
            assertThat(err.toString())
                    .startsWith("warning: 148 of 272 failures have no kind, or ERROR: with --by both");
        } else {
            assertThat(err.toString()).isEmpty();
        }
        assertThat(out.toString()).contains(" by " + by + ": 4556 calls from ");
    }

    private int replay(Path file, String... options) {
        String[] args = new String[options.length + 2];
        args[0] = "replay";
        args[1] = file.toString();
        System.arraycopy(options, 0, args, 2, options.length);
        return run(args);
    }

    private int run(String... args) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
