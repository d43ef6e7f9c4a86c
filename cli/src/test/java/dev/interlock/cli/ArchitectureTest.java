package dev.interlock.cli;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
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
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The arrows between the modules and packages. The command line's class path holds all that it judges. */
@Tag("texts")
class ArchitectureTest {

    /** Every module but core has a package of its own below dev.interlock; what is in none of these is core. */
    private static final List<String> MODULES = List.of(
            "monitor",
            "jdbc",
            "redis",
            "spring",
            "langchain4j",
            "springai",
            "mcp",
            "micrometer",
            "proxy",
            "server",
            "replay",
            "cli",
            "test",
            "checks",
            "examples",
            "benchmarks");

    private static final DescribedPredicate<JavaClass> CORE =
            resideInAPackage("dev.interlock..").and(not(module(MODULES))).as("core");

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages("dev.interlock");

    /** A mark of what may change is no dependency: nothing is called. */
    @Test
    void packages_form_no_circle() {
        slices().matching("(dev.interlock..)")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(alwaysTrue(), belongToAnyOf(Alpha.class, Beta.class))
                .check(CODE);
    }

    @Test
    void core_depends_on_nothing_but_java() {
        classes()
                .that(CORE)
                .should()
                .onlyDependOnClassesThat(CORE.or(resideInAnyPackage("java..", "org.jspecify..")))
                .check(CODE);
    }

    /** A module, and the modules that it may know in addition to core. */
    static Stream<Arguments> arrows() {
        return Stream.of(
                arguments("monitor", List.of()),
                arguments("redis", List.of()),
                arguments("jdbc", List.of("monitor")),
                arguments("replay", List.of("monitor")),
                arguments("proxy", List.of("monitor")),
                arguments("server", List.of("monitor", "jdbc", "redis", "micrometer", "proxy")),
                arguments("cli", List.of("server", "replay", "monitor")));
    }

    @ParameterizedTest
    @MethodSource("arrows")
    void arrows_point_down(String module, List<String> below) {
        List<String> others = MODULES.stream()
                .filter(each -> !each.equals(module))
                .filter(each -> !below.contains(each))
                .toList();
        noClasses()
                .that(module(List.of(module)))
                .should()
                .dependOnClassesThat(module(others))
                .check(CODE);
    }

    @Test
    void only_the_server_and_the_proxy_know_vertx() {
        noClasses()
                .that(not(module(List.of("server", "proxy"))))
                .should()
                .dependOnClassesThat(resideInAPackage("io.vertx.."))
                .check(CODE);
    }

    private static DescribedPredicate<JavaClass> module(List<String> names) {
        return resideInAnyPackage(
                names.stream().map(name -> "dev.interlock." + name + "..").toArray(String[]::new));
    }

    /** Of all modules, by their sources: a test with another name would never run, and nobody would notice. */
    @Test
    void surefire_finds_every_test_by_its_name() throws IOException {
        Pattern test = Pattern.compile(
                "^\\s*@(Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate)\\b", Pattern.MULTILINE);
        List<Path> lost = new ArrayList<>();
        for (Path file : testSources()) {
            String name = file.getFileName().toString().replace(".java", "");
            String source = Files.readString(file);
            boolean inherited = source.contains("abstract class " + name) || source.contains("interface " + name);
            if (test.matcher(source).find() && !inherited && !name.matches(".*(Test|Tests|Properties)")) {
                lost.add(file);
            }
        }
        assertThat(lost).as("tests whose names Surefire does not look for").isEmpty();
    }

    /** A build that leaves out the heavy suites leaves out the thorough ones, too. */
    @Test
    void what_is_thorough_is_heavy() throws IOException {
        List<Path> onlyThorough = new ArrayList<>();
        for (Path file : testSources()) {
            String source = Files.readString(file);
            if (source.contains("@Tag(\"thorough\")") && !source.contains("@Tag(\"heavy\")")) {
                onlyThorough.add(file);
            }
        }
        assertThat(onlyThorough).as("tests tagged thorough and not heavy").isEmpty();
    }

    private static List<Path> testSources() throws IOException {
        Path root = Path.of(System.getProperty("interlock.root", ".."));
        List<Path> sources = new ArrayList<>();
        try (DirectoryStream<Path> modules =
                Files.newDirectoryStream(root, module -> Files.isDirectory(module.resolve("src/test/java")))) {
            for (Path module : modules) {
                try (Stream<Path> files = Files.walk(module.resolve("src/test/java"))) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        assertThat(sources).as("test sources below " + root).isNotEmpty();
        return sources;
    }
}
