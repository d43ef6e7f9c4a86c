package dev.interlock.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows between the modules and packages. The server's class path holds all that it judges. */
class ArchitectureTest {

    /** Every module but core has a package of its own below dev.interlock; what is in none of these is core. */
    private static final DescribedPredicate<JavaClass> CORE = resideInAPackage("dev.interlock..")
            .and(not(resideInAnyPackage(
                    "dev.interlock.monitor..",
                    "dev.interlock.jdbc..",
                    "dev.interlock.redis..",
                    "dev.interlock.spring..",
                    "dev.interlock.langchain4j..",
                    "dev.interlock.springai..",
                    "dev.interlock.server..",
                    "dev.interlock.benchmarks..")))
            .as("core");

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.interlock");

    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(new ImportOption.OnlyIncludeTests())
            .importPackages("dev.interlock");

    @Test
    void packages_form_no_circle() {
        slices().matching("(dev.interlock..)").should().beFreeOfCycles().check(CODE);
    }

    @Test
    void core_depends_on_nothing_but_java() {
        classes()
                .that(CORE)
                .should()
                .onlyDependOnClassesThat(CORE.or(resideInAnyPackage("java..", "org.jspecify..")))
                .check(CODE);
    }

    @Test
    void nobody_depends_on_the_server() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.interlock.server..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.interlock.server..")
                .allowEmptyShould(true)
                .check(CODE);
    }

    @Test
    void surefire_finds_every_test_by_its_name() {
        methods()
                .that()
                .areMetaAnnotatedWith("org.junit.platform.commons.annotation.Testable")
                .should()
                .beDeclaredInClassesThat(inFileNamedLikeATest())
                .check(TESTS);
    }

    /** Nested classes are found through the class around them; abstract ones through those that extend them. */
    private static DescribedPredicate<JavaClass> inFileNamedLikeATest() {
        return DescribedPredicate.describe("have a name that Surefire looks for", test -> {
            String outermost = test.getName().replaceFirst("\\$.*", "");
            return outermost.matches(".*(Test|Tests|Properties)")
                    || test.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT)
                    || test.isInterface();
        });
    }
}
