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

    /** What a request is, by method and path. Paths that differ by case or a slash at the end lead many servers to one place. */
    Kind kind(String method, String path) {
        if (this == MCP) {
            return method.equals("POST") ? Kind.RPC : method.equals("GET") ? Kind.LISTENING : Kind.PLAIN;
        }
        if (!method.equals("POST") || this == OTHER) {
            return Kind.PLAIN;
        }
        for (Kind each : Kind.values()) {
            if (each.api == this && each.isAt(path)) {
                return each;
            }
        }
        return Kind.PLAIN;
    }

    /** The header that bears a key there. */
    String keyHeader() {
        return this == ANTHROPIC ? "x-api-key" : "authorization";
    }
}
