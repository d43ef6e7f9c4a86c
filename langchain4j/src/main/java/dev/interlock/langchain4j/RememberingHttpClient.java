package dev.interlock.langchain4j;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** The JDK's client, which says to the thread that sends a request what headers its answer had. */
final class RememberingHttpClient extends HttpClient {
    /** Of the call that a thread is in. */
    private static final ThreadLocal<@Nullable Answer> CURRENT = new ThreadLocal<>();

    /** The headers of the last answer to a call, once there was one. */
    static final class Answer {
        private volatile @Nullable HttpHeaders headers;

        @Nullable
        HttpHeaders headers() {
            return headers;
        }
    }

    private final HttpClient client;

    private RememberingHttpClient(HttpClient client) {
        this.client = client;
    }

    /** What is sent by this thread from now on, until it {@linkplain #forget() forgets}, belongs to a call. */
    static Answer remember() {
        Answer answer = new Answer();
        CURRENT.set(answer);
        return answer;
    }

    static void forget() {
        CURRENT.remove();
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException {
        HttpResponse<T> response = client.send(request, body);
        keep(CURRENT.get(), response);
        return response;
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        return kept(client.sendAsync(request, body));
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request,
            HttpResponse.BodyHandler<T> body,
            HttpResponse.@Nullable PushPromiseHandler<T> promises) {
        return kept(client.sendAsync(request, body, promises));
    }

    /** A stage behind it, since those that wait for a future are served in no order. */
    private static <T> CompletableFuture<HttpResponse<T>> kept(CompletableFuture<HttpResponse<T>> sent) {
        Answer answer = CURRENT.get();
        return sent.thenApply(response -> {
            keep(answer, response);
            return response;
        });
    }

    private static void keep(@Nullable Answer answer, HttpResponse<?> response) {
        if (answer != null) {
            answer.headers = response.headers();
        }
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return client.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return client.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return client.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return client.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return client.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return client.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return client.authenticator();
    }

    @Override
    public Version version() {
        return client.version();
    }

    @Override
    public Optional<Executor> executor() {
        return client.executor();
    }

    /** Builds it with all that the JDK's builder is given. */
    record Builder(HttpClient.Builder jdk) implements HttpClient.Builder {
        @Override
        public HttpClient.Builder cookieHandler(CookieHandler handler) {
            jdk.cookieHandler(handler);
            return this;
        }

        @Override
        public HttpClient.Builder connectTimeout(Duration limit) {
            jdk.connectTimeout(limit);
            return this;
        }

        @Override
        public HttpClient.Builder sslContext(SSLContext context) {
            jdk.sslContext(context);
            return this;
        }

        @Override
        public HttpClient.Builder sslParameters(SSLParameters parameters) {
            jdk.sslParameters(parameters);
            return this;
        }

        @Override
        public HttpClient.Builder executor(Executor executor) {
            jdk.executor(executor);
            return this;
        }

        @Override
        public HttpClient.Builder followRedirects(Redirect policy) {
            jdk.followRedirects(policy);
            return this;
        }

        @Override
        public HttpClient.Builder version(Version version) {
            jdk.version(version);
            return this;
        }

        @Override
        public HttpClient.Builder priority(int priority) {
            jdk.priority(priority);
            return this;
        }

        @Override
        public HttpClient.Builder proxy(ProxySelector selector) {
            jdk.proxy(selector);
            return this;
        }

        @Override
        public HttpClient.Builder authenticator(Authenticator authenticator) {
            jdk.authenticator(authenticator);
            return this;
        }

        @Override
        public HttpClient build() {
            return new RememberingHttpClient(jdk.build());
        }
    }
}
