package dev.interlock.langchain4j;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.jdk.JdkHttpClient;
import dev.langchain4j.http.client.jdk.JdkHttpClientBuilder;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.net.http.HttpHeaders;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * LangChain4j's client over the JDK's, which keeps the headers of failures: without it a {@code Retry-After} never reaches a
 * circuit, since LangChain4j's exceptions have a status and a body only.
 *
 * <pre>{@code
 * OpenAiChatModel.builder().httpClientBuilder(HeaderKeepingHttpClient.builder()) …
 * }</pre>
 *
 * <p>Safe for use by any thread.
 */
public final class HeaderKeepingHttpClient implements HttpClient {
    static {
        LeastRelease.require();
    }

    private final JdkHttpClient client;

    private HeaderKeepingHttpClient(JdkHttpClient client) {
        this.client = client;
    }

    /**
     * Builds clients over a plain one of the JDK.
     *
     * @return what a model's {@code httpClientBuilder} takes
     */
    public static HttpClientBuilder builder() {
        return builder(java.net.http.HttpClient.newBuilder());
    }

    /**
     * Builds clients over one of the user's own.
     *
     * @param jdk with its proxy, TLS and executor
     * @return what a model's {@code httpClientBuilder} takes
     */
    public static HttpClientBuilder builder(java.net.http.HttpClient.Builder jdk) {
        return new Builder(JdkHttpClient.builder().httpClientBuilder(new RememberingHttpClient.Builder(jdk)));
    }

    @Override
    public SuccessfulHttpResponse execute(HttpRequest request) {
        RememberingHttpClient.Answer answer = RememberingHttpClient.remember();
        try {
            return client.execute(request);
        } catch (HttpException failed) {
            throw (HttpException) withHeaders(failed, answer);
        } finally {
            RememberingHttpClient.forget();
        }
    }

    @Override
    public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
        RememberingHttpClient.Answer answer = RememberingHttpClient.remember();
        try {
            client.execute(request, parser, new Listener(listener, answer));
        } finally {
            RememberingHttpClient.forget();
        }
    }

    private static Throwable withHeaders(Throwable failed, RememberingHttpClient.Answer answer) {
        HttpHeaders headers = answer.headers();
        return failed instanceof HttpException http && headers != null
                ? new HttpFailureException(http, headers)
                : failed;
    }

    private record Listener(ServerSentEventListener listener, RememberingHttpClient.Answer answer)
            implements ServerSentEventListener {
        @Override
        public void onOpen(SuccessfulHttpResponse response) {
            listener.onOpen(response);
        }

        @Override
        public void onEvent(ServerSentEvent event) {
            listener.onEvent(event);
        }

        @Override
        public void onEvent(ServerSentEvent event, ServerSentEventContext context) {
            listener.onEvent(event, context);
        }

        @Override
        public void onError(Throwable thrown) {
            listener.onError(withHeaders(thrown, answer));
        }

        @Override
        public void onClose() {
            listener.onClose();
        }
    }

    private record Builder(JdkHttpClientBuilder jdk) implements HttpClientBuilder {
        @Override
        public @Nullable Duration connectTimeout() {
            return jdk.connectTimeout();
        }

        @Override
        public HttpClientBuilder connectTimeout(Duration limit) {
            jdk.connectTimeout(limit);
            return this;
        }

        @Override
        public @Nullable Duration readTimeout() {
            return jdk.readTimeout();
        }

        @Override
        public HttpClientBuilder readTimeout(Duration limit) {
            jdk.readTimeout(limit);
            return this;
        }

        @Override
        public HttpClient build() {
            return new HeaderKeepingHttpClient(jdk.build());
        }
    }
}
