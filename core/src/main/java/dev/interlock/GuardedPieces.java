package dev.interlock;

import java.lang.reflect.Modifier;
import java.util.Iterator;
import java.util.ListIterator;
import java.util.PrimitiveIterator;
import java.util.Spliterator;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a guarded method returned, if that comes in pieces, guarded until it ends: a {@link Stream}, an {@link Iterator} or
 * a {@link Flow.Publisher}.
 *
 * <p>Iterators and streams are asked for each piece, so their limits run only while somebody asks.
 */
final class GuardedPieces {
    private GuardedPieces() {}

    /**
     * The guarded form of a result, or null if it is nothing that comes in pieces, or its caller may know it as a type of
     * its own, which the guarded form would not be.
     *
     * @param declared what the method declares
     * @param started begins the stream of this call
     * @param further asks for permission to make the call once more, for further subscribers of a publisher
     */
    static @Nullable Object of(
            Object result, Class<?> declared, Supplier<StreamPermit> started, Supplier<StreamPermit> further) {
        if (result instanceof Stream<?> stream && isKnownAs(Stream.class, declared, result)) {
            return stream(stream, started.get());
        }
        if (result instanceof Iterator<?> iterator
                && isKnownAs(Iterator.class, declared, result)
                && !(declared == Object.class
                        && (result instanceof ListIterator || result instanceof PrimitiveIterator))) {
            return new GuardedIterator<>(iterator, started.get());
        }
        if (result instanceof Flow.Publisher<?> publisher && isKnownAs(Flow.Publisher.class, declared, result)) {
            return new GuardedPublisher<>(publisher, started.get(), further);
        }
        return null;
    }

    /** Where a method declares Object or a type variable, only classes that nobody else can name are safe to replace. */
    private static boolean isKnownAs(Class<?> type, Class<?> declared, Object result) {
        Class<?> known = result.getClass();
        return declared == type
                || declared == Object.class
                        && known.getModule() == Object.class.getModule()
                        && !Modifier.isPublic(known.getModifiers());
    }

    private static <T extends @Nullable Object> Stream<T> stream(Stream<T> source, StreamPermit permit) {
        permit.pause();
        permit.cancelWith(source::close);
        return StreamSupport.stream(new Pieces<>(source.spliterator(), permit), false)
                .onClose(permit::cancel)
                .onClose(source::close);
    }

    /** The pieces of a stream, one after the other: it is never split, since pieces of a stream come in order. */
    private static final class Pieces<T extends @Nullable Object> implements Spliterator<T>, Consumer<T> {
        private final Spliterator<T> source;
        private final StreamPermit permit;
        private @Nullable T piece;

        Pieces(Spliterator<T> source, StreamPermit permit) {
            this.source = source;
            this.permit = permit;
        }

        @Override
        public void accept(T next) {
            piece = next;
        }

        @Override
        @SuppressWarnings("NullAway") // the piece is of the type that it came as
        public boolean tryAdvance(Consumer<? super T> consumer) {
            if (!GuardedIterator.ask(permit, this::advance)) {
                return false;
            }
            T next = piece;
            piece = null;
            permit.look(next);
            GuardedIterator.hand(permit, consumer, next);
            return true;
        }

        private boolean advance() {
            return source.tryAdvance(this);
        }

        @Override
        public @Nullable Spliterator<T> trySplit() {
            return null;
        }

        @Override
        public long estimateSize() {
            return source.estimateSize();
        }

        @Override
        public int characteristics() {
            return source.characteristics() & (ORDERED | DISTINCT | NONNULL | IMMUTABLE);
        }
    }
}
