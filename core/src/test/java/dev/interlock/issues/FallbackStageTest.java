package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Lab;
import dev.interlock.ReadOnlyStage;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A fallback's stage that is no CompletableFuture failed the call, and a checked exception of it escaped. */
class FallbackStageTest {
    private final Lab lab = new Lab().trip();

    @Test
    void a_fallback_may_answer_with_a_read_only_stage() {
        CompletableFuture<String> source = new CompletableFuture<>();
        CompletableFuture<String> answer = lab.circuits
                .guard("agent")
                .<String>withAsyncFallback(refused -> ReadOnlyStage.of(source))
                .callAsync(CompletableFuture::new);
        assertThat(answer).isNotDone();

        source.complete("from the cache");

        assertThat(answer).isCompletedWithValue("from the cache");
    }

    @Test
    void what_a_fallback_throws_is_a_failed_stage_even_if_it_is_checked() {
        CompletableFuture<String> answer = lab.circuits
                .guard("agent")
                .<String>withAsyncFallback(refused -> {
                    throw FallbackStageTest.<RuntimeException>sneaky(new IOException("no cache"));
                })
                .callAsync(CompletableFuture::new);

        assertThat(answer)
                .failsWithin(java.time.Duration.ZERO)
                .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                .withCauseInstanceOf(IOException.class);
    }

    @Test
    void a_fallback_without_a_stage_says_so() {
        CompletableFuture<String> answer = lab.circuits
                .guard("agent")
                .<String>withAsyncFallback(refused -> null)
                .callAsync(CompletableFuture::new);

        assertThat(answer)
                .failsWithin(java.time.Duration.ZERO)
                .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                .withMessageContaining("The fallback returned no stage");
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X sneaky(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
