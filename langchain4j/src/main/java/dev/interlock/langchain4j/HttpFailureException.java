package dev.interlock.langchain4j;

import dev.langchain4j.exception.HttpException;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;

/** An answer with an error status, with its headers, in which providers say when to come back. */
public final class HttpFailureException extends HttpException {
    private static final long serialVersionUID = 1;

    private final transient Map<String, List<String>> headers;

    HttpFailureException(HttpException without, HttpHeaders headers) {
        super(without.statusCode(), without.getMessage());
        this.headers = headers.map();
        setStackTrace(without.getStackTrace());
    }

    /**
     * The answer's headers.
     *
     * @return the values by name, in which the case of letters does not count; unmodifiable
     */
    public Map<String, List<String>> headers() {
        return headers;
    }
}
