package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Guard;
import dev.interlock.Lab;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * An executor that failed otherwise than by RejectedExecutionException, as when no thread can be made, threw at the
 * caller of the guarded call, and no listener ever heard anything again.
 */
class BrokenExecutorTest {
    private boolean broken = true;
    private final Lab lab = new Lab(
            Lab.settings().build(),
            builder -> builder.executor(task -> {
                if (broken) {
                    throw new IllegalStateException("no thread can be made");
                }
                task.run();
            }));

    @Test
    void the_caller_does_not_notice_and_what_was_lost_is_counted() {
        lab.trip();

        assertThat(lab).isOpen();
        assertThat(lab.circuits.missedEvents()).isEqualTo(1);
    }

    @Test
    void listeners_hear_again_when_the_executor_works_again() {
        lab.tripAndCool();
        broken = false;

        lab.succeed(2);

        assertThat(lab.heard).hasSize(2);
    }

    @Test
    void an_async_call_still_times_out() {
        Guard guard = lab.circuits.guard("agent").withTimeout(Lab.seconds(5));
        CompletableFuture<String> plan = guard.callAsync(CompletableFuture::new);

        lab.pass(Lab.seconds(5));

        assertThat(plan).failsWithin(Lab.seconds(10));
        assertThat(lab).hasCounted(1, 1);
    }
}
