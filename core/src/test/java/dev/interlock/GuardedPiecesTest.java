package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.ListIterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams, iterators and publishers that methods of a guarded interface return. */
class GuardedPiecesTest {
    interface Model {
        Stream<String> stream();

        Iterator<String> iterator();

        Flow.Publisher<String> publisher();

        ListIterator<String> listIterator();
    }

    interface Tool<T> {
        T use();
    }

    /** What the model sends: pieces, and then an end. */
    private static class Source implements Iterator<String>, AutoCloseable {
        private final List<Supplier<String>> pieces = new ArrayList<>();
        private int closed;

        Source(String... pieces) {
            for (String piece : pieces) {
                this.pieces.add(() -> piece);
            }
        }

        Source then(Supplier<String> piece) {
            pieces.add(piece);
            return this;
        }

        Source breaks() {
            return then(() -> {
                throw new UncheckedIOException(new SocketException("Connection reset"));
            });
        }

        @Override
        public boolean hasNext() {
            return !pieces.isEmpty();
        }

        @Override
        public String next() {
            if (pieces.isEmpty()) {
                throw new NoSuchElementException();
            }
            return pieces.remove(0).get();
        }

        @Override
        public void close() {
            closed++;
        }

        Stream<String> stream() {
            Iterable<String> all = () -> this;
            return java.util.stream.StreamSupport.stream(all.spliterator(), false)
                    .onClose(this::close);
        }
    }

    /** Sends what is asked for, on the asking thread; or what a test pushes. */
    private static final class Publisher implements Flow.Publisher<String> {
        private final List<Flow.Subscriber<? super String>> subscribers = new ArrayList<>();
        private final List<Long> requests = new ArrayList<>();
        private int cancelled;

        @Override
        public void subscribe(Flow.Subscriber<? super String> subscriber) {
            subscribers.add(subscriber);
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long pieces) {
                    requests.add(pieces);
                }

                @Override
                public void cancel() {
                    cancelled++;
                }
            });
        }

        Flow.Subscriber<? super String> last() {
            return subscribers.get(subscribers.size() - 1);
        }
    }

    private static class Reader implements Flow.Subscriber<String> {
        final List<String> heard = new ArrayList<>();
        Flow.Subscription subscription;
        long demand = Long.MAX_VALUE;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            if (demand > 0) {
                given.request(demand);
            }
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
    }

    private final Lab lab = new Lab();
    private Source source = new Source("a", "b");
    private final int timers = lab.circuits.engine().timers.size();
    private final Publisher publisher = new Publisher();
    private final Guard guard = lab.circuits
            .guard("agent")
            .withStreamLimits(StreamLimits.none()
                    .firstPiece(seconds(30))
                    .betweenPieces(seconds(10))
                    .total(seconds(100)));
    private final Model model = guard.proxy(Model.class, new Model() {
        @Override
        public Stream<String> stream() {
            return source.stream();
        }

        @Override
        public Iterator<String> iterator() {
            return source;
        }

        @Override
        public Flow.Publisher<String> publisher() {
            return publisher;
        }

        @Override
        public ListIterator<String> listIterator() {
            return List.of("a").listIterator();
        }
    });

    private Iterator<String> pieces(String kind) {
        return kind.equals("stream") ? model.stream().iterator() : model.iterator();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "iterator"})
    void what_is_read_to_its_end_is_a_success(String kind) {
        Iterator<String> pieces = pieces(kind);
        assertThat(pieces.next() + pieces.next()).isEqualTo("ab");
        assertThat(lab).hasCounted(0, 0);

        assertThat(pieces.hasNext()).isFalse();

        assertThat(lab).hasCounted(1, 0);
        assertThat(lab.circuits.engine().timers.size()).isEqualTo(timers);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "iterator"})
    void what_breaks_on_the_way_is_a_failure(String kind) {
        source = new Source("a").breaks();
        Iterator<String> pieces = pieces(kind);
        pieces.next();

        assertThatThrownBy(() -> pieces.forEachRemaining(piece -> {})).isInstanceOf(UncheckedIOException.class);

        assertThat(lab).hasCounted(1, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "iterator"})
    void a_piece_that_comes_after_its_limit_is_a_timeout_for_circuit_and_consumer(String kind) {
        source = new Source("a").then(() -> {
            lab.pass(seconds(10));
            return "late";
        });
        Iterator<String> pieces = pieces(kind);
        pieces.next();

        assertThatThrownBy(() -> pieces.forEachRemaining(piece -> {})).isInstanceOf(StreamTimeoutException.class);

        assertThat(lab).hasCounted(1, 1);
        assertThat(source.closed).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "iterator"})
    void a_piece_an_end_and_an_error_that_come_too_late_are_a_timeout_and_nothing_else(String kind) {
        List<String> read = new ArrayList<>();
        Runnable late = () -> lab.pass(seconds(10));
        source = new Source("a").then(() -> {
            late.run();
            return "late";
        });
        assertLate(pieces(kind), read);
        source = new Source("a").then(() -> {
            late.run();
            throw new UncheckedIOException(new SocketException("Connection reset"));
        });
        assertLate(pieces(kind), read);
        Source ends = new Source("a") {
            @Override
            public boolean hasNext() {
                boolean more = super.hasNext();
                if (!more) {
                    late.run();
                }
                return more;
            }
        };
        source = ends;
        assertLate(pieces(kind), read);

        assertThat(read).isEmpty();
        assertThat(lab).hasCounted(3, 3);
    }

    private static void assertLate(Iterator<String> pieces, List<String> read) {
        assertThat(pieces.next()).isEqualTo("a");
        assertThatThrownBy(() -> pieces.forEachRemaining(read::add)).isInstanceOf(StreamTimeoutException.class);
    }

    @Test
    void an_iterator_removes_where_its_source_does() {
        List<String> kept = new ArrayList<>(List.of("a", "b"));
        @SuppressWarnings("unchecked")
        Tool<Iterator<String>> tool = guard.proxy(Tool.class, kept::iterator);
        Iterator<String> pieces = tool.use();
        assertThat(pieces).isNotSameAs(kept.iterator()).isInstanceOf(AutoCloseable.class);
        pieces.next();
        pieces.remove();

        assertThat(kept).containsExactly("b");
    }

    @Test
    void a_guarded_stream_is_in_order_and_says_how_much_is_left_as_far_as_its_source_knows() {
        Model guarded = guard.proxy(Model.class, streaming(() -> Stream.of("a", "b")));
        Spliterator<String> pieces = guarded.stream().spliterator();

        assertThat(pieces.estimateSize()).isEqualTo(2);
        assertThat(pieces.hasCharacteristics(Spliterator.ORDERED)).isTrue();
        assertThat(pieces.hasCharacteristics(Spliterator.SIZED))
                .as("it may end on the way")
                .isFalse();
        assertThat(pieces.trySplit()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "iterator"})
    void a_reader_may_take_its_time(String kind) {
        Iterator<String> pieces = pieces(kind);
        lab.pass(seconds(45));
        pieces.next();
        lab.pass(seconds(45));
        pieces.next();

        assertThat(pieces.hasNext()).isFalse();
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_stream_that_is_closed_before_its_end_says_nothing() {
        lab.tripAndCool();
        for (int trial = 0; trial < 10; trial++) {
            Stream<String> unread = model.stream();
            unread.close();
        }

        assertThat(source.closed).isEqualTo(10);
        assertThat(lab.circuit.snapshot().trialsOut()).isZero();
    }

    @Test
    void an_iterator_that_is_closed_before_its_end_says_nothing() throws Exception {
        Iterator<String> pieces = model.iterator();
        pieces.next();

        ((AutoCloseable) pieces).close();

        assertThat(lab).hasCounted(0, 0);
        assertThat(source.closed).isEqualTo(1);
        assertThat(lab.circuits.engine().timers.size()).isEqualTo(timers);
    }

    @Test
    void what_the_reader_of_a_stream_throws_is_the_agents() {
        Model guarded = guard.dependingOn("model:m").proxy(Model.class, model(source));

        assertThatThrownBy(() -> guarded.stream().forEach(piece -> {
                    throw new UncheckedIOException(new SocketException("of the reader's own"));
                }))
                .isInstanceOf(UncheckedIOException.class);

        assertThat(lab).hasCounted(1, 1);
        assertThat(lab.circuits.snapshot(CircuitId.of("model:m")).figures().calls())
                .isZero();
        assertThat(source.closed).isEqualTo(1);
    }

    @Test
    void what_the_reader_of_an_iterator_throws_is_the_agents_where_the_iterator_can_see_it() {
        assertThatThrownBy(() -> model.iterator().forEachRemaining(piece -> {
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_guarded_stream_is_a_stream() {
        source = new Source("a", "b", "c", "d");
        assertThat(model.stream().parallel().map(String::toUpperCase).toList()).containsExactly("A", "B", "C", "D");
        source = new Source("a", "b");
        assertThat(model.stream().count()).isEqualTo(2);

        assertThat(lab).hasCounted(2, 0);
    }

    @Test
    void a_stream_that_somebody_has_read_is_a_failure_of_the_call() {
        Stream<String> read = Stream.of("a");
        read.forEach(piece -> {});
        Model guarded = guard.proxy(Model.class, streaming(() -> read));

        assertThatThrownBy(guarded::stream).isInstanceOf(IllegalStateException.class);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_publisher_is_guarded_until_it_completes() {
        Reader reader = new Reader();
        model.publisher().subscribe(reader);
        publisher.last().onNext("a");
        assertThat(lab).hasCounted(0, 0);

        publisher.last().onComplete();

        assertThat(lab).hasCounted(1, 0);
        assertThat(reader.heard).containsExactly("a", "end");
    }

    @Test
    void a_publisher_that_fails_and_then_completes_has_failed_once() {
        Reader reader = new Reader();
        model.publisher().subscribe(reader);

        publisher.last().onError(new SocketException("Connection reset"));
        publisher.last().onComplete();
        publisher.last().onNext("late");
        publisher.last().onError(new SocketException("Connection reset"));

        assertThat(reader.heard).containsExactly("SocketException");
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_publisher_that_stalls_is_cancelled_and_its_reader_informed() {
        Reader reader = new Reader();
        model.publisher().subscribe(reader);
        publisher.last().onNext("a");

        lab.pass(seconds(10));
        publisher.last().onNext("late");
        publisher.last().onComplete();

        assertThat(reader.heard).containsExactly("a", "StreamTimeoutException");
        assertThat(publisher.cancelled).isEqualTo(1);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_publisher_that_nobody_asks_is_not_late() {
        Reader reader = new Reader();
        reader.demand = 2;
        model.publisher().subscribe(reader);
        publisher.last().onNext("a");
        lab.pass(seconds(9));
        publisher.last().onNext("b");

        lab.pass(seconds(60)); // all that was asked for has come
        assertThat(reader.heard).containsExactly("a", "b");
        reader.subscription.request(1);
        lab.pass(seconds(9));
        assertThat(reader.heard).containsExactly("a", "b");
        lab.pass(seconds(1));

        assertThat(reader.heard).containsExactly("a", "b", "StreamTimeoutException");
        assertThat(publisher.requests).containsExactly(2L, 1L);
    }

    @Test
    void a_reader_that_cancels_says_nothing() {
        Reader reader = new Reader();
        model.publisher().subscribe(reader);

        reader.subscription.cancel();
        publisher.last().onNext("late");

        assertThat(publisher.cancelled).isEqualTo(1);
        assertThat(reader.heard).isEmpty();
        assertThat(lab).hasCounted(0, 0);
    }

    @Test
    void what_a_subscriber_throws_is_the_agents() {
        model.publisher().subscribe(new Reader() {
            @Override
            public void onNext(String piece) {
                throw new IllegalStateException("full");
            }
        });

        assertThatThrownBy(() -> publisher.last().onNext("a")).isInstanceOf(IllegalStateException.class);

        assertThat(lab).hasCounted(1, 1);
        assertThat(publisher.cancelled).isEqualTo(1);
    }

    @Test
    void a_limit_in_all_that_passes_while_the_reader_is_busy_is_heard_after_the_piece() {
        Reader reader = new Reader() {
            @Override
            public void onNext(String piece) {
                lab.pass(seconds(100));
                super.onNext(piece);
            }
        };
        model.publisher().subscribe(reader);

        publisher.last().onNext("a");

        assertThat(reader.heard).containsExactly("a", "StreamTimeoutException");
    }

    @Test
    void pieces_that_come_while_the_reader_asks_for_them_are_not_lost() {
        Reader reader = new Reader() {
            @Override
            public void onNext(String piece) {
                super.onNext(piece);
                if (heard.size() < 3) {
                    publisher.last().onNext("again");
                }
            }
        };
        model.publisher().subscribe(reader);
        publisher.last().onNext("a");

        assertThat(reader.heard).containsExactly("a", "again", "again");
    }

    @Test
    void each_further_subscription_is_a_call_of_its_own() {
        Flow.Publisher<String> pieces = model.publisher();
        pieces.subscribe(new Reader());
        pieces.subscribe(new Reader());
        publisher.subscribers.forEach(Flow.Subscriber::onComplete);
        assertThat(lab).hasCounted(2, 0);

        lab.trip();
        Reader refused = new Reader();
        pieces.subscribe(refused);

        assertThat(refused.heard).containsExactly("CircuitOpenException");
        assertThat(publisher.subscribers).hasSize(2);
    }

    @Test
    void a_stream_of_a_method_whose_type_is_a_variable_is_guarded() {
        @SuppressWarnings("unchecked")
        Tool<Stream<String>> tool = guard.proxy(Tool.class, () -> Stream.of("a"));
        Stream<String> pieces = tool.use();
        assertThat(lab).hasCounted(0, 0);

        assertThat(pieces.toList()).containsExactly("a");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void what_its_caller_may_know_as_a_type_of_its_own_stays_that() {
        @SuppressWarnings("unchecked")
        Tool<Source> tool = guard.proxy(Tool.class, () -> source);
        @SuppressWarnings("unchecked")
        Tool<ListIterator<String>> list =
                guard.proxy(Tool.class, () -> Arrays.asList("a").listIterator());

        assertThat(tool.use()).isSameAs(source);
        assertThat(list.use().previousIndex()).isEqualTo(-1);
        assertThat(model.listIterator().next()).isEqualTo("a");
        assertThat(lab).hasCounted(3, 0);
    }

    @Test
    void twenty_broken_streams_are_no_good_calls() {
        AtomicInteger asked = new AtomicInteger();
        Model broken = guard.proxy(Model.class, streaming(() -> {
            asked.incrementAndGet();
            return new Source("half").breaks().stream();
        }));

        IntStream.range(0, 20).forEach(call -> {
            try (Stream<String> pieces = broken.stream()) {
                pieces.forEach(piece -> {});
            } catch (UncheckedIOException | CircuitOpenException expected) {
                // the first five break, the others are refused
            }
        });

        assertThat(asked).hasValue(5);
        assertThat(lab.circuit.state()).isEqualTo(CircuitState.OPEN);
    }

    private Model model(Source of) {
        return streaming(of::stream);
    }

    private Model streaming(Supplier<Stream<String>> streams) {
        return new Model() {
            @Override
            public Stream<String> stream() {
                return streams.get();
            }

            @Override
            public Iterator<String> iterator() {
                return source;
            }

            @Override
            public Flow.Publisher<String> publisher() {
                return publisher;
            }

            @Override
            public ListIterator<String> listIterator() {
                return List.of("a").listIterator();
            }
        };
    }
}
