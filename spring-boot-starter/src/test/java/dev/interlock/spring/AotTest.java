package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotatedBeanDefinitionReader;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;

/** The application as it is prepared ahead of time: its generated code is compiled and run, and its hints are there. */
@Tag("heavy")
class AotTest {
    public static class Agent {
        @Guarded(value = "planner", fallbackMethod = "refused")
        public String plan() {
            return "plan";
        }

        @SuppressWarnings("unused")
        private String refused(CircuitOpenException open) {
            return "refused";
        }
    }

    @Test
    @CompileWithForkedClassLoader
    void generated_code_makes_the_same_beans() throws Exception {
        TestGenerationContext generation = new TestGenerationContext(Agent.class);
        GenericApplicationContext prepared = new GenericApplicationContext();
        new AnnotatedBeanDefinitionReader(prepared).register(InterlockAutoConfiguration.class, Agent.class);
        String initializer = new ApplicationContextAotGenerator()
                .processAheadOfTime(prepared, generation)
                .canonicalName();
        generation.writeGeneratedContent();

        RuntimeHints hints = generation.getRuntimeHints();
        assertThat(RuntimeHintsPredicates.reflection()
                        .onMethodInvocation(Agent.class.getDeclaredMethod("refused", CircuitOpenException.class)))
                .accepts(hints);
        assertThat(RuntimeHintsPredicates.reflection()
                        .onMethodInvocation(PolicyProperties.class.getMethod("setPattern", String.class)))
                .accepts(hints);

        TestCompiler.forSystem().with(generation).compile(compiled -> {
            @SuppressWarnings("unchecked")
            ApplicationContextInitializer<GenericApplicationContext> generated =
                    compiled.getInstance(ApplicationContextInitializer.class, initializer);
            try (GenericApplicationContext context = new GenericApplicationContext()) {
                TestPropertyValues.of(
                                "interlock.policies[0].pattern=planner", "interlock.policies[0].failure-threshold=1")
                        .applyTo(context);
                generated.initialize(context);
                context.refresh();
                CircuitBreakerManager circuits = context.getBean(CircuitBreakerManager.class);
                assertThat(context.getBean(Agent.class).plan()).isEqualTo("plan");
                assertThat(circuits.getOrCreate("planner").config().failureThreshold())
                        .isEqualTo(1);
                circuits.override(CircuitId.of("planner"), ManualOverride.of(OverrideAction.OPEN, "ann"));
                assertThat(context.getBean(Agent.class).plan()).isEqualTo("refused");
            }
        });
    }
}
