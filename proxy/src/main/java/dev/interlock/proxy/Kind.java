package dev.interlock.proxy;

import java.util.Locale;
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

    final Api api;
    private final @Nullable String path;

    Kind(Api api, @Nullable String path) {
        this.api = api;
        this.path = path;
    }

    /** Whether the body names a model. */
    boolean namesModel() {
        return path != null;
    }

    boolean isAt(String asked) {
        String lower = asked.toLowerCase(Locale.ROOT);
        String plain = lower.endsWith("/") ? lower.substring(0, lower.length() - 1) : lower;
        return path != null && (plain.equals(path) || plain.equals("/v1" + path));
    }
}
