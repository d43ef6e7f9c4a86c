package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import dev.interlock.Lab;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/**
 * A proxy went by the type that a method declares. Where that is a variable, or {@code Object}, it counted a stage as a
 * success when it came back, and twenty that failed later were twenty successes.
 */
class ProxyOfGenericMethodsTest {
    interface Agent<I, O> {
        O ask(I question);
    }

    interface AsyncAgent extends Agent<String, CompletionStage<String>> {}

    /** Declares it again, so that there is a method of each type. */
    interface RedeclaringAgent extends Agent<String, CompletionStage<String>> {
        @Override
        CompletionStage<String> ask(String question);
    }

    /** A stage that its users know by its own type. */
    static final class OwnStage extends CompletableFuture<String> {}

    interface OwnAgent extends Agent<String, OwnStage> {}

    interface Anything {
        Object ask(String question);
    }

    interface OldFashioned {
        Future<String> ask(String question);
    }

    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent");

    @Test
    void twenty_failed_stages_of_a_generic_method_are_twenty_failures() {
        AsyncAgent agent = guard.proxy(AsyncAgent.class, question -> failed());

        for (int i = 0; i < 20; i++) {
            try {
                assertThat(agent.ask("plan?").toCompletableFuture()).isCompletedExceptionally();
            } catch (CircuitOpenException refused) {
                assertThat(i).as("calls before it opened").isEqualTo(5);
                break;
            }
        }
        assertThat(lab).isOpen();
    }

    @Test
    void a_stage_of_a_generic_method_is_guarded_until_it_completes() {
        CompletableFuture<String> source = new CompletableFuture<>();
        AsyncAgent agent = guard.proxy(AsyncAgent.class, question -> source);

        CompletionStage<String> plan = agent.ask("plan?");
        assertThat(lab).hasCounted(0, 0);
        source.completeExceptionally(new IOException("no route"));

        assertThat(plan.toCompletableFuture()).isCompletedExceptionally();
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_method_that_is_declared_again_is_guarded_when_called_by_its_base_type() {
        Agent<String, CompletionStage<String>> agent = guard.proxy(RedeclaringAgent.class, question -> failed());

        assertThat(agent.ask("plan?").toCompletableFuture()).isCompletedExceptionally();

        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_time_limit_holds_for_a_stage_of_a_generic_method() {
        CompletableFuture<String> source = new CompletableFuture<>();
        AsyncAgent agent = guard.withTimeout(Lab.seconds(5)).proxy(AsyncAgent.class, question -> source);

        CompletionStage<String> plan = agent.ask("plan?");
        lab.pass(Lab.seconds(5));

        assertThat(plan.toCompletableFuture()).isCompletedExceptionally();
        assertThat(source).isCancelled();
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_stage_of_its_own_type_comes_back_as_it_is_and_counts_when_it_completes() {
        OwnStage own = new OwnStage();
        OwnAgent agent = guard.proxy(OwnAgent.class, question -> own);

        OwnStage plan = agent.ask("plan?");
        assertThat(plan).isSameAs(own);
        assertThat(lab).hasCounted(0, 0);
        own.completeExceptionally(new IOException("no route"));

        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_time_limit_cancels_a_stage_of_its_own_type() {
        OwnStage own = new OwnStage();
        OwnAgent agent = guard.withTimeout(Lab.seconds(5)).proxy(OwnAgent.class, question -> own);

        agent.ask("plan?");
        lab.pass(Lab.seconds(5));

        assertThat(own).isCancelled();
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_method_that_declares_an_object_is_judged_by_what_comes_back() {
        Anything stages = guard.proxy(Anything.class, question -> failed());
        assertThat((CompletableFuture<?>) stages.ask("plan?")).isCompletedExceptionally();
        assertThat(lab).hasCounted(1, 1);

        Anything texts = guard.proxy(Anything.class, question -> "plan");
        assertThat(texts.ask("plan?")).isEqualTo("plan");
        assertThat(lab).hasCounted(2, 1);

        FutureTask<String> task = new FutureTask<>(() -> "plan");
        Anything tasks = guard.proxy(Anything.class, question -> task);
        assertThat(tasks.ask("plan?")).isSameAs(task);
        assertThat(lab).as("nobody sees how it ends").hasCounted(2, 1);
    }

    @Test
    void a_method_that_declares_a_future_is_refused() {
        assertThatThrownBy(() -> guard.proxy(OldFashioned.class, question -> CompletableFuture.completedFuture("plan")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "returns a Future, and a proxy cannot see how that ends; let it return" + " CompletableFuture");
    }

    private static CompletableFuture<String> failed() {
        return CompletableFuture.failedFuture(new IOException("no route"));
    }
}
