package app;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import dev.interlock.monitor.HealthSnapshot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Scanner;
import java.util.function.UnaryOperator;

/** An agent whose health is shown. */
public final class App implements AutoCloseable {
    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.recommended());
    private final HealthMonitor health = HealthMonitor.start(circuits, HealthSettings.defaults());
    private final Guard planner = circuits.guard("planner").dependingOn("model:kimi-k2");
    private final UnaryOperator<String> model;

    public App(UnaryOperator<String> model) {
        this.model = model;
        health.addListener(change -> System.out.println(change.snapshot().agent() + ": " + change.from() + " -> "
                + change.snapshot().status()));
    }

    public String plan(String prompt) {
        try {
            return planner.call(() -> model.apply(prompt));
        } catch (CircuitOpenException refused) {
            return "no plan now: " + refused.getMessage();
        }
    }

    /** How the planner, or what it depends on, was when it was last judged: at most half a second ago. */
    public String health(String name) {
        HealthSnapshot snapshot = health.snapshot(CircuitId.of(name));
        Duration p95 = snapshot.figures().p95();
        return name + ": " + snapshot.status() + ", score " + snapshot.score()
                + ", " + snapshot.figures().calls() + " calls"
                + (p95 == null ? "" : ", p95 " + p95.toMillis() + " ms")
                + snapshot.issues();
    }

    @Override
    public void close() {
        health.close();
        circuits.close();
    }

    /** Each line that is typed is a prompt. */
    public static void main(String[] args) {
        try (App app = new App(prompt -> "a plan for " + prompt);
                Scanner prompts = new Scanner(System.in, StandardCharsets.UTF_8)) {
            while (prompts.hasNextLine()) {
                System.out.println(app.plan(prompts.nextLine()));
                System.out.println(app.health("planner"));
            }
        }
    }
}
