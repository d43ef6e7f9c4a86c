package dev.interlock.published;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.interlock.Alpha;
import dev.interlock.Beta;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The arrows between adapters and what they build on, and whose library knows which framework. Those of the server and
 * the command line are judged by {@code ArchitectureTest} of the module cli, whose class path has no adapters.
 */
class ArrowsTest {
    /** The packages below dev.interlock that are modules of their own; what is in none of these is core. */
    private static final List<String> MODULES =
            List.of("monitor", "jdbc", "redis", "langchain4j", "mcp", "springai", "micrometer", "spring", "test");

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(
                    location -> !location.contains("/test-classes/") && !location.contains("/dev/interlock/checks/"))
            .importPackages("dev.interlock");

    /** A module, and those that it may know in addition to core. */
    static Stream<Arguments> arrows() {
        return Stream.of(
                arguments("monitor", List.of()),
                arguments("jdbc", List.of("monitor")),
                arguments("redis", List.of()),
                arguments("langchain4j", List.of("monitor")),
                arguments("mcp", List.of("monitor")),
                arguments("springai", List.of("monitor")),
                arguments("micrometer", List.of()),
                arguments("spring", List.of("monitor", "micrometer", "jdbc", "redis")),
                arguments("test", List.of()));
    }

    @ParameterizedTest
    @MethodSource("arrows")
    void arrows_point_down(String module, List<String> below) {
        List<String> others = MODULES.stream()
                .filter(each -> !each.equals(module) && !below.contains(each))
                .toList();
        noClasses()
                .that(in(List.of(module)))
                .should()
                .dependOnClassesThat(in(others))
                .check(CODE);
    }

    @Test
    void core_knows_no_module() {
        noClasses()
                .that(resideInAPackage("dev.interlock..").and(not(in(MODULES))))
                .should()
                .dependOnClassesThat(in(MODULES))
                .check(CODE);
    }

    /** A library, and the modules that may know it. */
    static Stream<Arguments> libraries() {
        return Stream.of(
                arguments("org.springframework..", List.of("spring", "springai")),
                arguments("org.springframework.ai..", List.of("springai")),
                arguments("reactor..", List.of("spring", "springai", "mcp")),
                arguments("dev.langchain4j..", List.of("langchain4j")),
                arguments("io.modelcontextprotocol..", List.of("mcp")),
                arguments("io.micrometer..", List.of("micrometer", "spring")),
                arguments("io.opentelemetry..", List.of("micrometer", "spring")),
                arguments("io.lettuce..", List.of("redis")),
                arguments("java.sql..", List.of("jdbc")),
                arguments("org.assertj..", List.of("test")));
    }

    @ParameterizedTest
    @MethodSource("libraries")
    void a_library_is_known_where_it_is_needed(String library, List<String> modules) {
        noClasses()
                .that(resideInAPackage("dev.interlock..").and(not(in(modules))))
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .check(CODE);
        assertThat(modules)
                .allSatisfy(module -> assertThat(CODE.stream()
                                .filter(in(List.of(module)))
                                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                                .anyMatch(each -> resideInAPackage(library).test(each.getTargetClass())))
                        .as("%s knows %s", module, library)
                        .isTrue());
    }

    /** A mark of what may change is no dependency: nothing is called. */
    @Test
    void packages_form_no_circle() {
        slices().matching("(dev.interlock..)")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(alwaysTrue(), belongToAnyOf(Alpha.class, Beta.class))
                .check(CODE);
    }

    /** What is not found would be judged by nobody. */
    @Test
    void each_module_is_there() {
        assertThat(MODULES)
                .allSatisfy(module -> assertThat(CODE.stream().filter(in(List.of(module))))
                        .as(module)
                        .isNotEmpty());
    }

    private static DescribedPredicate<JavaClass> in(List<String> modules) {
        return resideInAnyPackage(
                modules.stream().map(name -> "dev.interlock." + name + "..").toArray(String[]::new));
    }
}
