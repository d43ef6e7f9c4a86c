package dev.interlock.benchmarks;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.OutputStream;

/** A server that {@link HttpPeer#program} starts: one event loop, a free port of 127.0.0.1 that it prints. */
final class PeerProgram {
    private PeerProgram() {}

    static Vertx vertx() {
        return Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    }

    /** Answers until its parent closes its end of the input, and ends the process. */
    static void serve(Vertx vertx, Handler<HttpServerRequest> answers) throws IOException {
        int port = vertx.createHttpServer()
                .requestHandler(answers)
                .listen(0, "127.0.0.1")
                .await()
                .actualPort();
        System.out.println(port);
        System.in.transferTo(OutputStream.nullOutputStream());
        System.exit(0);
    }
}
