package dev.interlock.cli.demo;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Real circuits without a server between. */
final class ManagerGate implements Gate {
    private final CircuitBreakerManager circuits;

    ManagerGate(CircuitBreakerManager circuits) {
        this.circuits = circuits;
    }

    @Override
    public void ask(String agent, List<String> dependsOn, Consumer<Answer> then) {
        Answer answer;
        try {
            Permit permit = circuits.guard(agent)
                    .dependingOn(dependsOn.toArray(String[]::new))
                    .acquire();
            answer = Answer.leave(ending -> permit.settle(outcome(ending)));
        } catch (CircuitOpenException refused) {
            answer = Answer.refused(refused.id().name(), refused.retryAfter().toMillis());
        }
        then.accept(answer);
    }

    @Override
    public void log(Call call, Ending ending, boolean guarded) {
        if (!guarded) {
            circuits.getOrCreate(CircuitId.of(call.agent())).record(outcome(ending), Duration.ofMillis(ending.took()));
        }
    }

    private static Outcome outcome(Ending ending) {
        Outcome outcome = ending.isGood() ? Outcome.success() : Outcome.failure(ending.kind());
        return outcome.took(Duration.ofMillis(ending.took()));
    }
}
