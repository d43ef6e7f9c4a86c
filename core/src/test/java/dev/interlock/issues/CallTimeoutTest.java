package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.junit.jupiter.api.Test;

/**
 * OkHttp, below the OpenAI and Anthropic clients, ends a call that takes too long with an {@code
 * InterruptedIOException("timeout")}. It was taken for a cancelled call, so time-outs were ignored.
 */
class CallTimeoutTest {
    @Test
    void a_call_timeout_of_okhttp_is_a_timeout() {
        Throwable thrown = new RuntimeException("Request failed", new InterruptedIOException("timeout"));

        assertThat(FailureClassifier.standard().ofException(thrown).kind()).isEqualTo(FailureKind.TIMEOUT);
    }

    @Test
    void a_real_interruption_is_still_cancelled() {
        Throwable thrown = new IOException(new InterruptedIOException("interrupted"));

        assertThat(FailureClassifier.standard().ofException(thrown).kind()).isEqualTo(FailureKind.CANCELLED);
    }
}
