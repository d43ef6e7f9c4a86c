package dev.interlock.sdks;

import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.transport.HttpServletStreamableServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;

/** A server of the MCP Java SDK over streamable HTTP: {@code search} finds, {@code broken} says that it failed. */
final class Toolbox implements AutoCloseable {
    private static final Map<String, Object> ANYTHING = Map.of("type", "object");

    /** Kept, or its level would be forgotten: what it says of threads left behind is about this process, which goes on. */
    private static final Logger LOG = Logger.getLogger("org.apache");

    static {
        LOG.setLevel(Level.OFF);
    }

    private final Tomcat tomcat = new Tomcat();
    private final McpSyncServer server;
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private boolean isClosed;

    Toolbox(Path folder) throws LifecycleException {
        HttpServletStreamableServerTransportProvider transport = HttpServletStreamableServerTransportProvider.builder()
                .mcpEndpoint("/mcp")
                .build();
        server = McpServer.sync(transport)
                .serverInfo("files", "1")
                .capabilities(ServerCapabilities.builder().tools(true).build())
                .toolCall(
                        Tool.builder("search", ANYTHING).build(),
                        (exchange, request) -> answer("search", "found", false))
                .toolCall(
                        Tool.builder("broken", ANYTHING).build(),
                        (exchange, request) -> answer("broken", "no such page", true))
                .build();
        tomcat.setBaseDir(folder.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", folder.toString());
        Wrapper servlet = Tomcat.addServlet(context, "mcp", transport);
        servlet.setAsyncSupported(true);
        context.addServletMappingDecoded("/*", "mcp");
        tomcat.start();
    }

    private CallToolResult answer(String tool, String text, boolean isError) {
        calls.add(tool);
        return CallToolResult.builder().addTextContent(text).isError(isError).build();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort());
    }

    /** The tools that were called. */
    List<String> calls() {
        return calls;
    }

    @Override
    public void close() throws LifecycleException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        server.close();
        tomcat.stop();
        tomcat.destroy();
    }
}
