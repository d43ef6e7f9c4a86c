package dev.interlock.monitor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.interlock.FailureClassifier;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends batches to a server's {@code POST /api/v1/logs/batch}. Time-outs, broken connections, 408, 429 and 5xx may be
 * better later; other refusals are final. Redirects are not followed: they would carry the key elsewhere.
 */
final class HttpSink implements EntrySink {
    private static final String PATH = "/api/v1/logs/batch";
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(15);
    private static final int TOO_LARGE = 413;
    private static final int SHOWN = 300;
    private static final JsonFactory JSON = new JsonFactory();

    private final URI address;
    private final String authorization;
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    HttpSink(URI server, String apiKey) {
        String scheme = String.valueOf(server.getScheme());
        if (!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https") || server.getHost() == null) {
            throw new IllegalArgumentException("The server's address must be like http://localhost:8080, but was "
                    + Redactor.standard().redact(server.toString()));
        }
        if (apiKey.isBlank() || !apiKey.chars().allMatch(each -> each > ' ' && each < 127)) {
            throw new IllegalArgumentException("The API key must be one word of printable ASCII characters");
        }
        String base = server.toString();
        this.address = URI.create(base.endsWith("/") ? base.substring(0, base.length() - 1) + PATH : base + PATH);
        this.authorization = "Bearer " + apiKey;
    }

    @Override
    public Receipt take(LogBatch batch) {
        HttpResponse<byte[]> response = send(body(batch));
        int status = response.statusCode();
        if (status >= 200 && status < 300) {
            return receipt(response.body(), batch.entries().size());
        }
        int size = batch.entries().size();
        if (status == TOO_LARGE && size > 1) {
            return halves(batch, size / 2);
        }
        String problem = "The server answered " + status + ": " + shown(response.body());
        if (status == 408 || status == 429 || status >= 500) {
            throw new SinkUnavailableException(problem, retryAfter(response), null);
        }
        throw new IllegalStateException(problem);
    }

    /** Sent again in two parts; entry ids keep the first from counting twice if only the second has to be retried. */
    private Receipt halves(LogBatch batch, int middle) {
        List<LogEntry> entries = batch.entries();
        Receipt first = take(new LogBatch(batch.organization(), batch.sentAt(), entries.subList(0, middle)));
        Receipt second =
                take(new LogBatch(batch.organization(), batch.sentAt(), entries.subList(middle, entries.size())));
        List<Receipt.Refusal> refused = new ArrayList<>(first.refused());
        for (Receipt.Refusal each : second.refused()) {
            refused.add(new Receipt.Refusal(each.index() + middle, each.problem()));
        }
        return new Receipt(first.accepted() + second.accepted(), refused);
    }

    private HttpResponse<byte[]> send(byte[] body) {
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(ANSWER)
                .header("Authorization", authorization)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException away) {
            throw new SinkUnavailableException("The server cannot be reached: " + away, null, away);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new SinkUnavailableException("Sending was interrupted", null, interrupted);
        }
    }

    private static byte[] body(LogBatch batch) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(8_192);
        try {
            LogBatchWriter.write(batch, bytes);
        } catch (IOException unexpected) {
            throw new IllegalStateException("The batch could not be written: " + unexpected.getMessage(), unexpected);
        }
        return bytes.toByteArray();
    }

    /** The header's seconds or date. */
    private static @Nullable Duration retryAfter(HttpResponse<?> response) {
        String value = response.headers().firstValue("Retry-After").orElse(null);
        return value == null
                ? null
                : FailureClassifier.ofHttpStatus(429, value, Instant.now()).retryAfter();
    }

    /** {@code {"accepted": 49, "refused": 1, "errors": [{"index": 7, "detail": "…"}]}}; another answer means all. */
    private static Receipt receipt(byte[] body, int size) {
        List<Receipt.Refusal> refused = new ArrayList<>();
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    boolean errors = "errors".equals(json.currentName());
                    if (json.nextToken() == JsonToken.START_ARRAY && errors) {
                        while (json.nextToken() == JsonToken.START_OBJECT) {
                            refused.add(refusal(json));
                        }
                    } else {
                        json.skipChildren();
                    }
                }
            }
        } catch (IOException unreadable) {
            return Receipt.ofAll(size);
        }
        return new Receipt(Math.max(0, size - refused.size()), refused);
    }

    private static Receipt.Refusal refusal(JsonParser json) throws IOException {
        int index = -1;
        String detail = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            if ("index".equals(name)) {
                index = json.getValueAsInt(-1);
            } else if ("detail".equals(name)) {
                detail = json.getValueAsString("");
            }
            json.skipChildren();
        }
        return new Receipt.Refusal(index, detail);
    }

    private static String shown(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    }
}
