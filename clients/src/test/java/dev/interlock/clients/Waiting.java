package dev.interlock.clients;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Waits for what may never come. */
final class Waiting {
    /** Something that blocks. */
    interface Reading<T extends @Nullable Object> {
        T read() throws IOException;
    }

    private Waiting() {}

    static <T extends @Nullable Object> T atMost(long seconds, Reading<T> reading)
            throws IOException, TimeoutException {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try {
                        result.complete(reading.read());
                    } catch (IOException | RuntimeException failed) {
                        result.completeExceptionally(failed);
                    }
                },
                "reads-an-answer");
        reader.setDaemon(true);
        reader.start();
        try {
            return result.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw new IOException(failed.getCause());
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
