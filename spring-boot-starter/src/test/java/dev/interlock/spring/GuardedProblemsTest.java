package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitOpenException;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Guards that cannot be are reported when the application starts: all at once, also those of lazy beans. */
class GuardedProblemsTest {
    static class Wrong {
        @Guarded(value = "a", fallbackMethod = "missing")
        public String one(int number, String text) {
            return "";
        }

        @Guarded(value = "a", fallbackMethod = "near")
        public String two(int number) {
            return "";
        }

        int near(int number, CircuitOpenException open) {
            return number;
        }

        @Guarded("a")
        public Future<String> three() {
            return null;
        }

        @Guarded("a")
        public IntStream four() {
            return null;
        }

        @Guarded("a")
        private String five() {
            return "";
        }

        @Guarded("a")
        public final String six() {
            return "";
        }

        @Guarded(value = "a", timeout = "3s")
        public String seven() {
            return "";
        }

        @Guarded(value = "a", classifier = "nobody")
        public String eight() {
            return "";
        }

        @Guarded(value = "a-#{#x", fallbackMethod = "nobody::x")
        public String nine() {
            return five();
        }
    }

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(InterlockAutoConfiguration.class));

    private static List<String> problems(Throwable failure) {
        Throwable each = failure;
        while (!(each instanceof InvalidGuardsException)) {
            each = each.getCause();
        }
        assertThat(new InvalidGuardsAnalyzer().analyze(failure).getDescription())
                .contains(((InvalidGuardsException) each).problems());
        return ((InvalidGuardsException) each).problems();
    }

    @Test
    void each_is_named_with_what_would_be_right() {
        runner.withBean(Wrong.class, Wrong::new, bean -> bean.setLazyInit(true)).run(context -> {
            List<String> problems = problems(context.getStartupFailure());
            assertThat(problems)
                    .contains("Wrong.one: fallbackMethod 'missing' must be 'String missing(int, String,"
                            + " CircuitOpenException)', with or without the exception or the parameters before it, in"
                            + " Wrong, where no method has this name")
                    .contains("Wrong.two: fallbackMethod 'near' must be 'String near(int, CircuitOpenException)', with"
                            + " or without the exception or the parameters before it, in Wrong, where there is only"
                            + " 'int near(int, CircuitOpenException)'")
                    .anyMatch(each -> each.startsWith("Wrong.three: returns a Future, whose end a guard does not see"))
                    .anyMatch(each -> each.startsWith("Wrong.four: returns a IntStream"))
                    .anyMatch(each -> each.startsWith("Wrong.five is private, so that no proxy"))
                    .anyMatch(each -> each.startsWith("Wrong.six is final, so that no proxy"))
                    .anyMatch(
                            each -> each.startsWith("Wrong.seven: timeout '3s' cannot end what returns a plain value"))
                    .contains("Wrong.eight: classifier 'nobody' must be the name of a bean of type FailureClassifier")
                    .anyMatch(each -> each.startsWith("Wrong.nine: 'a-#{#x': "))
                    .contains("Wrong.nine: fallbackMethod 'nobody::x': there is no bean 'nobody'")
                    .hasSize(10);
        });
    }

    @Test
    void in_an_application_that_starts_lazily_as_well() {
        runner.withInitializer(context -> context.addBeanFactoryPostProcessor(
                        new org.springframework.boot.LazyInitializationBeanFactoryPostProcessor()))
                .withBean(Wrong.class)
                .run(context -> assertThat(context).hasFailed());
    }
}
