package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Needed;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A real redis-server on a free port, which keeps nothing on disk: the system's, or else the one that a library brings.
 * {@code -Dinterlock.redis=shipped} takes the library's in any case, a path the server that lies there.
 */
public final class RedisServer implements AutoCloseable {
    private static final int TRIES = 5;
    private static final int HIGHEST_PORT = 65_535;
    private static final int BUS_ABOVE = 10_000;

    /** Where the library's lies, once it is unpacked. */
    private static @Nullable String shipped;

    private final Path folder;
    private final List<String> options;
    private final int port;
    private Process process;

    private RedisServer(Path folder, int port, List<String> options) throws IOException {
        this.folder = folder;
        this.port = port;
        this.options = options;
        this.process = launch();
    }

    /** Starts one and waits until it answers; on another port if somebody took the first one meanwhile. */
    public static RedisServer start(String... options) {
        try {
            String log = "";
            for (int i = 0; i < TRIES; i++) {
                RedisServer server =
                        new RedisServer(Files.createTempDirectory("interlock-redis"), freePort(), List.of(options));
                try {
                    if (server.answers()) {
                        return server;
                    }
                } catch (ConditionTimeoutException silent) {
                    server.close();
                    throw silent;
                }
                log = Files.readString(server.folder.resolve("log"));
                server.close();
            }
            throw new AssertionError("redis-server ended " + TRIES + " times: " + log);
        } catch (IOException failed) {
            throw new AssertionError("redis-server cannot be started", failed);
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** As kill -9 does. */
    public void kill() {
        process.destroyForcibly();
        try {
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** From now on it stands still, as a machine does whose memory is being swapped. */
    public void suspend() {
        signal("STOP");
    }

    /** It goes on. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(kill.exitValue()).isZero();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts again on the same port, with nothing in memory. */
    public void restart() {
        try {
            process = launch();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
        assertThat(answers()).as("a server that was killed has its port back").isTrue();
    }

    /** Runs commands over a connection of its own. */
    public <T> T run(Function<RedisCommands<String, String>, T> commands) {
        RedisURI address = RedisURI.create(url());
        address.setTimeout(Duration.ofSeconds(20));
        RedisClient client = RedisClient.create(address);
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            return commands.apply(connection.sync());
        } finally {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }

    @Override
    public void close() {
        kill();
        try (var files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException left) {
            folder.toFile().deleteOnExit();
        }
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                binary(),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                folder.toString(),
                "--daemonize",
                "no"));
        command.addAll(options);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
    }

    /** Waits for its first answer; false if it has ended instead. */
    private boolean answers() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .ignoreExceptions()
                .until(() -> !process.isAlive() || run(redis -> redis.ping().equals("PONG")));
        return process.isAlive();
    }

    /** One that nobody has, nor the one for the bus of a Cluster above it. */
    static int freePort() {
        while (true) {
            try (ServerSocket socket = new ServerSocket(0)) {
                int port = socket.getLocalPort();
                int lower = port < HIGHEST_PORT - BUS_ABOVE ? port : port - 2 * BUS_ABOVE;
                try (ServerSocket bus = new ServerSocket(lower + BUS_ABOVE);
                        ServerSocket own = lower == port ? null : new ServerSocket(lower)) {
                    return lower;
                }
            } catch (BindException taken) {
                continue;
            } catch (IOException none) {
                throw new AssertionError(none);
            }
        }
    }

    private static String binary() throws IOException {
        String wanted = System.getProperty("interlock.redis", "");
        if (!wanted.isEmpty() && !wanted.equals("shipped")) {
            return wanted;
        }
        String found = wanted.isEmpty() ? onPath() : null;
        if (found == null) {
            found = shipped();
        }
        if (found == null) {
            throw Needed.missing("no redis-server for this machine", "sharing over Redis");
        }
        return found;
    }

    private static @Nullable String onPath() {
        for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
            for (String name : List.of("redis-server", "valkey-server")) {
                Path candidate = Path.of(folder, name);
                if (Files.isExecutable(candidate)) {
                    return candidate.toString();
                }
            }
        }
        return null;
    }

    private static synchronized @Nullable String shipped() throws IOException {
        if (shipped != null) {
            return shipped;
        }
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String name = system.contains("linux")
                ? arm ? "redis-server-6.2.7-linux-arm64" : "redis-server-6.2.6-v5-linux-amd64"
                : arm ? "redis-server-6.2.6-v5-darwin-arm64" : "redis-server-6.2.6-v5-darwin-amd64";
        try (InputStream file = RedisServer.class.getResourceAsStream("/" + name)) {
            if (file == null) {
                return null;
            }
            Path copy = Files.createTempFile("redis-server", "");
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            copy.toFile().deleteOnExit();
            shipped = copy.toFile().setExecutable(true) ? copy.toString() : null;
            return shipped;
        }
    }
}
