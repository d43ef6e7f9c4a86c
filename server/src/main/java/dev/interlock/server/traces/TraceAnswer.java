package dev.interlock.server.traces;

import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** What OTLP answers to a request that was read: nothing, or how many of its spans were refused and why. */
final class TraceAnswer {
    private TraceAnswer() {}

    static Buffer json(SpanList spans) {
        JsonObject answer = new JsonObject();
        if (spans.refused() > 0) {
            answer.put(
                    "partialSuccess",
                    new JsonObject()
                            .put("rejectedSpans", Integer.toString(spans.refused()))
                            .put("errorMessage", spans.problem()));
        }
        return answer.toBuffer();
    }

    static Buffer protobuf(SpanList spans) {
        if (spans.refused() == 0) {
            return Buffer.buffer();
        }
        return Buffer.buffer(ExportTraceServiceResponse.newBuilder()
                .setPartialSuccess(ExportTracePartialSuccess.newBuilder()
                        .setRejectedSpans(spans.refused())
                        .setErrorMessage(String.valueOf(spans.problem())))
                .build()
                .toByteArray());
    }
}
