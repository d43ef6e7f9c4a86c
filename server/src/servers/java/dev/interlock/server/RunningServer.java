package dev.interlock.server;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.interlock.jdbc.Sqlite;
import dev.interlock.server.config.Config;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A real server on a free port and an SQLite file, and a real client. A caller is named by what it may do and where,
 * such as {@code viewer@acme}; a token is made for it.
 */
public final class RunningServer implements AutoCloseable {
    /** The installation's admin key. */
    public static final String ADMIN_KEY = "an-admin-key-for-tests";

    private static final String SECRET = "a-secret-of-thirty-two-bytes-at-least";
    private static final Map<String, String> TOKENS = new ConcurrentHashMap<>();

    private final Server server;
    private final Path folder;
    private final boolean ownsFolder;
    private final HttpClient client = HttpClient.newHttpClient();

    /** Starts one on a fresh database. */
    public RunningServer() {
        this(Map.of());
    }

    /**
     * Starts one on a fresh database.
     *
     * @param flags further settings
     */
    public RunningServer(Map<String, String> flags) {
        this(freshFolder(), true, flags, null);
    }

    private RunningServer(Path folder, boolean ownsFolder, Map<String, String> flags, Path file) {
        this.folder = folder;
        this.ownsFolder = ownsFolder;
        Map<String, String> all = new HashMap<>(Map.of(
                "port",
                "0",
                "event-loops",
                "2",
                "data-dir",
                folder.toString(),
                "admin-key",
                ADMIN_KEY,
                "jwt-issuers",
                "[{issuer: tests, audience: interlock, secret: " + SECRET + "}]"));
        all.putAll(flags);
        all.values().removeIf(String::isEmpty);
        server = Server.start(Config.read(all, Map.of(), file));
    }

    /** Starts one on a fresh database with a file of settings. */
    public static RunningServer with(Path file) {
        return new RunningServer(freshFolder(), true, Map.of(), file);
    }

    /** Starts one on a database that may be there already, and leaves it there. */
    public static RunningServer on(Path folder) {
        return new RunningServer(folder, false, Map.of(), null);
    }

    /** Starts one on a database that may be there already, with further settings, and leaves it there. */
    public static RunningServer on(Path folder, Map<String, String> flags) {
        return new RunningServer(folder, false, flags, null);
    }

    /** Starts one on a folder and without one of the usual settings. */
    public static RunningServer without(String setting, Path folder) {
        return new RunningServer(folder, false, Map.of(setting, ""), null);
    }

    /** Asks. */
    public HttpResponse<String> get(String path, String caller) {
        return send("GET", path, caller, null);
    }

    /** Sends JSON. */
    public HttpResponse<String> post(String path, String caller, String json) {
        return send("POST", path, caller, json);
    }

    /**
     * Sends a request.
     *
     * @param caller such as {@code viewer@acme}, or null for nobody
     * @param json the body, or null for none
     */
    public HttpResponse<String> send(String method, String path, String caller, String json) {
        HttpRequest.Builder request = request(path, caller)
                .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        if (json != null) {
            request.header("Content-Type", "application/json");
        }
        return send(request.build());
    }

    /** A request with the caller's credential. */
    public HttpRequest.Builder request(String path, String caller) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(30));
        if (caller != null) {
            request.header("Authorization", "Bearer " + token(caller));
        }
        return request;
    }

    /** Sends a request, and compares the answer with the contract. */
    public HttpResponse<String> send(HttpRequest request) {
        try {
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            ContractCheck.check(request.method(), request.uri(), answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The body of an answer. */
    public static JsonObject json(HttpResponse<String> answer) {
        return new JsonObject(answer.body());
    }

    /** The address of a path. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    /** The server itself. */
    public Server server() {
        return server;
    }

    /** The address of a path, for WebSockets. */
    public URI webSocket(String path) {
        return URI.create("ws://127.0.0.1:" + server.port() + path);
    }

    /** A token for a caller such as {@code viewer@acme}. */
    public static String token(String caller) {
        return TOKENS.computeIfAbsent(caller, fresh -> sign(fresh, Duration.ofHours(2)));
    }

    /** A token for a caller that ends after a while; one that nobody has seen before. */
    public static String token(String caller, Duration life) {
        return sign(caller, life);
    }

    private static String sign(String caller, Duration life) {
        String[] parts = caller.split("@", 2);
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer("tests")
                .audience("interlock")
                .subject(parts[0])
                .jwtID(UUID.randomUUID().toString())
                .claim("role", parts[0])
                .claim("organization_id", parts[1])
                .expirationTime(Date.from(Instant.now().plus(life)))
                .build();
        SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
        try {
            token.sign(new MACSigner(SECRET));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
        return token.serialize();
    }

    private static Path freshFolder() {
        try {
            Path folder = Files.createTempDirectory("interlock");
            Sqlite.migrated(folder);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
        if (ownsFolder) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
