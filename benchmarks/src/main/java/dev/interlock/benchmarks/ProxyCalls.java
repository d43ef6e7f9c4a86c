package dev.interlock.benchmarks;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A client of proxies that asks for whole answers and for streams: as fast as it can, or at a rate. For one thread. */
final class ProxyCalls implements AutoCloseable {
    private static final int BUSY = 16;

    /** Half of what the proxy grants an organization that is alone, so that it refuses none, however late it is. */
    private static final int MOST = 500;

    private static final long PATIENCE_SECONDS = 120;
    private static final Buffer QUESTION = Buffer.buffer(
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + "a question ".repeat(60) + "\"}]}");

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final HttpClientAgent client = vertx.createHttpClient(
            new HttpClientOptions().setKeepAlive(true), new PoolOptions().setHttp1MaxSize(2_000));
    private final String key;

    ProxyCalls(String key) {
        this.key = key;
    }

    /** Makes this many calls, some at a time; asks for this many events of each answer, none for a whole one. */
    void busy(int port, String path, int calls, int pieces) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(calls);
        AtomicInteger next = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
        vertx.runOnContext(now -> {
            for (int i = 0; i < BUSY; i++) {
                next(port, path, calls, pieces, next, done, failed);
            }
        });
        await(done, failed);
    }

    private void next(
            int port,
            String path,
            int calls,
            int pieces,
            AtomicInteger next,
            CountDownLatch done,
            AtomicReference<@Nullable Throwable> failed) {
        if (next.getAndIncrement() >= calls) {
            return;
        }
        call(port, path, pieces, 0).onComplete(answer -> {
            if (answer.failed()) {
                failed.compareAndSet(null, answer.cause());
            }
            done.countDown();
            next(port, path, calls, pieces, next, done, failed);
        });
    }

    /**
     * Makes calls at a rate for a time, and says how long each took from when it was due, in milliseconds, sorted. Where
     * answers are so late that too many calls are under way, the next one waits, and its wait counts.
     */
    double[] atRate(int port, String path, double perSecond, double seconds) throws InterruptedException {
        int calls = (int) Math.max(1, perSecond * seconds);
        double[] millis = new double[calls];
        Semaphore room = new Semaphore(MOST);
        CountDownLatch done = new CountDownLatch(calls);
        AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
        long began = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            long due = began + (long) (i * 1e9 / perSecond);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                TimeUnit.NANOSECONDS.sleep(left);
            }
            room.acquire();
            int number = i;
            vertx.runOnContext(now -> call(port, path, 0, 0).onComplete(answer -> {
                millis[number] = (System.nanoTime() - due) / 1e6;
                room.release();
                if (answer.failed()) {
                    failed.compareAndSet(null, answer.cause());
                }
                done.countDown();
            }));
        }
        await(done, failed);
        Arrays.sort(millis);
        return millis;
    }

    /** Holds this many streams at one time, while something is looked at; each must arrive whole. */
    void hold(int port, String path, int streams, int pieces, long every, Runnable look) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(streams);
        AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
        vertx.runOnContext(now -> {
            for (int i = 0; i < streams; i++) {
                call(port, path, pieces, every).onComplete(answer -> {
                    if (answer.failed()) {
                        failed.compareAndSet(null, answer.cause());
                    }
                    done.countDown();
                });
            }
        });
        while (!done.await(500, TimeUnit.MILLISECONDS)) {
            look.run();
        }
        await(done, failed);
    }

    private Future<Buffer> call(int port, String path, int pieces, long every) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI(path)
                .putHeader("Authorization", "Bearer " + key)
                .putHeader("Content-Type", "application/json");
        if (pieces > 0) {
            options.putHeader("x-pieces", Integer.toString(pieces)).putHeader("x-every", Long.toString(every));
        }
        int expected = pieces * BareModel.PIECE.length() + BareModel.DONE.length();
        return client.request(options)
                .compose(request -> request.send(QUESTION))
                .compose(answer -> answer.body()
                        .compose(body -> answer.statusCode() == 200 && (pieces == 0 || body.length() == expected)
                                ? Future.succeededFuture(body)
                                : Future.failedFuture(answer.statusCode() + ", " + body.length() + " bytes: " + body)));
    }

    private static void await(CountDownLatch done, AtomicReference<@Nullable Throwable> failed)
            throws InterruptedException {
        if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("Calls have not ended");
        }
        if (failed.get() != null) {
            throw new IllegalStateException("A call failed", failed.get());
        }
    }

    @Override
    public void close() {
        client.close().await();
        vertx.close().await();
    }
}
