package dev.interlock.server.traces;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.interlock.monitor.spans.CallSpan;
import dev.interlock.monitor.spans.CallSpanBuilder;
import dev.interlock.server.http.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Reads OTLP as JSON: ids in hexadecimal digits, 64-bit numbers as texts or numbers, enums as numbers or names. What is
 * not asked for is skipped, token by token and without a tree. For one body and one thread.
 */
final class JsonSpans {
    private static final int DEEPEST = 100;
    private static final int LONGEST_MESSAGE = 8_192;
    private static final byte[] NOTHING = {};
    private static final byte[] WRONG = {0};
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNameLength(1_024)
                    .build())
            .build();

    private final JsonParser in;
    private final SpanList spans = new SpanList();

    private JsonSpans(JsonParser in) {
        this.in = in;
    }

    /**
     * Reads a request.
     *
     * @param body its bytes
     * @return its spans
     * @throws Problem 400 if it is no such request
     */
    static SpanList read(InputStream body) {
        try (JsonParser parser = FACTORY.createParser(body)) {
            JsonSpans reader = new JsonSpans(parser);
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Problem.invalid("The body must be a JSON object with resourceSpans");
            }
            reader.object(name -> {
                if (!name.equals("resourceSpans")) {
                    return false;
                }
                reader.array(() -> {
                    Sender sender = new Sender();
                    reader.object(field -> reader.resourceSpans(field, sender));
                });
                return true;
            });
            if (parser.nextToken() != null) {
                throw Problem.invalid("Something follows the JSON object of the body");
            }
            return reader.spans;
        } catch (JsonProcessingException broken) {
            JsonLocation at = broken.getLocation();
            throw Problem.invalid(
                    at == null
                            ? "The body is nested deeper than " + DEEPEST + ", or has a name or number that is too long"
                            : "The body is no JSON from line " + at.getLineNr() + ", column " + at.getColumnNr()
                                    + " on");
        } catch (IOException impossible) {
            throw Problem.invalid("The body cannot be read to its end");
        }
    }

    /** What is done with a member, whose value is the present token: false if it is to be skipped. */
    private interface Member {
        boolean read(String name) throws IOException;
    }

    private interface Element {
        void read() throws IOException;
    }

    private boolean resourceSpans(String name, Sender sender) throws IOException {
        switch (name) {
            case "resource" ->
                object(field -> {
                    if (!field.equals("attributes")) {
                        return false;
                    }
                    attributes(Sender::reads, sender::attribute);
                    return true;
                });
            case "scopeSpans" -> array(() -> object(field -> scopeSpans(field, sender)));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean scopeSpans(String name, Sender sender) throws IOException {
        switch (name) {
            case "spans" -> array(() -> new Reading(sender).span());
            case "scope" ->
                object(field -> {
                    if (!field.equals("attributes")) {
                        return false;
                    }
                    attributes(key -> key.startsWith("tailsampling."), (key, value) -> sender.isThinned());
                    return true;
                });
            default -> {
                return false;
            }
        }
        return true;
    }

    /** One span. */
    private final class Reading {
        private final Sender sender;
        private final CallSpanBuilder call = spans.call();
        private byte[] trace = NOTHING;
        private byte[] id = NOTHING;
        private byte[] parent = NOTHING;
        private String traceState = "";
        private long start;
        private long end;
        private String statusCode = "";
        private @Nullable String statusMessage;
        private boolean isException;
        private @Nullable String exceptionType;
        private @Nullable String exceptionMessage;

        Reading(Sender sender) {
            this.sender = sender;
        }

        void span() throws IOException {
            object(this::member);
            spans.add(trace, id, parent, traceState, start, end, sender);
        }

        private boolean member(String name) throws IOException {
            switch (name) {
                case "traceId" -> trace = bytes();
                case "spanId" -> id = bytes();
                case "parentSpanId" -> parent = bytes();
                case "traceState" -> traceState = text();
                case "name" -> call.name(text());
                case "startTimeUnixNano" -> start = number();
                case "endTimeUnixNano" -> end = number();
                case "attributes" -> attributes(CallSpan::reads, call::attribute);
                case "events" -> array(this::event);
                case "status" -> status();
                default -> {
                    return false;
                }
            }
            return true;
        }

        private void event() throws IOException {
            isException = false;
            exceptionType = null;
            exceptionMessage = null;
            object(name -> {
                switch (name) {
                    case "name" -> isException = text().equals("exception");
                    case "attributes" ->
                        attributes(
                                key -> key.equals("exception.type") || key.equals("exception.message"),
                                (key, value) -> {
                                    if (key.equals("exception.type")) {
                                        exceptionType = value;
                                    } else {
                                        exceptionMessage = value;
                                    }
                                });
                    default -> {
                        return false;
                    }
                }
                return true;
            });
            if (isException) {
                call.exception(exceptionType, exceptionMessage);
            }
        }

        private void status() throws IOException {
            object(name -> {
                switch (name) {
                    case "code" -> statusCode = text();
                    case "message" -> statusMessage = text();
                    default -> {
                        return false;
                    }
                }
                return true;
            });
            switch (statusCode) {
                case "1", "STATUS_CODE_OK" -> call.ok();
                case "2", "STATUS_CODE_ERROR" -> call.failed(statusMessage);
                default -> {}
            }
        }
    }

    private interface Wanted {
        boolean test(String key);
    }

    private interface Found {
        void accept(String key, String value);
    }

    /** A list of keys and values. A value that comes before its key is read, and dropped if the key is not wanted. */
    private void attributes(Wanted wanted, Found found) throws IOException {
        array(() -> {
            @Nullable String[] read = new @Nullable String[2];
            object(name -> {
                String key = read[0];
                if (name.equals("key")) {
                    read[0] = text();
                    return true;
                }
                if (name.equals("value") && (key == null || wanted.test(key))) {
                    read[1] = value();
                    return true;
                }
                return false;
            });
            String key = read[0];
            String value = read[1];
            if (key != null && value != null && wanted.test(key)) {
                found.accept(key, value);
            }
        });
    }

    /** A value as a text; of a list all its texts. */
    private String value() throws IOException {
        StringBuilder all = new StringBuilder();
        object(name -> {
            switch (name) {
                case "stringValue", "intValue", "boolValue", "doubleValue" -> all.append(text());
                case "arrayValue" ->
                    object(field -> {
                        if (!field.equals("values")) {
                            return false;
                        }
                        array(() -> object(each -> {
                            if (!each.equals("stringValue")) {
                                return false;
                            }
                            String text = text();
                            if (all.length() + text.length() < LONGEST_MESSAGE) {
                                all.append(all.isEmpty() ? "" : " ").append(text);
                            }
                            return true;
                        }));
                        return true;
                    });
                default -> {
                    return false;
                }
            }
            return true;
        });
        return all.toString();
    }

    /** The members of the object that begins here; anything else is skipped. */
    private void object(Member member) throws IOException {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            in.skipChildren();
            return;
        }
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            in.nextToken();
            if (!member.read(name)) {
                in.skipChildren();
            }
        }
    }

    /** The elements of the array that begins here; anything else is skipped. */
    private void array(Element element) throws IOException {
        if (in.currentToken() != JsonToken.START_ARRAY) {
            in.skipChildren();
            return;
        }
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (in.currentToken() == null) {
                return; // the parser says itself that the body breaks off
            }
            element.read();
        }
    }

    /** A text, number or truth; anything else is skipped, and empty. */
    private String text() throws IOException {
        if (!in.currentToken().isScalarValue() || in.currentToken() == JsonToken.VALUE_NULL) {
            in.skipChildren();
            return "";
        }
        if (in.getTextLength() > LONGEST_MESSAGE) {
            return new String(in.getTextCharacters(), in.getTextOffset(), LONGEST_MESSAGE);
        }
        return in.getText();
    }

    private long number() throws IOException {
        String text = text();
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException none) {
            return 0;
        }
    }

    private byte[] bytes() throws IOException {
        String text = text();
        if (text.length() > 64) {
            return WRONG;
        }
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException none) {
            return WRONG;
        }
    }
}
