package dev.interlock.server.security;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Requests to issuers: without redirects, bounded in time and in what is read of an answer. Safe for use by any thread.
 */
public final class IssuerHttp implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int LARGEST_ANSWER = 256 * 1024;

    private final HttpClient client;

    /**
     * A client of its own.
     *
     * @param vertx runs it
     */
    public IssuerHttp(Vertx vertx) {
        this.client = vertx.createHttpClient();
    }

    /**
     * An answer.
     *
     * @param status its status
     * @param body what it says
     */
    public record Answer(int status, Buffer body) {}

    /**
     * Gets what is at an address.
     *
     * @param url where
     * @return the body of an answer with status 200; fails with anything else
     */
    public Future<Buffer> get(URI url) {
        return send(options(HttpMethod.GET, url), Buffer.buffer(), true).map(Answer::body);
    }

    /**
     * Sends a form.
     *
     * @param url where to
     * @param form encoded
     * @param authorization the header of that name; empty for none
     * @return whatever is answered
     */
    public Future<Answer> post(URI url, String form, String authorization) {
        RequestOptions request =
                options(HttpMethod.POST, url).putHeader("Content-Type", "application/x-www-form-urlencoded");
        if (!authorization.isEmpty()) {
            request.putHeader("Authorization", authorization);
        }
        return send(request, Buffer.buffer(form), false);
    }

    /** Ends the client. */
    @Override
    public void close() {
        client.close();
    }

    private static RequestOptions options(HttpMethod method, URI url) {
        return new RequestOptions()
                .setMethod(method)
                .setAbsoluteURI(url.toString())
                .setFollowRedirects(false)
                .setTimeout(TIMEOUT.toMillis())
                .putHeader("Accept", "application/json");
    }

    private Future<Answer> send(RequestOptions request, Buffer body, boolean onlyGood) {
        return client.request(request)
                .compose(started -> started.send(body).compose(answer -> read(answer, onlyGood)))
                .timeout(TIMEOUT.toMillis() * 2, TimeUnit.MILLISECONDS);
    }

    private static Future<Answer> read(HttpClientResponse response, boolean onlyGood) {
        if (onlyGood && response.statusCode() != 200) {
            response.exceptionHandler(reset -> {}).request().reset(); // what else it says does not matter
            return Future.failedFuture("status " + response.statusCode());
        }
        Promise<Answer> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        response.exceptionHandler(whole::tryFail);
        response.handler(part -> {
            if (body.length() + part.length() > LARGEST_ANSWER) {
                whole.tryFail("more than " + LARGEST_ANSWER + " bytes");
                response.request().reset();
            } else {
                body.appendBuffer(part);
            }
        });
        response.endHandler(end -> whole.tryComplete(new Answer(response.statusCode(), body)));
        return whole.future();
    }
}
