package dev.interlock.spring;

import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.stream.BaseStream;
import java.util.stream.Stream;
import org.springframework.util.ClassUtils;

/** What a guarded method returns, and so until when its call is guarded. */
enum Shape {
    /** Guarded while the method runs. */
    VALUE,
    /** A stage, until it completes. */
    STAGE,
    /** Reactor's, until it ends; each subscription is a call. */
    MONO,
    FLUX,
    /** Pieces, until they end. */
    STREAM,
    ITERATOR,
    PUBLISHER;

    private static final boolean REACTOR =
            ClassUtils.isPresent("reactor.core.publisher.Flux", Shape.class.getClassLoader());

    /** @throws IllegalArgumentException saying why it cannot be guarded */
    static Shape of(Class<?> returned) {
        if (returned == CompletionStage.class || returned == CompletableFuture.class) {
            return STAGE;
        }
        if (returned == Stream.class) {
            return STREAM;
        }
        if (returned == Iterator.class) {
            return ITERATOR;
        }
        if (returned == Flow.Publisher.class) {
            return PUBLISHER;
        }
        String name = returned.getName();
        if (REACTOR && name.equals("reactor.core.publisher.Mono")) {
            return MONO;
        }
        if (REACTOR && (name.equals("reactor.core.publisher.Flux") || name.equals("org.reactivestreams.Publisher"))) {
            return FLUX;
        }
        if (Future.class.isAssignableFrom(returned)
                || CompletionStage.class.isAssignableFrom(returned)
                || BaseStream.class.isAssignableFrom(returned)
                || name.startsWith("io.reactivex.")
                || name.startsWith("kotlinx.coroutines.")
                || name.startsWith("org.reactivestreams.")) {
            throw new IllegalArgumentException(
                    "returns a " + returned.getSimpleName()
                            + ", whose end a guard does not see; let it return CompletableFuture, Mono, Flux, Stream or a value");
        }
        return VALUE;
    }

    /** Whether a time limit can end it. */
    boolean canBeEnded() {
        return this == STAGE || this == MONO || this == FLUX;
    }
}
