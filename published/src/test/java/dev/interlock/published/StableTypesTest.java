package dev.interlock.published;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.interlock.Alpha;
import dev.interlock.Beta;
import dev.interlock.published.Published.Artifact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** Each public type is marked as one that may change, by itself or by its package, or is on the list of stable ones. */
class StableTypesTest {
    @Test
    void a_public_type_may_change_or_is_on_the_list_of_stable_types() throws IOException {
        Set<String> unmarked = new TreeSet<>();
        for (JavaClass type : publicTypes()) {
            if (!isMarked(type)) {
                unmarked.add(type.getName());
            }
        }

        assertThat(unmarked)
                .as("public types without @Alpha or @Beta, compared with stable-types.txt")
                .containsExactlyElementsOf(stable());
    }

    @Test
    void a_type_is_alpha_or_beta_and_not_both() throws IOException {
        for (JavaClass type : publicTypes()) {
            assertThat(type.isAnnotatedWith(Alpha.class) && type.isAnnotatedWith(Beta.class))
                    .as(type.getName())
                    .isFalse();
        }
    }

    private static boolean isMarked(JavaClass type) {
        return type.isAnnotatedWith(Alpha.class)
                || type.isAnnotatedWith(Beta.class)
                || type.getPackage().isAnnotatedWith(Alpha.class)
                || type.getPackage().isAnnotatedWith(Beta.class);
    }

    private List<JavaClass> publicTypes() throws IOException {
        List<JavaClass> types = new ArrayList<>();
        for (Artifact artifact : Published.artifacts()) {
            try (JarFile jar = new JarFile(artifact.jar().toFile())) {
                new ClassFileImporter()
                        .importJar(jar).stream()
                                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC)
                                        && type.isTopLevelClass()
                                        && !type.getSimpleName().equals("package-info"))
                                .forEach(types::add);
            }
        }
        assertThat(types).hasSizeGreaterThan(100);
        return types;
    }

    private static List<String> stable() throws IOException {
        try (var list = StableTypesTest.class.getResourceAsStream("/stable-types.txt")) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }
}
