package dev.interlock.examples.plain;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A planner that asks a model over plain HTTP. While the model's circuit is open, it is not asked. */
public final class Planner {
    private static final Pattern CONTENT = Pattern.compile("\"content\":\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI model;
    private final Guard guard;

    public Planner(CircuitBreakerManager circuits, URI model) {
        this.model = model;
        this.guard = circuits.guard("planner").dependingOn("model:kimi-k2");
    }

    /** Takes the address of a model's chat completions, and goals: one plan is printed for each. */
    public static void main(String[] args) throws Exception {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.recommended())) {
            Planner planner = new Planner(circuits, URI.create(args[0]));
            for (int i = 1; i < args.length; i++) {
                System.out.println(planner.plan(args[i]));
            }
        }
    }

    public String plan(String goal) throws Exception {
        try {
            // The guard judges the response by its status: there is nothing else to say.
            HttpResponse<String> response = guard.call(() -> http.send(question(goal), BodyHandlers.ofString()));
            return response.statusCode() == 200
                    ? content(response.body())
                    : "No plan: the model answered " + response.statusCode() + ".";
        } catch (CircuitOpenException refused) {
            return "No plan for the next " + refused.retryAfter().toSeconds() + " s.";
        }
    }

    private HttpRequest question(String goal) {
        String escaped = goal.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        return HttpRequest.newBuilder(model)
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + System.getenv().getOrDefault("OPENAI_API_KEY", "none"))
                .POST(BodyPublishers.ofString(
                        "{\"model\":\"kimi-k2\",\"messages\":[{\"role\":\"user\",\"content\":\"" + escaped + "\"}]}"))
                .build();
    }

    private static String content(String body) {
        Matcher found = CONTENT.matcher(body);
        return found.find() ? found.group(1) : "";
    }
}
