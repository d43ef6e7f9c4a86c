package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A guarded interface. */
class ProxyTest {
    /** Package-private, as most interfaces of a program are. */
    interface Planner {
        String plan(String goal) throws IOException;

        default String planTwice(String goal) throws IOException {
            return plan(goal) + plan(goal);
        }

        CompletionStage<String> planLater();

        CompletableFuture<String> planMuchLater();

        void forget();

        int count();
    }

    private static class Target implements Planner {
        private CompletableFuture<String> later = new CompletableFuture<>();
        private int calls;

        @Override
        public String plan(String goal) throws IOException {
            calls++;
            if (goal.isEmpty()) {
                throw new IOException("no goal");
            }
            return "plan for " + goal;
        }

        @Override
        public CompletionStage<String> planLater() {
            return later;
        }

        @Override
        public CompletableFuture<String> planMuchLater() {
            return later;
        }

        @Override
        public void forget() {
            throw new StackOverflowError();
        }

        @Override
        public int count() {
            return calls;
        }

        @Override
        public String toString() {
            return "the target";
        }
    }

    abstract static class NoInterface {}

    static final class OwnFuture extends CompletableFuture<String> {}

    interface OwnStages {
        OwnFuture plan();
    }

    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent");
    private final Target target = new Target();
    private final Planner planner = guard.proxy(Planner.class, target);

    @Test
    void every_method_is_guarded() throws IOException {
        assertThat(planner.plan("tea")).isEqualTo("plan for tea");
        assertThat(planner.count()).isEqualTo(1);
        assertThat(lab).hasCounted(2, 0);
    }

    @Test
    void a_refused_call_does_not_reach_the_target() {
        lab.trip();

        assertThatThrownBy(() -> planner.plan("tea")).isInstanceOf(CircuitOpenException.class);

        assertThat(target.calls).isZero();
    }

    @Test
    void checked_exceptions_come_as_they_were_thrown() {
        assertThatThrownBy(() -> planner.plan(""))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("no goal");
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void errors_come_as_they_were_thrown() {
        assertThatThrownBy(planner::forget).isExactlyInstanceOf(StackOverflowError.class);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void the_methods_of_object_are_not_guarded() {
        lab.trip();

        assertThat(planner).hasToString("the target");
        assertThat(planner.hashCode()).isEqualTo(target.hashCode());
        assertThat(planner.equals(planner)).isTrue();
        assertThat(planner).isNotEqualTo(null).isNotEqualTo("the target");
        assertThat(lab).isOpen().hasLate(0);
    }

    @Test
    void two_proxies_of_one_target_are_equal() {
        assertThat(planner)
                .isEqualTo(lab.circuits.guard("other").proxy(Planner.class, target))
                .isNotEqualTo(guard.proxy(Planner.class, new Target()));
    }

    @Test
    void equals_is_not_guarded_even_if_the_interface_declares_it() {
        @SuppressWarnings("unchecked")
        Comparator<String> order = guard.proxy(Comparator.class, Comparator.<String>naturalOrder());
        lab.trip();

        assertThat(order.equals(order)).isTrue();
        assertThatThrownBy(() -> order.compare("a", "b")).isInstanceOf(CircuitOpenException.class);
    }

    @Test
    void a_default_method_is_one_guarded_call() throws IOException {
        assertThat(planner.planTwice("tea")).isEqualTo("plan for teaplan for tea");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_method_that_returns_a_stage_is_guarded_until_that_completes() {
        CompletionStage<String> plan = planner.planLater();
        assertThat(lab).hasCounted(0, 0);

        target.later.completeExceptionally(new IOException());

        assertThat(plan.toCompletableFuture()).isCompletedExceptionally();
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_refused_method_that_returns_a_stage_returns_a_failed_one() {
        lab.trip();
        assertThat(planner.planMuchLater()).isCompletedExceptionally();
    }

    @Test
    void cancelling_what_it_returned_cancels_the_targets_future() {
        planner.planMuchLater().cancel(true);

        assertThat(target.later).isCancelled();
        assertThat(lab).hasCounted(0, 0);
    }

    @Test
    void a_lambda_can_be_guarded() {
        @SuppressWarnings("unchecked")
        Supplier<String> supplier = guard.proxy(Supplier.class, () -> "plan");
        assertThat(supplier.get()).isEqualTo("plan");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_class_is_refused() {
        assertThatThrownBy(() -> guard.proxy(NoInterface.class, new NoInterface() {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Only an interface can be guarded by a proxy, but dev.interlock.ProxyTest$NoInterface"
                        + " is a class; guard its calls with call() instead");
    }

    @Test
    void a_method_with_a_stage_of_its_own_type_is_refused() {
        assertThatThrownBy(() -> guard.proxy(OwnStages.class, OwnFuture::new))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("OwnStages.plan()")
                .hasMessageEndingWith("returns a stage of its own type; a proxy can guard methods that return"
                        + " CompletionStage or CompletableFuture");
    }
}
