package okhttp3;

import org.jspecify.annotations.Nullable;

/** Bears the name of OkHttp's answer, with the accessors that it has; its body is read once. */
public final class Response {
    private final int code;
    private final @Nullable String retryAfter;
    private @Nullable String body;

    public Response(int code, @Nullable String retryAfter, String body) {
        this.code = code;
        this.retryAfter = retryAfter;
        this.body = body;
    }

    public int code() {
        return code;
    }

    public @Nullable String header(String name) {
        return name.equals("retry-after") ? retryAfter : null;
    }

    /** A copy of the body's beginning, which stays for its reader. */
    public ResponseBody peekBody(long most) {
        if (body == null) {
            throw new IllegalStateException("closed");
        }
        return new ResponseBody(body.substring(0, (int) Math.min(body.length(), most)));
    }

    /** For the reader alone: a second one finds nothing. */
    public ResponseBody body() {
        if (body == null) {
            throw new IllegalStateException("closed");
        }
        ResponseBody read = new ResponseBody(body);
        body = null;
        return read;
    }

    /** A body, which is no text itself. */
    public static final class ResponseBody {
        private final String text;

        ResponseBody(String text) {
            this.text = text;
        }

        public String string() {
            return text;
        }
    }
}
