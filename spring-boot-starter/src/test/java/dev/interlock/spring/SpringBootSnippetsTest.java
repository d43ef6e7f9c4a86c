package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.PlannerApplication;
import app.PlannerApplication.Planner;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.ManualTimeSource;
import dev.interlock.Mode;
import dev.interlock.TimeSource;
import dev.interlock.Treatment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

/** The program and the properties of docs/spring-boot.md, from start to fallback and recovery. */
class SpringBootSnippetsTest {
    private static final Path PAGE = Path.of(System.getProperty("interlock.root", ".."), "docs", "spring-boot.md");

    private static PropertySource<?> yaml() throws Exception {
        String page = Files.readString(PAGE);
        int begin = page.indexOf("```yaml\n") + "```yaml\n".length();
        String block = page.substring(begin, page.indexOf("```", begin));
        return new YamlPropertySourceLoader()
                .load("page", new ByteArrayResource(block.getBytes(StandardCharsets.UTF_8)))
                .get(0);
    }

    @Test
    void the_application_falls_back_and_recovers() throws Exception {
        ManualTimeSource time = new ManualTimeSource();
        PropertySource<?> page = yaml();
        SpringApplicationBuilder builder = new SpringApplicationBuilder(PlannerApplication.class)
                .properties(
                        "spring.main.web-application-type=none",
                        "spring.main.banner-mode=off",
                        "logging.level.root=off")
                .initializers(context -> {
                    ConfigurableEnvironment environment = context.getEnvironment();
                    environment.getPropertySources().addLast(page);
                    environment
                            .getPropertySources()
                            .addFirst(new MapPropertySource("enforced", Map.of("interlock.mode", "enforce")));
                    context.getBeanFactory().registerSingleton("time", time);
                });
        try (ConfigurableApplicationContext context = builder.run()) {
            assertThat(context.getBean(TimeSource.class)).isSameAs(time);
            Planner planner = context.getBean(Planner.class);
            CircuitBreakerManager circuits = context.getBean(CircuitBreakerManager.class);
            assertThat(planner.plan("sailing")).isEqualTo("a plan for sailing");

            planner.breakDown(true);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> planner.plan("sailing")).isInstanceOf(IllegalStateException.class);
            }
            assertThat(planner.plan("sailing")).isEqualTo("yesterday's plan for sailing");
            planner.breakDown(false);
            time.advance(circuits.snapshot(CircuitId.of("planner")).retryAfter());
            assertThat(planner.plan("sailing")).isEqualTo("a plan for sailing");
            assertThat(planner.plan("sailing")).isEqualTo("a plan for sailing");
            assertThat(circuits.snapshot(CircuitId.of("planner")).isNotClosed()).isFalse();
        }
    }

    @Test
    void the_properties_become_policies() throws Exception {
        ConfigurableEnvironment environment = new org.springframework.core.env.StandardEnvironment();
        environment.getPropertySources().addFirst(yaml());
        BoundPolicies policies = BoundPolicies.read(environment);
        assertThat(policies.defaults())
                .isEqualTo(CircuitBreakerConfig.recommended().toBuilder()
                        .mode(Mode.OBSERVE)
                        .build());
        assertThat(policies.patterns().get("model:kimi-k2").cooldown()).isEqualTo(Duration.ofSeconds(30));
        assertThat(policies.patterns().get("critic-*").failureKinds())
                .containsEntry(FailureKind.TIMEOUT, Treatment.IGNORE);
    }
}
