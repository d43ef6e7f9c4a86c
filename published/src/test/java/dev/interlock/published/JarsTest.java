package dev.interlock.published;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.published.Published.Artifact;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** The jars that users get: names of modules, packages, and nothing of the machine that made them. */
class JarsTest {
    @Test
    void each_jar_names_its_module_after_its_package() throws IOException {
        for (Artifact artifact : Published.artifacts()) {
            String name = manifest(artifact).getValue("Automatic-Module-Name");
            assertThat(name).as(artifact.name()).startsWith("dev.interlock.");
            String ours = name.equals("dev.interlock.core") ? "dev.interlock" : name;
            assertThat(module(artifact).packages())
                    .as(artifact.name() + " holds " + ours + " and what is below it")
                    .contains(ours)
                    .allMatch(each -> each.equals(ours) || each.startsWith(ours + "."));
        }
    }

    @Test
    void all_of_them_are_modules_next_to_each_other() {
        List<Artifact> artifacts = Published.artifacts();
        ModuleFinder finder =
                ModuleFinder.of(artifacts.stream().map(Artifact::jar).toArray(Path[]::new));
        TreeMap<String, Path> byName = new TreeMap<>();
        artifacts.forEach(each -> byName.put(module(each).name(), each.jar()));
        assertThat(byName).hasSameSizeAs(artifacts);

        Set<String> resolved = new HashSet<>();
        Configuration.resolve(finder, List.of(ModuleLayer.boot().configuration()), ModuleFinder.of(), byName.keySet())
                .modules()
                .forEach(each -> resolved.add(each.name()));

        assertThat(resolved).containsExactlyInAnyOrderElementsOf(byName.keySet());
    }

    @Test
    void each_jar_says_what_it_is_and_nothing_of_the_machine_that_made_it() throws IOException {
        for (Artifact artifact : Published.artifacts()) {
            Attributes manifest = manifest(artifact);
            assertThat(manifest.getValue("Implementation-Version")).isEqualTo(Published.version());
            assertThat(manifest.getValue("Implementation-Title")).isNotBlank();
            assertThat(manifest.keySet().toString().toLowerCase(Locale.ROOT))
                    .as(artifact.name())
                    .doesNotContain("built-by", "build-time", "timestamp");
        }
    }

    @Test
    void entries_bear_the_time_that_the_build_is_given() throws IOException {
        Instant given = Instant.parse(
                Published.read(Published.ROOT.resolve("pom.xml"), "/project/properties/project.build.outputTimestamp")
                        .get(0));
        LocalDateTime time = LocalDateTime.ofInstant(given, ZoneOffset.UTC);
        for (Artifact artifact : Published.artifacts()) {
            try (JarFile jar = new JarFile(artifact.jar().toFile())) {
                assertThat(jar.stream())
                        .as(artifact.name())
                        .allSatisfy(entry -> assertThat(entry.getTimeLocal())
                                .as(entry.getName())
                                .isEqualTo(time));
            }
        }
    }

    private static Attributes manifest(Artifact artifact) throws IOException {
        try (JarFile jar = new JarFile(artifact.jar().toFile())) {
            return jar.getManifest().getMainAttributes();
        }
    }

    private static ModuleDescriptor module(Artifact artifact) {
        Set<ModuleReference> found = ModuleFinder.of(artifact.jar()).findAll();
        assertThat(found).as(artifact.name()).hasSize(1);
        return found.iterator().next().descriptor();
    }
}
