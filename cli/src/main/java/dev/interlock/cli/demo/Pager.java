package dev.interlock.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What would wake somebody: takes the server's alerts on a port of this machine. */
final class Pager implements AutoCloseable {
    private static final int TAKEN = 204;

    private final HttpServer server;

    private Pager(HttpServer server) {
        this.server = server;
    }

    /**
     * Listens from now on.
     *
     * @param alerts takes what comes, on a thread of the pager
     * @throws DemoException if there is no port for it
     */
    static Pager start(Consumer<JsonNode> alerts) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> take(exchange, alerts));
            server.start();
            return new Pager(server);
        } catch (IOException noPort) {
            throw new DemoException("There is no free port on this machine for the demo's alerts.", noPort);
        }
    }

    private static void take(HttpExchange exchange, Consumer<JsonNode> alerts) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(TAKEN, -1);
            alerts.accept(Api.JSON.readTree(body));
        } catch (JsonProcessingException noAlert) {
            // somebody else has found the port
        }
    }

    /** Where alerts go. */
    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
