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
    private final Cast cast;

    ManagerGate(CircuitBreakerManager circuits, Cast cast) {
        this.cast = cast;
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
        if (cast.isTraced(call.agent())) {
            circuits.guard(call.agent())
                    .dependingOn(call.target())
                    .record(seen(ending), Duration.ofMillis(ending.took()));
        } else if (!guarded) {
            circuits.getOrCreate(CircuitId.of(call.agent())).record(outcome(ending), Duration.ofMillis(ending.took()));
        }
    }

    /** As the server sees it by its span. */
    private static Outcome seen(Ending ending) {
        Outcome outcome = ending.isGood() ? Outcome.success() : Outcome.failure(SpanOfCall.seen(ending.kind()));
        return outcome.took(Duration.ofMillis(ending.took()));
    }

    private static Outcome outcome(Ending ending) {
        Outcome outcome = ending.isGood() ? Outcome.success() : Outcome.failure(ending.kind());
        return outcome.took(Duration.ofMillis(ending.took()));
    }
}
