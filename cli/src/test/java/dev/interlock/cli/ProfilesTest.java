package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing in once, and where the key then goes. */
class ProfilesTest {
    private static RunningServer one;
    private static RunningServer two;

    @TempDir
    private Path folder;

    private final Typed typed = new Typed();
    private Path file;

    @BeforeAll
    static void start() {
        one = new RunningServer();
        two = new RunningServer();
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
    }

    @BeforeEach
    void of_a_user_with_a_folder() {
        typed.with("XDG_CONFIG_HOME", folder.toString());
        file = folder.resolve("interlock").resolve("profiles.json");
    }

    private static String url(RunningServer server) {
        return server.uri("").toString();
    }

    private int login(RunningServer server, String caller, String profile) {
        return typed.run("login", "--url", url(server), "--key", RunningServer.token(caller), "--profile", profile);
    }

    @Test
    void who_has_signed_in_names_neither_server_nor_key_any_more() throws IOException {
        assertThat(typed.run("login", "--url", url(one), "--key", RunningServer.token("viewer@acme")))
                .isZero();
        assertThat(typed.out()).matches("Signed in to " + url(one) + " as .*, viewer of the organization acme\n");
        assertThat(typed.err()).isEqualTo("Kept as the profile default in " + file + ", which only you can read\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        assertThat(Files.list(file.getParent())).containsExactly(file);
        one.post("/api/v1/circuits/planner/action", "operator@acme", "{\"action\":\"open\"}");
        assertThat(typed.run("status", "-o", "name")).isZero();
        assertThat(typed.out()).isEqualTo("planner\n");
    }

    @Test
    void the_key_may_come_by_standard_input() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(
                (RunningServer.token("viewer@piped") + "\n").getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(typed.run("login", "--url", url(one))).isZero();
            assertThat(typed.run("profiles", "-o", "name")).isZero();
            assertThat(typed.out()).isEqualTo("default\n");
            assertThat(typed.run("login", "--url", url(one))).isEqualTo(ExitCode.NOT_ALLOWED);
            assertThat(typed.err())
                    .isEqualTo("There is no key: type it when asked, or pass it on standard input, as in 'interlock"
                            + " login --url " + url(one) + " < admin-key'\n");
        } finally {
            System.setIn(before);
        }
    }

    /** The key that is stored is the one that was passed, or it is said which. */
    @Test
    void a_key_on_standard_input_goes_before_the_one_of_the_environment() {
        InputStream before = System.in;
        typed.with("INTERLOCK_KEY", RunningServer.token("viewer@environment"));
        System.setIn(new ByteArrayInputStream(
                (RunningServer.token("viewer@passed") + "\n").getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(typed.run("login", "--url", url(one))).isZero();
            assertThat(typed.out()).endsWith("of the organization passed\n");
            assertThat(typed.run("login", "--url", url(one))).isZero();
            assertThat(typed.out()).endsWith("of the organization environment\n");
            assertThat(typed.err()).startsWith("The key is that of INTERLOCK_KEY; unset it to sign in with another\n");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void a_key_that_does_not_work_is_not_kept() {
        assertThat(typed.run("login", "--url", url(one), "--key", "wrong-secret"))
                .isEqualTo(ExitCode.NOT_ALLOWED);
        assertThat(typed.err()).startsWith("The server refused (401): ").doesNotContain("wrong-secret");
        assertThat(login(one, "agent@acme", "x")).isEqualTo(ExitCode.NOT_ALLOWED);
        assertThat(typed.err()).startsWith("This is an agent's key, and commands are for people");
        assertThat(typed.run("login", "--url", "http://127.0.0.1:1", "--key", "any"))
                .isEqualTo(ExitCode.UNREACHABLE);
        assertThat(login(one, "viewer@acme", "no/name")).isEqualTo(ExitCode.USAGE);
        assertThat(file).doesNotExist();
    }

    @Test
    void several_servers_are_distinguished_by_name() {
        assertThat(login(one, "viewer@first", "staging")).isZero();
        assertThat(login(two, "viewer@second", "production")).isZero();
        one.post("/api/v1/circuits/a/action", "operator@first", "{\"action\":\"open\"}");
        two.post("/api/v1/circuits/b/action", "operator@second", "{\"action\":\"open\"}");
        assertThat(typed.run("status", "-o", "name")).isZero();
        assertThat(typed.out()).as("the last one signed in to").isEqualTo("b\n");
        assertThat(typed.run("status", "-o", "name", "--profile", "staging")).isZero();
        assertThat(typed.out()).isEqualTo("a\n");
        typed.with("INTERLOCK_PROFILE", "staging");
        assertThat(typed.run("status", "-o", "name")).isZero();
        assertThat(typed.out()).isEqualTo("a\n");
        typed.without("INTERLOCK_PROFILE");
        assertThat(typed.run("profiles", "use", "staging")).isZero();
        assertThat(typed.out()).isEqualTo("Commands talk to " + url(one) + " from now on\n");
        assertThat(typed.run("status", "-o", "name")).isZero();
        assertThat(typed.out()).isEqualTo("a\n");
        assertThat(typed.run("profiles")).isZero();
        assertThat(typed.lines()).hasSize(3);
        assertThat(typed.lines().get(1)).isEqualTo("*  staging     " + url(one));
        assertThat(typed.lines().get(2)).isEqualTo("   production  " + url(two));
        assertThat(typed.run("profiles", "--json")).isZero();
        assertThat(typed.out()).doesNotContain("key");
    }

    @Test
    void the_environment_goes_before_a_profile_and_an_option_before_both() {
        login(one, "viewer@first", "staging");
        one.post("/api/v1/circuits/a/action", "operator@first", "{\"action\":\"open\"}");
        two.post("/api/v1/circuits/b/action", "operator@second", "{\"action\":\"open\"}");
        typed.with("INTERLOCK_URL", url(two)).with("INTERLOCK_KEY", RunningServer.token("viewer@second"));
        assertThat(typed.run("status", "-o", "name")).isZero();
        assertThat(typed.out()).isEqualTo("b\n");
        assertThat(typed.run("status", "-o", "name", "--url", url(one), "--key", RunningServer.token("viewer@first")))
                .isZero();
        assertThat(typed.out()).isEqualTo("a\n");
    }

    @Test
    void the_key_of_a_profile_goes_to_no_other_server() {
        login(one, "viewer@first", "staging");
        assertThat(typed.run("status", "--url", url(two))).isEqualTo(ExitCode.NOT_ALLOWED);
        assertThat(typed.err()).startsWith("There is no key for " + url(two) + ": sign in with 'interlock login'");
        assertThat(typed.with("INTERLOCK_URL", url(two)).run("status")).isEqualTo(ExitCode.NOT_ALLOWED);
        assertThat(typed.with("INTERLOCK_URL", url(one) + "/").run("status")).isZero();
    }

    @Test
    void signing_out_forgets_the_key() throws IOException {
        login(one, "viewer@first", "staging");
        login(two, "viewer@second", "production");
        assertThat(typed.run("logout", "--profile", "staging")).isZero();
        assertThat(typed.out()).isEqualTo("Signed out of " + url(one) + "; the profile staging is removed\n");
        assertThat(Files.readString(file)).doesNotContain(RunningServer.token("viewer@first"));
        assertThat(typed.run("logout")).isZero();
        assertThat(typed.run("logout")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(typed.err()).startsWith("Nobody is signed in here");
        assertThat(typed.run("status", "--profile", "staging")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(typed.err())
                .isEqualTo("There is no profile 'staging': there is none yet; 'interlock login' makes one\n");
        assertThat(typed.run("profiles")).isZero();
        assertThat(typed.out()).isEqualTo("No profiles; 'interlock login' makes one\n");
    }

    @Test
    void a_file_that_others_can_read_or_that_is_broken_is_not_used() throws IOException {
        login(one, "viewer@first", "staging");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(typed.run("status")).isEqualTo(ExitCode.FAILED);
        assertThat(typed.err())
                .isEqualTo("Others may read " + file + ", which holds keys, so it is not used. Take that away with:"
                        + " chmod 600 " + file + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(typed.run("status")).isZero();
        for (String broken : new String[] {"{", "[]", "{\"in_use\":\"x\",\"profiles\":{\"x\":{\"url\":\"a b\"}}}"}) {
            Files.writeString(file, broken);
            assertThat(typed.run("status")).as(broken).isEqualTo(ExitCode.FAILED);
            assertThat(typed.err())
                    .startsWith("The profiles in " + file + " cannot be used: ")
                    .endsWith("sign in again with 'interlock login'\n");
        }
    }

    @Test
    void a_folder_that_cannot_be_written_to_is_reported() throws IOException {
        Path taken = Files.writeString(folder.resolve("taken"), "a file");
        typed.with("XDG_CONFIG_HOME", taken.toString());
        assertThat(login(one, "viewer@acme", "x")).isEqualTo(ExitCode.FAILED);
        assertThat(typed.err()).startsWith("The profile cannot be kept in ").contains("XDG_CONFIG_HOME names another");
    }
}
