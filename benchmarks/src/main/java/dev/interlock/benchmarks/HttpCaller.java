package dev.interlock.benchmarks;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A client that keeps some connections busy. For one thread. */
final class HttpCaller implements AutoCloseable {
    private static final int CONNECTIONS = 16;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final HttpClientAgent client = vertx.createHttpClient(
            new HttpClientOptions().setKeepAlive(true), new PoolOptions().setHttp1MaxSize(CONNECTIONS));
    private final String authorization;
    private String[] answers = {};

    HttpCaller(String key) {
        authorization = "Bearer " + key;
    }

    /** Posts each body and waits for all answers, which must be 200. */
    void call(int port, String path, String[] bodies) throws InterruptedException {
        answers = new String[bodies.length];
        CountDownLatch done = new CountDownLatch(bodies.length);
        AtomicInteger next = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            vertx.runOnContext(here -> callNext(port, path, bodies, next, done, failed));
        }
        done.await();
        if (failed.get() != null) {
            throw new IllegalStateException("A call of " + path + " failed", failed.get());
        }
    }

    /** What was answered, in the order of the bodies. */
    List<String> answers() {
        return Arrays.asList(answers);
    }

    private void callNext(
            int port,
            String path,
            String[] bodies,
            AtomicInteger next,
            CountDownLatch done,
            AtomicReference<@Nullable Throwable> failed) {
        int number = next.getAndIncrement();
        if (number >= bodies.length) {
            return;
        }
        client.request(HttpMethod.POST, port, "127.0.0.1", path)
                .compose(request -> request.putHeader("Authorization", authorization)
                        .putHeader("Content-Type", "application/json")
                        .send(Buffer.buffer(bodies[number])))
                .compose(answer -> answer.body()
                        .compose(body -> answer.statusCode() == 200
                                ? Future.succeededFuture(body)
                                : Future.failedFuture(answer.statusCode() + " " + body)))
                .onComplete(answer -> {
                    if (answer.failed()) {
                        failed.compareAndSet(null, answer.cause());
                    } else {
                        answers[number] = answer.result().toString();
                    }
                    done.countDown();
                    callNext(port, path, bodies, next, done, failed);
                });
    }

    @Override
    public void close() {
        client.close().await();
        vertx.close().await();
    }
}
