package dev.interlock.springai;

import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.StreamPermit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.ai.chat.client.ChatClientResponse;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * Between a model and a subscriber: hands pieces on while the stream has not ended, and exactly one end. Limits run only while
 * the model owes a piece: not before the subscriber asks for one, and not while it is busy with one.
 */
final class GuardedPieces implements CoreSubscriber<ChatClientResponse>, Subscription {
    /** Where clients are cancelled: that of OpenAI blocks until its own time limit if its provider stalls. */
    private static final Scheduler CANCELLING =
            Schedulers.newBoundedElastic(64, 10_000, "interlock-cancelling", 10, true);

    private final CoreSubscriber<? super ChatClientResponse> subscriber;
    private final StreamPermit permit;
    private final StreamAnswer answer;
    private final Context context;

    /** Pieces that the subscriber has asked for and that have not come. */
    private final AtomicLong owed = new AtomicLong();

    private @Nullable Subscription source;

    GuardedPieces(CoreSubscriber<? super ChatClientResponse> subscriber, StreamPermit permit, StreamAnswer answer) {
        this.subscriber = subscriber;
        this.permit = permit;
        this.answer = answer;
        this.context = GuardedStream.within(subscriber.currentContext(), permit, answer.counted());
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public void onSubscribe(Subscription newSource) {
        source = newSource;
        permit.pause();
        permit.cancelWith(() -> CANCELLING.schedule(newSource::cancel));
        subscriber.onSubscribe(this);
        permit.onTimeout(late -> {
            answer.ended(Outcome.failure(FailureKind.TIMEOUT));
            subscriber.onError(late);
        });
    }

    @Override
    public void request(long more) {
        Subscription asked = source;
        if (asked == null) {
            return;
        }
        if (owed.getAndAccumulate(more, Operators::addCap) == 0) {
            permit.resume();
        }
        asked.request(more);
    }

    @Override
    public void cancel() {
        if (permit.cancel()) {
            answer.ended(Outcome.cancelled());
        }
    }

    @Override
    public void onNext(ChatClientResponse piece) {
        if (!permit.next()) {
            return;
        }
        permit.pause();
        answer.take(piece);
        if (owed.get() != Long.MAX_VALUE) {
            owed.decrementAndGet();
        }
        subscriber.onNext(piece);
        if (owed.get() > 0) {
            permit.resume();
        }
    }

    @Override
    public void onComplete() {
        Outcome outcome = answer.outcome();
        if (permit.complete(outcome)) {
            answer.ended(outcome);
            subscriber.onComplete();
        }
    }

    @Override
    public void onError(Throwable thrown) {
        if (permit.fail(thrown)) {
            answer.failed(thrown);
            subscriber.onError(thrown);
        }
    }
}
