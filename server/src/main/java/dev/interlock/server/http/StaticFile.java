package dev.interlock.server.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A file or page for browsers, whole in memory: it can be read by anybody and by no other method than GET and HEAD.
 * Immutable.
 *
 * @param contentType what it is
 * @param tag its entity tag, quotes included; another content has another tag
 * @param content its bytes
 */
public record StaticFile(String contentType, String tag, Buffer content) {
    private static final int TAG_BYTES = 16;
    private static final String METHODS = "GET, HEAD, OPTIONS";

    /**
     * A file of such a content.
     *
     * @param name whose ending says what it is
     * @param bytes its content
     * @return it
     */
    public static StaticFile of(String name, byte[] bytes) {
        return new StaticFile(contentType(name), tag(bytes), Buffer.buffer(bytes));
    }

    /**
     * Reads a file that lies on the class path.
     *
     * @param path from the root of the class path, without a slash in front
     * @return it
     * @throws IllegalStateException if it is not there
     */
    public static StaticFile read(String path) {
        return of(path, bytes(path));
    }

    /**
     * Reads the content of a file that lies on the class path.
     *
     * @param path from the root of the class path, without a slash in front
     * @return its bytes
     * @throws IllegalStateException if it is not there
     */
    public static byte[] bytes(String path) {
        try (InputStream in = StaticFile.class.getResourceAsStream("/" + path)) {
            if (in == null) {
                throw new IllegalStateException(path + " is missing from the jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Answers what does not read: with the methods that there are, or with a refusal.
     *
     * @param request for a file or page
     * @return false if it reads, and is to be answered with what it asks for
     */
    public static boolean answeredOtherMethod(HttpServerRequest request) {
        HttpMethod method = request.method();
        if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
            return false;
        }
        HttpServerResponse response = request.response().putHeader("Allow", METHODS);
        if (method.equals(HttpMethod.OPTIONS)) {
            response.setStatusCode(204).end();
        } else {
            Problem problem = new Problem(
                    405,
                    "method-not-allowed",
                    "Method not allowed",
                    "This is a page, which can only be read; allowed: " + METHODS);
            response.setStatusCode(problem.status())
                    .putHeader("Content-Type", Problem.MEDIA_TYPE)
                    .end(problem.json().toBuffer());
        }
        return true;
    }

    /**
     * Answers with it, or with 304 to a browser that has it already.
     *
     * @param request that reads it
     * @param policy what the page may load, as a Content-Security-Policy
     */
    public void answer(HttpServerRequest request, String policy) {
        HttpServerResponse response = begin(request, policy, 200).putHeader("ETag", tag);
        if (isKnown(request.getHeader("If-None-Match"))) {
            response.setStatusCode(304).end();
        } else {
            response.putHeader("Content-Type", contentType).end(content);
        }
    }

    /**
     * Answers with it in place of what does not exist.
     *
     * @param request that reads something else
     * @param policy what the page may load, as a Content-Security-Policy
     */
    public void answerNotFound(HttpServerRequest request, String policy) {
        begin(request, policy, 404).putHeader("Content-Type", contentType).end(content);
    }

    private static HttpServerResponse begin(HttpServerRequest request, String policy, int status) {
        return request.response()
                .setStatusCode(status)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Content-Security-Policy", policy)
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Cache-Control", "no-cache");
    }

    /** Whether the browser has this very content; a weak tag will do, as RFC 9110 says. */
    private boolean isKnown(@Nullable String tags) {
        if (tags == null) {
            return false;
        }
        for (String each : tags.split(",", -1)) {
            String known = each.strip();
            if (known.equals("*") || known.equals(tag) || known.equals("W/" + tag)) {
                return true;
            }
        }
        return false;
    }

    private static String contentType(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "html" -> "text/html; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "js" -> "text/javascript; charset=utf-8";
            case "svg" -> "image/svg+xml";
            case "png" -> "image/png";
            case "json" -> "application/json";
            default -> "text/plain; charset=utf-8";
        };
    }

    private static String tag(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return '"' + HexFormat.of().formatHex(digest, 0, TAG_BYTES) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
