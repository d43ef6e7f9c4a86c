package dev.interlock;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Exceptions of the JDK and of widespread clients by the names of their classes, each with its subclasses. Names of mere
 * wrappers around an I/O error are apart: they say something only where nothing else does.
 */
final class KnownFailures {
    private static final Map<String, FailureKind> KNOWN = new HashMap<>();
    private static final Map<String, FailureKind> WRAPPERS = new HashMap<>();

    static {
        known(FailureKind.CANCELLED, "java.lang.", "InterruptedException");
        known(FailureKind.CANCELLED, "java.io.", "InterruptedIOException");
        known(FailureKind.CANCELLED, "java.nio.channels.", "ClosedByInterruptException");
        known(FailureKind.CANCELLED, "java.util.concurrent.", "CancellationException");
        known(FailureKind.TIMEOUT, "java.util.concurrent.", "TimeoutException");
        known(FailureKind.TIMEOUT, "dev.interlock.", "StreamTimeoutException");
        known(FailureKind.TIMEOUT, "java.net.", "SocketTimeoutException");
        known(FailureKind.TIMEOUT, "java.net.http.", "HttpTimeoutException");
        known(
                FailureKind.CONNECTION,
                "java.net.",
                "SocketException",
                "UnknownHostException",
                "UnknownServiceException");
        known(FailureKind.CONNECTION, "java.nio.channels.", "ClosedChannelException", "UnresolvedAddressException");
        known(FailureKind.CONNECTION, "javax.net.ssl.", "SSLException");
        known(FailureKind.CONNECTION, "java.net.", "ProtocolException");

        known(FailureKind.TIMEOUT, "org.apache.http.conn.", "ConnectTimeoutException");
        known(FailureKind.TIMEOUT, "org.apache.hc.core5.http.", "ConnectionRequestTimeoutException");
        for (String apache : new String[] {"org.apache.http.", "org.apache.hc.core5.http."}) {
            known(
                    FailureKind.CONNECTION,
                    apache,
                    "NoHttpResponseException",
                    "ConnectionClosedException",
                    "MalformedChunkCodingException");
        }
        known(FailureKind.CONNECTION, "okhttp3.internal.http2.", "StreamResetException", "ConnectionShutdownException");
        known(FailureKind.CONNECTION, "reactor.netty.http.client.", "PrematureCloseException");

        String netty = "io.netty.";
        known(FailureKind.TIMEOUT, netty, "handler.timeout.TimeoutException", "channel.ConnectTimeoutException");

        known(FailureKind.LOOP, "org.springframework.ai.model.tool.", "ToolCallLimitExceededException");
        known(FailureKind.LOOP, "com.google.adk.exceptions.", "LlmCallsLimitExceededException");

        String langChain = "dev.langchain4j.exception.";
        known(FailureKind.AUTHENTICATION, langChain, "AuthenticationException");
        known(FailureKind.RATE_LIMITED, langChain, "RateLimitException");
        known(FailureKind.TIMEOUT, langChain, "TimeoutException");
        known(FailureKind.MODEL_NOT_FOUND, langChain, "ModelNotFoundException");
        known(FailureKind.CONTENT_FILTERED, langChain, "ContentFilteredException");
        known(FailureKind.INVALID_REQUEST, langChain, "InvalidRequestException", "UnsupportedFeatureException");
        known(FailureKind.SERVER_ERROR, langChain, "InternalServerException");
        known(FailureKind.CONNECTION, langChain, "UnresolvedModelServerException");
        known(FailureKind.TOOL_ERROR, langChain, "ToolExecutionException");
        known(FailureKind.MALFORMED_OUTPUT, langChain, "ToolArgumentsException");

        for (String sdk : new String[] {"com.openai.errors.", "com.anthropic.errors."}) {
            known(FailureKind.RATE_LIMITED, sdk, "RateLimitException");
            known(FailureKind.AUTHENTICATION, sdk, "UnauthorizedException");
            known(FailureKind.FORBIDDEN, sdk, "PermissionDeniedException");
            known(
                    FailureKind.INVALID_REQUEST,
                    sdk,
                    "BadRequestException",
                    "NotFoundException",
                    "UnprocessableEntityException");
            known(FailureKind.SERVER_ERROR, sdk, "InternalServerException");
        }
        known(FailureKind.MALFORMED_OUTPUT, "com.openai.errors.", "OpenAIInvalidDataException");
        known(FailureKind.MALFORMED_OUTPUT, "com.anthropic.errors.", "AnthropicInvalidDataException");
        wrapper(FailureKind.CONNECTION, "com.openai.errors.", "OpenAIIoException");
        wrapper(FailureKind.CONNECTION, "com.anthropic.errors.", "AnthropicIoException");

        String spring = "org.springframework.web.client.HttpClientErrorException$";
        String springServer = "org.springframework.web.client.HttpServerErrorException";
        String springReactive = "org.springframework.web.reactive.function.client.WebClientResponseException$";
        for (String answer : new String[] {spring, springReactive}) {
            known(FailureKind.RATE_LIMITED, answer, "TooManyRequests");
            known(FailureKind.AUTHENTICATION, answer, "Unauthorized");
            known(FailureKind.FORBIDDEN, answer, "Forbidden");
            known(
                    FailureKind.INVALID_REQUEST,
                    answer,
                    "BadRequest",
                    "NotFound",
                    "MethodNotAllowed",
                    "NotAcceptable",
                    "Conflict",
                    "Gone",
                    "UnsupportedMediaType",
                    "UnprocessableEntity",
                    "UnprocessableContent");
        }
        for (String answer : new String[] {springServer + "$", springReactive}) {
            known(FailureKind.OVERLOADED, answer, "ServiceUnavailable");
            known(FailureKind.TIMEOUT, answer, "GatewayTimeout");
            known(FailureKind.SERVER_ERROR, answer, "InternalServerError", "NotImplemented", "BadGateway");
        }
        known(FailureKind.SERVER_ERROR, springServer, "");
        wrapper(
                FailureKind.CONNECTION,
                "org.springframework.web.reactive.function.client.",
                "WebClientRequestException");
        wrapper(FailureKind.CONNECTION, "org.springframework.web.client.", "ResourceAccessException");

        String bedrock = "software.amazon.awssdk.services.bedrockruntime.model.";
        known(FailureKind.RATE_LIMITED, bedrock, "ThrottlingException");
        known(FailureKind.QUOTA_EXHAUSTED, bedrock, "ServiceQuotaExceededException");
        known(FailureKind.FORBIDDEN, bedrock, "AccessDeniedException");
        known(FailureKind.TIMEOUT, bedrock, "ModelTimeoutException");
        known(FailureKind.OVERLOADED, bedrock, "ServiceUnavailableException", "ModelNotReadyException");
        known(
                FailureKind.SERVER_ERROR,
                bedrock,
                "InternalServerException",
                "ModelErrorException",
                "ModelStreamErrorException");
        known(FailureKind.INVALID_REQUEST, bedrock, "ValidationException", "ConflictException");
        known(FailureKind.MODEL_NOT_FOUND, bedrock, "ResourceNotFoundException");

        String aws = "software.amazon.awssdk.core.exception.";
        known(FailureKind.TIMEOUT, aws, "ApiCallTimeoutException", "ApiCallAttemptTimeoutException");
        known(FailureKind.CANCELLED, aws, "AbortedException");

        known(FailureKind.MALFORMED_OUTPUT, "com.fasterxml.jackson.core.", "JsonProcessingException");
        known(FailureKind.MALFORMED_OUTPUT, "tools.jackson.core.", "JacksonException");
        known(FailureKind.MALFORMED_OUTPUT, "com.google.gson.", "JsonParseException");
        wrapper(FailureKind.CONNECTION, "tools.jackson.core.exc.", "JacksonIOException");
        wrapper(FailureKind.CONNECTION, "com.google.gson.", "JsonIOException");
        wrapper(FailureKind.CONNECTION, "com.google.genai.errors.", "GenAiIOException");
        known(
                FailureKind.MALFORMED_OUTPUT,
                langChain.replace("exception.", "service.output."),
                "OutputParsingException");
        known(FailureKind.AUTHENTICATION, "com.anthropic.errors.", "NoCredentialsException");
        known(FailureKind.AUTHENTICATION, "com.azure.core.exception.", "ClientAuthenticationException");
    }

    private KnownFailures() {}

    /** What the class of an exception is known as, itself or by a superclass; null if it is not, or a mere wrapper. */
    static @Nullable FailureKind of(Class<?> type) {
        // A wrapper around an I/O error is no parse error, though its superclass says so.
        return find(type, WRAPPERS) == null ? find(type, KNOWN) : null;
    }

    /** What a mere wrapper stands for where nothing that it wraps is known; null if the class is none. */
    static @Nullable FailureKind ofWrapper(Class<?> type) {
        return find(type, WRAPPERS);
    }

    /** By its own name or a superclass'. Nothing is remembered by class: it would keep classes from being unloaded. */
    private static @Nullable FailureKind find(Class<?> type, Map<String, FailureKind> names) {
        for (Class<?> each = type; each != Throwable.class && each != null; each = each.getSuperclass()) {
            FailureKind known = names.get(each.getName());
            if (known != null) {
                return known;
            }
        }
        return null;
    }

    private static void known(FailureKind kind, String prefix, String... names) {
        for (String name : names) {
            KNOWN.put(prefix + name, kind);
        }
    }

    private static void wrapper(FailureKind kind, String prefix, String name) {
        WRAPPERS.put(prefix + name, kind);
    }
}
