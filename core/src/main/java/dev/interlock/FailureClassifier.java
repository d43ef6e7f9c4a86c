package dev.interlock;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToIntFunction;
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
     * This classifier, with an HTTP status for exceptions of your own:
     * {@code FailureClassifier.standard().status(MyException.class, e -> e.status())}.
     *
     * @param type of the exception, which may be anywhere in the chain of causes
     * @param status its status, 100 to 599; another number means none, so that this classifier decides
     * @param <X> the exception
     * @return a new classifier
     */
    default <X extends Throwable> FailureClassifier status(Class<X> type, ToIntFunction<? super X> status) {
        Objects.requireNonNull(status, "status must not be null");
        return new OwnJudgement<>(this, type, (thrown, outcome) -> {
            int code = status.applyAsInt(thrown);
            return HttpStatus.isOne(code) ? keepWait(ofHttpStatus(code), outcome) : outcome;
        });
    }

    /**
     * This classifier, with the wait that exceptions of your own ask for.
     *
     * @param type of the exception, which may be anywhere in the chain of causes
     * @param retryAfter how long it asks to be left alone; null, zero or negative for none
     * @param <X> the exception
     * @return a new classifier
     */
    default <X extends Throwable> FailureClassifier retryAfter(
            Class<X> type, Function<? super X, @Nullable Duration> retryAfter) {
        Objects.requireNonNull(retryAfter, "retryAfter must not be null");
        return new OwnJudgement<>(this, type, (thrown, outcome) -> {
            Duration wait = retryAfter.apply(thrown);
            return wait == null || wait.compareTo(Duration.ZERO) <= 0 || outcome.isSuccess()
                    ? outcome
                    : outcome.retryAfter(wait);
        });
    }

    /**
     * This classifier, with a judgement of results of your own.
     *
     * @param type of the result
     * @param judgement what it means
     * @param <R> the result
     * @return a new classifier
     */
    default <R> FailureClassifier result(Class<R> type, Function<? super R, Outcome> judgement) {
        Objects.requireNonNull(judgement, "judgement must not be null");
        return new OwnJudgement<>(this, type, (result, outcome) -> judgement.apply(result));
    }

    /**
     * This classifier for calls of a tool, whose guard may depend on more than the tool, such as a model. Failures of
     * the tool count at the tool; a failure of unknown kind is a {@link FailureKind#TOOL_ERROR}. Arguments of the model
     * that cannot be read remain the agent's failure.
     *
     * @param circuit of the tool, such as {@code tool:search}; for a guard that does not depend on it the kind of
     *     failure decides
     * @return a new classifier
     */
    @Beta
    default FailureClassifier forTool(String circuit) {
        Objects.requireNonNull(circuit, "A tool needs the name of its circuit, such as tool:search");
        return new OwnJudgement<>(this, Object.class, (ended, outcome) -> ToolFailures.attributed(outcome, circuit));
    }

    /** An outcome with the wait of another one, if both are failures. */
    private static Outcome keepWait(Outcome outcome, Outcome before) {
        Duration wait = before.retryAfter();
        return outcome.isSuccess() || wait == null ? outcome : outcome.retryAfter(wait);
    }

    /**
     * The classifier that managers use unless another one is set. It walks the chain of causes and reads error codes,
     * statuses and waits of widespread clients of models, knows the JDK's exceptions and theirs by the names of their
     * classes, and judges answers of HTTP clients that are results: {@code java.net.http.HttpResponse}, and by name those
     * of OkHttp, Retrofit, Apache, Spring, Feign, JAX-RS and Micronaut. An exception that it does not know is
     * an {@link FailureKind#ERROR}.
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
     * @param now the wall clock's time, against which a date is calculated
     * @return a success below 400, else the failure that it stands for
     * @throws IllegalArgumentException if it is no status
     */
    static Outcome ofHttpStatus(int status, @Nullable String retryAfter, Instant now) {
        return HttpStatus.outcome(status, retryAfter, now);
    }
}
