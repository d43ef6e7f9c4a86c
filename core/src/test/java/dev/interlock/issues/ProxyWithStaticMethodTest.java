package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Lab;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** An interface was refused for the stage type of a static method, which no proxy ever guards. */
class ProxyWithStaticMethodTest {
    static final class OwnFuture extends CompletableFuture<String> {}

    interface Planner {
        String plan();

        static OwnFuture nothing() {
            return new OwnFuture();
        }
    }

    @Test
    void static_methods_are_not_looked_at() {
        Planner planner = new Lab().circuits.guard("agent").proxy(Planner.class, () -> "plan");

        assertThat(planner.plan()).isEqualTo("plan");
    }
}
