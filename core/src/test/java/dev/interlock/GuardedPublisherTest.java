package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Publishers and subscribers that do not keep to the usual order: nobody waits for ever, and nothing counts twice. */
class GuardedPublisherTest {
    interface Model {
        Flow.Publisher<String> pieces();
    }

    /** Signals only what a test lets it. */
    private static final class Source implements Flow.Publisher<String>, Flow.Subscription {
        private final List<Flow.Subscriber<? super String>> subscribers = new ArrayList<>();
        private final List<Long> requests = new ArrayList<>();
        private int cancelled;

        @Override
        public void subscribe(Flow.Subscriber<? super String> subscriber) {
            subscribers.add(subscriber);
        }

        @Override
        public void request(long pieces) {
            requests.add(pieces);
        }

        @Override
        public void cancel() {
            cancelled++;
        }

        private Flow.Subscriber<? super String> last() {
            return subscribers.get(subscribers.size() - 1);
        }
    }

    private static final class Reader implements Flow.Subscriber<String> {
        private final List<String> heard = new ArrayList<>();
        private Flow.@Nullable Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            heard.add("subscribed");
            subscription = given;
        }

        @Override
        public void onNext(String piece) {
            heard.add(piece);
        }

        @Override
        public void onError(Throwable thrown) {
            heard.add(thrown.getClass().getSimpleName());
        }

        @Override
        public void onComplete() {
            heard.add("end");
        }

        private Flow.Subscription subscription() {
            Flow.Subscription given = subscription;
            if (given == null) {
                throw new AssertionError("Never subscribed");
            }
            return given;
        }
    }

    private final Lab lab = new Lab();
    private final Source source = new Source();
    private final Reader reader = new Reader();
    private final Flow.Publisher<String> publisher = lab.circuits
            .guard("agent")
            .withStreamLimits(StreamLimits.none()
                    .firstPiece(seconds(30))
                    .betweenPieces(seconds(10))
                    .total(seconds(100)))
            .proxy(Model.class, () -> source)
            .pieces();

    private void subscribe() {
        publisher.subscribe(reader);
        source.last().onSubscribe(source);
    }

    @Test
    void a_publisher_that_nobody_reads_owes_no_piece() {
        lab.pass(seconds(60));
        subscribe();
        reader.subscription().request(1);
        source.last().onNext("a");
        source.last().onComplete();

        assertThat(reader.heard).containsExactly("subscribed", "a", "end");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void nor_does_a_further_subscription_whose_reader_has_not_asked() {
        subscribe();
        source.last().onComplete();
        Reader second = new Reader();
        publisher.subscribe(second);
        source.last().onSubscribe(source);

        lab.pass(seconds(60));
        second.subscription().request(0); // which is for the source to judge, and asks for nothing
        lab.pass(seconds(39));
        assertThat(second.heard).containsExactly("subscribed");
        assertThat(source.requests).containsExactly(0L);
        source.last().onComplete();

        assertThat(second.heard).containsExactly("subscribed", "end");
        assertThat(lab.circuit.snapshot().figures().failures()).isZero();
    }

    @Test
    void a_source_that_subscribes_only_after_the_limit_in_all_is_cancelled_and_its_reader_has_heard_of_the_limit() {
        publisher.subscribe(reader);
        lab.pass(seconds(100));
        assertThat(reader.heard).containsExactly("subscribed", "StreamTimeoutException");
        reader.subscription().request(5);
        reader.subscription().cancel();

        source.last().onSubscribe(source);
        source.last().onNext("late");

        assertThat(source.cancelled).isEqualTo(1);
        assertThat(source.requests).isEmpty();
        assertThat(reader.heard).containsExactly("subscribed", "StreamTimeoutException");
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_second_subscription_of_one_source_is_cancelled_and_the_first_goes_on() {
        subscribe();
        Source other = new Source();
        source.last().onSubscribe(other);
        reader.subscription().request(2);

        assertThat(other.cancelled).isEqualTo(1);
        assertThat(other.requests).isEmpty();
        assertThat(source.cancelled).isZero();
        assertThat(source.requests).containsExactly(2L);
        assertThat(reader.heard).containsExactly("subscribed");
    }

    @Test
    void a_source_that_fails_before_it_subscribes_is_cancelled_when_it_does() {
        publisher.subscribe(reader);
        source.last().onError(new SocketException("Connection reset"));
        source.last().onSubscribe(source);

        assertThat(source.cancelled).isEqualTo(1);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void an_error_after_the_end_is_not_heard() {
        subscribe();
        source.last().onComplete();
        source.last().onError(new SocketException("Connection reset"));

        assertThat(reader.heard).containsExactly("subscribed", "end");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_reader_that_cancels_after_the_end_reaches_the_source_as_it_would_without_a_guard() {
        subscribe();
        source.last().onComplete();
        reader.subscription().cancel();

        assertThat(source.cancelled).isEqualTo(1);
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_refused_reader_is_subscribed_first_and_may_ask_and_cancel() {
        subscribe();
        source.last().onComplete();
        lab.trip();
        Reader refused = new Reader();
        publisher.subscribe(refused);
        refused.subscription().request(1);
        refused.subscription().cancel();

        assertThat(refused.heard).containsExactly("subscribed", "CircuitOpenException");
        assertThat(source.requests).isEmpty();
        assertThat(source.cancelled).isZero();
    }

    @Test
    void a_source_that_refuses_a_subscriber_is_a_failure_of_the_call() {
        Model broken = lab.circuits.guard("agent").proxy(Model.class, () -> subscriber -> {
            throw new IllegalStateException("full");
        });
        Flow.Publisher<String> pieces = broken.pieces();

        assertThatThrownBy(() -> pieces.subscribe(reader)).hasMessage("full");

        assertThat(lab).hasCounted(1, 1);
    }
}
