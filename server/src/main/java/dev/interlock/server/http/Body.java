package dev.interlock.server.http;

import dev.interlock.server.text.Texts;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Validator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the body of an operation must be.
 *
 * @param required whether a call must have one
 * @param mediaTypes what it may be written as, in lower case
 * @param takesGzip whether it may come as gzip
 * @param maxBytes how long it may be, inflated
 * @param schema what its JSON must be
 * @param validator judges it by that
 */
record Body(
        boolean required,
        Set<String> mediaTypes,
        boolean takesGzip,
        int maxBytes,
        JsonObject schema,
        Validator validator) {

    /** Refuses what the headers say of a body that cannot be read, or is too long. */
    void checkHeaders(HttpServerRequest request) {
        List<String> types = request.headers().getAll("Content-Type");
        if (types.size() > 1) {
            throw Problem.invalid("The request has " + types.size() + " Content-Type headers; it may have one");
        }
        if (!types.isEmpty()) {
            checkMediaType(types.get(0));
        }
        checkCoding(request.headers().getAll("Content-Encoding"));
        if (ContentLength.of(request) > maxBytes) {
            throw tooLarge();
        }
    }

    /** Whether the headers, which have been checked, say that it is gzip. */
    boolean isGzip(HttpServerRequest request) {
        String coding = request.getHeader("Content-Encoding");
        return coding != null && coding.strip().toLowerCase(Locale.ROOT).endsWith("gzip");
    }

    /** Another media type than those of the contract; none at all is taken for the first. */
    private void checkMediaType(String contentType) {
        String[] parts = contentType.split(";", -1);
        if (!mediaTypes.contains(parts[0].strip().toLowerCase(Locale.ROOT))) {
            throw unsupported("The body is declared as '" + Texts.shown(contentType) + "'; it must be "
                    + String.join(" or ", mediaTypes));
        }
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip().toLowerCase(Locale.ROOT).replace("\"", "");
            if (parameter.startsWith("charset") && !parameter.equals("charset=utf-8")) {
                throw unsupported("The body is declared with '" + Texts.shown(parts[i].strip())
                        + "'; it must be in UTF-8, with charset=utf-8 or none");
            }
        }
    }

    private void checkCoding(List<String> codings) {
        if (codings.isEmpty()) {
            return;
        }
        String coding = String.join(", ", codings).strip().toLowerCase(Locale.ROOT);
        boolean gzip = coding.equals("gzip") || coding.equals("x-gzip");
        if (gzip && takesGzip || coding.equals("identity")) {
            return;
        }
        throw unsupported("The body has the Content-Encoding '" + Texts.shown(coding) + "'; "
                        + (takesGzip ? "it must be gzip or none" : "this call takes none"))
                .header("Accept-Encoding", takesGzip ? "gzip" : "identity");
    }

    private static Problem unsupported(String detail) {
        return new Problem(415, "unsupported-media-type", "Unsupported media type", detail);
    }

    Problem tooLarge() {
        return Problem.tooLarge("The body may have at most " + maxBytes + " bytes");
    }

    /** Reads and checks a body. Null if there is none and need not be one. */
    @Nullable
    Object read(Buffer bytes) {
        if (bytes.length() == 0) {
            if (required) {
                throw Problem.invalid("The body is missing; it must be JSON");
            }
            return null;
        }
        Object value = StrictJson.read(bytes);
        Complaints.throwIfAny("", schema, value, validator.validate(value));
        return value;
    }
}
