package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Guard;
import dev.interlock.StreamLimits;
import dev.interlock.StreamPermit;
import java.time.Duration;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One piece of a stream that goes on: at most 40 ns and no memory. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StreamPieceBenchmark {
    /** With all limits, which reads the clock. */
    @Benchmark
    public boolean limited(Streams streams) {
        return streams.limited.next();
    }

    /** Without limits. */
    @Benchmark
    public boolean unlimited(Streams streams) {
        return streams.unlimited.next();
    }

    /** Through the publisher of a proxy, to a subscriber that asks for the next piece each time. */
    @Benchmark
    public long published(Streams streams) {
        streams.subscriber.onNext("piece");
        return streams.heard;
    }

    /** Streams under way. */
    @SuppressWarnings("NullAway.Init") // what a source or JMH gives before the first piece
    @State(Scope.Thread)
    public static class Streams {
        private final CircuitBreakerManager manager = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
        private StreamPermit limited;
        private StreamPermit unlimited;
        private Flow.Subscriber<? super String> subscriber;
        private long heard;

        /** A method that is guarded. */
        interface Model {
            Flow.Publisher<String> chat();
        }

        /** Begins the streams. */
        @Setup
        public void begin() {
            StreamLimits limits = StreamLimits.none()
                    .firstPiece(Duration.ofMinutes(1))
                    .betweenPieces(Duration.ofSeconds(10))
                    .total(Duration.ofHours(1));
            Guard guard = manager.guard("agent").withStreamLimits(limits);
            limited = guard.stream(limits);
            unlimited = guard.stream(StreamLimits.none());
            guard.proxy(Model.class, () -> given -> {
                        subscriber = given;
                        given.onSubscribe(new Flow.Subscription() {
                            @Override
                            public void request(long pieces) {}

                            @Override
                            public void cancel() {}
                        });
                    })
                    .chat()
                    .subscribe(new Flow.Subscriber<>() {
                        private Flow.Subscription source;

                        @Override
                        public void onSubscribe(Flow.Subscription subscription) {
                            source = subscription;
                            source.request(1);
                        }

                        @Override
                        public void onNext(String piece) {
                            heard++;
                            source.request(1);
                        }

                        @Override
                        public void onError(Throwable thrown) {
                            throw new IllegalStateException(thrown);
                        }

                        @Override
                        public void onComplete() {}
                    });
        }

        /** Ends them. */
        @TearDown
        public void end() {
            manager.close();
        }
    }
}
