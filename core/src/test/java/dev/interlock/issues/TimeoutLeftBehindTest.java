package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.ReadOnlyStage;
import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The time limit of a cancelled call whose source cannot be cancelled held on to the call until it was due. */
class TimeoutLeftBehindTest {
    private final Lab lab = new Lab();

    @Test
    void a_cancelled_call_is_not_held_until_its_time_limit() {
        WeakReference<?> call = cancelled();

        Awaitility.await().until(() -> {
            System.gc();
            return call.get() == null;
        });
        assertThat(lab.begin().fail(FailureKind.ERROR)).isNotNull();
    }

    private WeakReference<?> cancelled() {
        CompletableFuture<String> call = lab.circuits
                .guard("agent")
                .withTimeout(Lab.seconds(3600))
                .callAsync(() -> ReadOnlyStage.of(new CompletableFuture<>()));
        call.cancel(true);
        return new WeakReference<>(call);
    }
}
