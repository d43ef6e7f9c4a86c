package dev.interlock;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Says what an exception or a result means for the circuits around a call.
 *
 * <p>It is the only code of a user that runs on the path of a guarded call, so it should be quick. If it throws, the
 * call counts as a failure of kind {@link FailureKind#ERROR}, and what the call itself returned or threw still reaches
 * the caller.
 */
@FunctionalInterface
public interface FailureClassifier {
    /**
     * What an exception means.
     *
     * @param thrown what the call threw
     * @return a failure, or a success for an exception that is an answer like any other
     */
    Outcome ofException(Throwable thrown);

    /**
     * What a result means; by default every result is a success.
     *
     * @param result what the call returned
     * @return a success, or the failure that the result stands for, such as {@link FailureKind#EMPTY_RESPONSE}
     */
    default Outcome ofResult(@Nullable Object result) {
        return Outcome.success();
    }

    /**
     * The classifier that managers use unless told otherwise. It walks the chain of causes and knows the JDK's
     * exceptions and, by the names of their classes, those of widespread clients of models; what it does not know is an
     * {@link FailureKind#ERROR}.
     *
     * @return the shared classifier
     */
    static FailureClassifier standard() {
        return StandardClassifier.INSTANCE;
    }

    /**
     * What an HTTP status means.
     *
     * @param status the status code, 100 to 599
     * @return a success below 400, else the failure that it stands for
     * @throws IllegalArgumentException if it is no status
     */
    static Outcome ofHttpStatus(int status) {
        return HttpStatus.outcome(status);
    }

    /**
     * What an HTTP status with a {@code Retry-After} header means.
     *
     * @param status the status code, 100 to 599
     * @param retryAfter the header's value, in seconds or as a date in any of the three forms of RFC 9110; null, not
     *     readable, zero or past for none
     * @param now the wall clock's time, against which a date is reckoned
     * @return a success below 400, else the failure that it stands for
     * @throws IllegalArgumentException if it is no status
     */
    static Outcome ofHttpStatus(int status, @Nullable String retryAfter, Instant now) {
        return HttpStatus.outcome(status, retryAfter, now);
    }
}
