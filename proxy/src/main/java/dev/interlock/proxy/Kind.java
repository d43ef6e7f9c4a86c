package dev.interlock.proxy;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a request asks for, as far as the proxy judges that. */
enum Kind {
    /** OpenAI's chat completions. */
    CHAT(Api.OPENAI, "/chat/completions"),
    /** OpenAI's responses. */
    RESPONSES(Api.OPENAI, "/responses"),
    /** OpenAI's embeddings. */
    EMBEDDINGS(Api.OPENAI, "/embeddings"),
    /** Anthropic's messages. */
    MESSAGES(Api.ANTHROPIC, "/messages"),
    /** A message of JSON-RPC to an MCP server. */
    RPC(Api.MCP, null),
    /** A client of MCP that waits for what the server says by itself, mostly nothing. */
    LISTENING(Api.MCP, null),
    /** Passed through, and judged by status. */
    PLAIN(Api.OTHER, null);

    private static final Map<String, Kind> BY_PATH = new HashMap<>();

    static {
        for (Kind each : values()) {
            if (each.path != null) {
                BY_PATH.put(each.path, each);
                BY_PATH.put("/v1" + each.path, each);
            }
        }
    }

    private final Api api;
    private final @Nullable String path;

    Kind(Api api, @Nullable String path) {
        this.api = api;
        this.path = path;
    }

    /** Whether the body names a model. */
    boolean namesModel() {
        return path != null;
    }

    /**
     * What a request by POST to a path is.
     *
     * @param api what the upstream speaks
     * @param asked the path; those that differ by case or a slash at the end lead many servers to one place
     */
    static Kind at(Api api, String asked) {
        String lower = asked.toLowerCase(Locale.ROOT);
        Kind kind = BY_PATH.get(lower.endsWith("/") ? lower.substring(0, lower.length() - 1) : lower);
        return kind != null && kind.api == api ? kind : PLAIN;
    }
}
