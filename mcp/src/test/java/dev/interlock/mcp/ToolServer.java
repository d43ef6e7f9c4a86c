package dev.interlock.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An MCP server over streamable HTTP on a local port. The name of a tool says what becomes of a call. */
final class ToolServer implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("\"id\":(\"[^\"]*\"|\\d+)");
    private static final Pattern METHOD = Pattern.compile("\"method\":\"([^\"]*)\"");
    private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]*)\"");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<String> calls = new CopyOnWriteArrayList<>();

    ToolServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/mcp", this::answer);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The tools that were called. */
    List<String> calls() {
        return calls;
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            Matcher id = ID.matcher(body);
            if (!exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(405, -1);
            } else if (!id.find()) {
                exchange.sendResponseHeaders(202, -1);
            } else {
                answer(exchange, id.group(1), first(METHOD, body), body);
            }
        }
    }

    private void answer(HttpExchange exchange, String id, String method, String body) throws IOException {
        switch (method) {
            case "initialize" ->
                result(
                        exchange,
                        id,
                        "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{},\"resources\":{},\"prompts\":{}},"
                                + "\"serverInfo\":{\"name\":\"files\",\"version\":\"1\"}}");
            case "tools/list" -> result(exchange, id, "{\"tools\":[]}");
            case "resources/read" -> result(exchange, id, "{\"contents\":[{\"uri\":\"file:///a\",\"text\":\"a\"}]}");
            case "prompts/get" -> result(exchange, id, "{\"messages\":[]}");
            default -> call(exchange, id, first(NAME, body.substring(body.indexOf("\"params\""))));
        }
    }

    private void call(HttpExchange exchange, String id, String tool) throws IOException {
        calls.add(tool);
        switch (tool) {
            case "search" -> result(exchange, id, "{\"content\":[{\"type\":\"text\",\"text\":\"found\"}]}");
            case "broken" ->
                result(exchange, id, "{\"content\":[{\"type\":\"text\",\"text\":\"no such page\"}],\"isError\":true}");
            case "unknown" -> error(exchange, id, -32602);
            case "internal" -> error(exchange, id, -32603);
            case "status" -> exchange.sendResponseHeaders(500, -1);
            case "unauthorized" -> exchange.sendResponseHeaders(401, -1);
            case "forbidden" -> exchange.sendResponseHeaders(403, -1);
            case "gone" -> {} // closed without an answer
            default -> {
                try {
                    closed.await();
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private static void result(HttpExchange exchange, String id, String json) throws IOException {
        send(exchange, "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + json + "}");
    }

    private static void error(HttpExchange exchange, String id, int code) throws IOException {
        send(exchange, "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":\"no\"}}");
    }

    private static void send(HttpExchange exchange, String json) throws IOException {
        byte[] bytes = json.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("Mcp-Session-Id", "s1");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String first(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        return found.find() ? found.group(1) : "";
    }
}
