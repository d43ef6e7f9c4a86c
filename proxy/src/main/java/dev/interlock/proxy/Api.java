package dev.interlock.proxy;

/** What an upstream speaks. */
public enum Api {
    /** OpenAI's, which many servers of models speak. */
    OPENAI,
    /** Anthropic's. */
    ANTHROPIC,
    /** The Model Context Protocol over streamable HTTP. */
    MCP,
    /** Anything else over HTTP: judged by status alone. */
    OTHER;

    /** What a request is, by method and path. */
    Kind kind(String method, String path) {
        if (this == MCP) {
            return method.equals("POST") ? Kind.RPC : method.equals("GET") ? Kind.LISTENING : Kind.PLAIN;
        }
        return method.equals("POST") ? Kind.at(this, path) : Kind.PLAIN;
    }

    /** The header that bears a key there. */
    String keyHeader() {
        return this == ANTHROPIC ? "x-api-key" : "authorization";
    }
}
