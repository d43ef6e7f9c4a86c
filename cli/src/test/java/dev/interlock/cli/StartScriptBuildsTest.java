package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * When {@code ./interlock} builds: in a folder of its own, with a Maven that only counts and a Java that only says what it
 * is to run.
 */
class StartScriptBuildsTest {
    private static final Path SCRIPT = Path.of(System.getProperty("interlock.root", ".."), "interlock");
    private static final Instant LONG_AGO =
            Instant.now().minus(3, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    private Path folder;

    private Path root;
    private Path source;

    @BeforeEach
    void sources_and_tools() throws IOException {
        root = Files.createDirectory(folder.resolve("a clone"));
        source = root.resolve("cli/src/main/java/Main.java");
        write(source, "one");
        write(root.resolve("cli/src/main/java/Other.java"), "other");
        write(root.resolve("cli/pom.xml"), "<project/>");
        write(root.resolve("pom.xml"), "<project/>");
        write(root.resolve(".mvn/maven.config"), "");
        write(root.resolve("docs/README.md"), "read me");
        write(root.resolve("mvnw"), """
                mkdir -p cli/target/quick
                cat cli/src/main/java/* >cli/target/quick/interlock.jar
                echo built >>builds
                """);
        write(root.resolve("cli/src/dist/bin/quick-starts"), "");
        write(folder.resolve("java/release"), "JAVA_VERSION=\"17.0.1\"\n");
        Path java = folder.resolve("java/bin/java");
        write(java, """
                #!/bin/sh
                [ "$1" != --list-modules ] || exec echo jdk.compiler@17
                echo "runs $*"
                """);
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.copy(SCRIPT, root.resolve("interlock"));
    }

    @Test
    void once_and_then_only_after_a_change() throws Exception {
        run();
        run();
        assertThat(builds()).isEqualTo(1);
        age();
        write(source, "two");
        run();
        assertThat(builds()).isEqualTo(2);
        assertThat(Files.readString(jar())).startsWith("two");
    }

    @Test
    void not_because_files_have_new_times() throws Exception {
        run();
        age();
        touchAll(LONG_AGO.plus(1, ChronoUnit.HOURS));
        run();
        assertThat(builds()).as("after a checkout of the same sources").isEqualTo(1);
        age();
        Files.delete(root.resolve("cli/src/main/java/Other.java"));
        run();
        assertThat(builds()).as("after a file went").isEqualTo(2);
    }

    @Test
    void where_the_contents_were_looked_at_once_times_are_enough_again() throws Exception {
        run();
        age();
        touchAll(LONG_AGO.plus(1, ChronoUnit.HOURS));
        run();
        Files.writeString(root.resolve("cli/target/interlock.sums"), "not looked at again");
        run();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void the_sums_of_one_jar_say_nothing_of_another() throws Exception {
        run();
        age();
        write(jar(), "made by Maven alone, of other sources");
        Files.setLastModifiedTime(jar(), FileTime.from(LONG_AGO));
        touchAll(LONG_AGO.plus(1, ChronoUnit.HOURS));
        run();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void a_change_while_it_builds_is_built_the_next_time() throws Exception {
        Files.writeString(
                root.resolve("mvnw"), "touch -t 203801010000 cli/src/main/java/More.java\n", StandardOpenOption.APPEND);
        run();
        assertThat(root.resolve("cli/target/interlock.sums")).doesNotExist();
        run();
        assertThat(builds()).isEqualTo(2);
    }

    private void run() throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("sh", root.resolve("interlock").toString(), "status").redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", folder.resolve("java").toString());
        builder.environment().remove("INTERLOCK_JAVA_OPTS");
        Process script = builder.start();
        script.getOutputStream().close();
        String said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(script.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(said.lines()).last().asString().startsWith("runs ").endsWith("-jar " + jar() + " status");
    }

    private Path jar() throws IOException {
        return root.toRealPath().resolve("cli/target/interlock.jar");
    }

    private long builds() throws IOException {
        return Files.readAllLines(root.resolve("builds")).size();
    }

    /** What was built and looked at is of long ago, and of then the sources are, too. */
    private void age() throws IOException {
        touchAll(LONG_AGO.minus(1, ChronoUnit.HOURS));
        try (Stream<Path> made = Files.list(root.resolve("cli/target"))) {
            for (Path each : made.toList()) {
                Files.setLastModifiedTime(each, FileTime.from(LONG_AGO));
            }
        }
        Files.setLastModifiedTime(
                root.resolve("cli/target/interlock.remembered"), FileTime.from(LONG_AGO.plusSeconds(1)));
    }

    private void touchAll(Instant time) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path each : all.filter(file -> !file.startsWith(root.resolve("cli/target")))
                    .toList()) {
                Files.setLastModifiedTime(each, FileTime.from(time));
            }
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
