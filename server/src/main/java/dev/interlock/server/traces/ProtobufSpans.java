package dev.interlock.server.traces;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.interlock.monitor.spans.CallSpan;
import dev.interlock.monitor.spans.CallSpanBuilder;
import dev.interlock.server.http.Problem;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads OTLP as protobuf, field by field and without a tree: what is not asked for is skipped as bytes and never becomes a
 * text, however long or deep it is. For one body and one thread.
 */
final class ProtobufSpans {
    private static final int BUFFER = 8_192;
    private static final int LONGEST_KEY = 128;

    /** A character more than what a name may have, so that a longer one is seen to be none. */
    private static final int LONGEST_VALUE = 513;

    /** Messages of exceptions are looked at so far. */
    private static final int LONGEST_MESSAGE = 8_192;

    private static final int TOO_LONG_FOR_AN_ID = 17;
    private static final byte[] NOTHING = {};

    private final CodedInputStream in;
    private final SpanList spans;

    private ProtobufSpans(InputStream body, SpanList spans) {
        this.in = CodedInputStream.newInstance(body, BUFFER);
        this.spans = spans;
    }

    /**
     * Reads a request.
     *
     * @param body its bytes
     * @return its spans
     * @throws Problem 400 if it is no such request
     */
    static SpanList read(InputStream body) {
        SpanList spans = new SpanList();
        ProtobufSpans reader = new ProtobufSpans(body, spans);
        try {
            reader.message(tag -> {
                if (!reader.is(tag, ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER)) {
                    return false;
                }
                Sender sender = new Sender();
                reader.nested(field -> reader.resourceSpans(field, sender));
                return true;
            });
        } catch (InvalidProtocolBufferException broken) {
            throw Problem.invalid(
                    "The body is no ExportTraceServiceRequest in protobuf: it breaks off or has a field of"
                            + " another kind after " + reader.in.getTotalBytesRead() + " bytes");
        } catch (IOException impossible) {
            throw Problem.invalid("The body cannot be read to its end");
        }
        return spans;
    }

    /** What is done with a field of a message: false if it is to be skipped. */
    private interface Field {
        boolean read(int tag) throws IOException;
    }

    private boolean resourceSpans(int tag, Sender sender) throws IOException {
        if (is(tag, ResourceSpans.RESOURCE_FIELD_NUMBER)) {
            nested(field -> {
                if (!is(field, Resource.ATTRIBUTES_FIELD_NUMBER)) {
                    return false;
                }
                attribute(Sender::reads, sender::attribute);
                return true;
            });
            return true;
        }
        if (is(tag, ResourceSpans.SCOPE_SPANS_FIELD_NUMBER)) {
            nested(field -> scopeSpans(field, sender));
            return true;
        }
        return false;
    }

    private boolean scopeSpans(int tag, Sender sender) throws IOException {
        if (is(tag, ScopeSpans.SPANS_FIELD_NUMBER)) {
            new Reading(sender).span();
            return true;
        }
        if (is(tag, ScopeSpans.SCOPE_FIELD_NUMBER)) {
            nested(field -> {
                if (!is(field, InstrumentationScope.ATTRIBUTES_FIELD_NUMBER)) {
                    return false;
                }
                attribute(key -> key.startsWith("tailsampling."), (key, value) -> sender.isThinned());
                return true;
            });
            return true;
        }
        return false;
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
        private int statusCode;
        private @Nullable String statusMessage;
        private boolean isException;
        private @Nullable String exceptionType;
        private @Nullable String exceptionMessage;

        Reading(Sender sender) {
            this.sender = sender;
        }

        void span() throws IOException {
            nested(this::field);
            spans.add(trace, id, parent, traceState, start, end, sender);
        }

        private boolean field(int tag) throws IOException {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case Span.TRACE_ID_FIELD_NUMBER -> trace = bytes(tag);
                case Span.SPAN_ID_FIELD_NUMBER -> id = bytes(tag);
                case Span.PARENT_SPAN_ID_FIELD_NUMBER -> parent = bytes(tag);
                case Span.TRACE_STATE_FIELD_NUMBER -> traceState = text(tag, LONGEST_VALUE);
                case Span.NAME_FIELD_NUMBER -> call.name(text(tag, LONGEST_VALUE));
                case Span.START_TIME_UNIX_NANO_FIELD_NUMBER -> start = fixed(tag);
                case Span.END_TIME_UNIX_NANO_FIELD_NUMBER -> end = fixed(tag);
                case Span.ATTRIBUTES_FIELD_NUMBER -> {
                    length(tag);
                    attribute(CallSpan::reads, call::attribute);
                }
                case Span.EVENTS_FIELD_NUMBER -> event(tag);
                case Span.STATUS_FIELD_NUMBER -> status(tag);
                default -> {
                    return false;
                }
            }
            return true;
        }

        private void event(int tag) throws IOException {
            length(tag);
            isException = false;
            exceptionType = null;
            exceptionMessage = null;
            nested(field -> {
                if (is(field, Span.Event.NAME_FIELD_NUMBER)) {
                    isException = text(field, LONGEST_KEY).equals("exception");
                    return true;
                }
                if (is(field, Span.Event.ATTRIBUTES_FIELD_NUMBER)) {
                    attribute(key -> key.equals("exception.type") || key.equals("exception.message"), (key, value) -> {
                        if (key.equals("exception.type")) {
                            exceptionType = value;
                        } else {
                            exceptionMessage = value;
                        }
                    });
                    return true;
                }
                return false;
            });
            if (isException) {
                call.exception(exceptionType, exceptionMessage);
            }
        }

        private void status(int tag) throws IOException {
            length(tag);
            statusCode = Status.StatusCode.STATUS_CODE_UNSET_VALUE;
            statusMessage = null;
            nested(field -> {
                switch (WireFormat.getTagFieldNumber(field)) {
                    case Status.CODE_FIELD_NUMBER -> {
                        must(field, WireFormat.WIRETYPE_VARINT);
                        statusCode = in.readEnum();
                    }
                    case Status.MESSAGE_FIELD_NUMBER -> statusMessage = text(field, LONGEST_MESSAGE);
                    default -> {
                        return false;
                    }
                }
                return true;
            });
            if (statusCode == Status.StatusCode.STATUS_CODE_ERROR_VALUE) {
                call.failed(statusMessage);
            } else if (statusCode == Status.StatusCode.STATUS_CODE_OK_VALUE) {
                call.ok();
            }
        }
    }

    private interface Wanted {
        boolean test(String key);
    }

    private interface Found {
        void accept(String key, String value);
    }

    /** A KeyValue. A value that comes before its key is read, and dropped if the key is not wanted. */
    private void attribute(Wanted wanted, Found found) throws IOException {
        @Nullable String[] read = new @Nullable String[2];
        nested(field -> {
            String key = read[0];
            if (is(field, KeyValue.KEY_FIELD_NUMBER)) {
                read[0] = text(field, LONGEST_KEY);
                return true;
            }
            if (is(field, KeyValue.VALUE_FIELD_NUMBER) && (key == null || wanted.test(key))) {
                boolean isMessage = key == null || key.equals("exception.message");
                read[1] = value(isMessage ? LONGEST_MESSAGE : LONGEST_VALUE);
                return true;
            }
            return false;
        });
        String key = read[0];
        String value = read[1];
        if (key != null && value != null && wanted.test(key)) {
            found.accept(key, value);
        }
    }

    /** An AnyValue as a text; of a list all its texts. Maps and bytes are skipped. */
    private String value(int longest) throws IOException {
        StringBuilder all = new StringBuilder();
        nested(field -> {
            switch (WireFormat.getTagFieldNumber(field)) {
                case AnyValue.STRING_VALUE_FIELD_NUMBER -> all.append(text(field, longest));
                case AnyValue.BOOL_VALUE_FIELD_NUMBER -> {
                    must(field, WireFormat.WIRETYPE_VARINT);
                    all.append(in.readBool());
                }
                case AnyValue.INT_VALUE_FIELD_NUMBER -> {
                    must(field, WireFormat.WIRETYPE_VARINT);
                    all.append(in.readInt64());
                }
                case AnyValue.ARRAY_VALUE_FIELD_NUMBER -> {
                    length(field);
                    nested(each -> each(each, all, longest));
                }
                default -> {
                    return false;
                }
            }
            return true;
        });
        return all.toString();
    }

    private boolean each(int tag, StringBuilder all, int longest) throws IOException {
        if (!is(tag, ArrayValue.VALUES_FIELD_NUMBER)) {
            return false;
        }
        nested(field -> {
            if (!is(field, AnyValue.STRING_VALUE_FIELD_NUMBER)) {
                return false;
            }
            String text = text(field, longest);
            if (all.length() + text.length() < longest) {
                all.append(all.isEmpty() ? "" : " ").append(text);
            }
            return true;
        });
        return true;
    }

    /** A field of this number, which must be of bytes: a message, a text. Its length is read later. */
    private boolean is(int tag, int number) throws IOException {
        if (WireFormat.getTagFieldNumber(tag) != number) {
            return false;
        }
        length(tag);
        return true;
    }

    private static void length(int tag) throws IOException {
        must(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    }

    private static void must(int tag, int type) throws IOException {
        if (WireFormat.getTagWireType(tag) != type) {
            throw new InvalidProtocolBufferException("a field of another kind");
        }
    }

    /** The message that follows, with its length before it. */
    private void nested(Field field) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        message(field);
        if (in.getBytesUntilLimit() != 0) {
            throw new InvalidProtocolBufferException("it breaks off");
        }
        in.popLimit(limit);
    }

    /** All fields up to the limit. Groups are of no version of OTLP, and would be skipped by recursion. */
    private void message(Field field) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int type = WireFormat.getTagWireType(tag);
            if (type == WireFormat.WIRETYPE_START_GROUP || type == WireFormat.WIRETYPE_END_GROUP) {
                throw new InvalidProtocolBufferException("a group");
            }
            if (!field.read(tag)) {
                in.skipField(tag);
            }
        }
    }

    /** A text; what is longer than the limit is skipped except for its beginning. */
    private String text(int tag, int longest) throws IOException {
        length(tag);
        int length = in.readRawVarint32();
        int taken = Math.min(length, longest);
        String text = new String(in.readRawBytes(taken), StandardCharsets.UTF_8);
        in.skipRawBytes(length - taken);
        return text;
    }

    /** An id; a longer one keeps no more than shows that it is wrong. */
    private byte[] bytes(int tag) throws IOException {
        length(tag);
        int length = in.readRawVarint32();
        int taken = Math.min(length, TOO_LONG_FOR_AN_ID);
        byte[] bytes = in.readRawBytes(taken);
        in.skipRawBytes(length - taken);
        return bytes;
    }

    private long fixed(int tag) throws IOException {
        must(tag, WireFormat.WIRETYPE_FIXED64);
        return in.readFixed64();
    }
}
