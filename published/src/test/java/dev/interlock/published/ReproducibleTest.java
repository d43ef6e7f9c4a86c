package dev.interlock.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two builds of core, in two folders and in two time zones, make the same bytes: the jars of classes and sources, and the bill
 * of what it brings. {@code checks/reproducible} does so for all modules, Javadoc included.
 */
@Tag("heavy")
@Tag("thorough")
class ReproducibleTest {
    private static final String NAME = "interlock-core-" + Published.version();

    @TempDir
    private Path folder;

    @Test
    void two_builds_of_core_make_the_same_bytes() throws Exception {
        Path one = build("UTC");
        Path other = build("Asia/Tokyo");

        assertThat(made(one))
                .isEqualTo(made(other))
                .contains(NAME + ".jar", NAME + "-sources.jar", NAME + "-cyclonedx.json", NAME + "-cyclonedx.xml");
        for (String file : made(one)) {
            assertThat(Files.mismatch(one.resolve(file), other.resolve(file)))
                    .as("where %s differs", file)
                    .isEqualTo(-1);
        }
        assertThat(Files.readString(one.resolve(NAME + "-cyclonedx.json")))
                .contains("\"interlock-core\"")
                .as("core brings nothing")
                .doesNotContain("jspecify");
    }

    /** So that anyone who installs from the sources has what is documented in the editor. */
    @Test
    void a_quick_installation_has_jars_of_sources_and_of_javadoc() throws Exception {
        Path repository = folder.resolve("repository");
        List<String> arguments = new ArrayList<>(Maven.repositories(repository));
        arguments.addAll(
                List.of("-q", "-Dquick", "-Dinterlock.target=target/quick", "-pl", "core", "-am", "clean", "install"));
        Maven.run(Published.ROOT, arguments, folder.resolve("quick.txt"));

        try (Stream<Path> files = Files.walk(repository)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".jar")))
                    .contains(NAME + ".jar", NAME + "-sources.jar", NAME + "-javadoc.jar");
        }
    }

    private Path build(String zone) throws IOException, InterruptedException {
        String target = "target/in-" + zone.substring(zone.lastIndexOf('/') + 1);
        List<String> arguments = new ArrayList<>(Maven.repository());
        arguments.addAll(List.of(
                "-q",
                "-Dquick",
                "-Ppublish",
                "-Dinterlock.jars=package",
                "-Dmaven.javadoc.skip",
                "-Dinterlock.target=" + target,
                "-Duser.timezone=" + zone,
                "-pl",
                "core",
                "-am",
                "clean",
                "package"));
        Maven.run(Published.ROOT, arguments, folder.resolve(target.replace('/', '-') + ".txt"));
        return Published.ROOT.resolve("core").resolve(target);
    }

    private static Set<String> made(Path target) throws IOException {
        try (Stream<Path> files = Files.list(target)) {
            Set<String> names = new TreeSet<>();
            files.filter(Files::isRegularFile)
                    .forEach(file -> names.add(file.getFileName().toString()));
            return names;
        }
    }
}
