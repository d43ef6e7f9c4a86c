package dev.interlock.benchmarks;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A redis-server on a free port that keeps nothing on disk: the system's, or else the one that a library brings. */
final class LocalRedis implements AutoCloseable {
    private static final String SHIPPED = "/redis-server-6.2.6-v5-linux-amd64";
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    private final int port;
    private final Process process;
    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;

    private LocalRedis(int port, Process process) {
        this.port = port;
        this.process = process;
        client = RedisClient.create(url());
        connection = connect();
    }

    static LocalRedis start() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        String[] command = {
            binary(), "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"
        };
        return new LocalRedis(
                port,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start());
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** A connection of its own, safe for use by many threads; it ends with this server. */
    StatefulRedisConnection<String, String> connect() {
        long end = System.nanoTime() + PATIENCE;
        while (true) {
            try {
                return client.connect();
            } catch (RedisConnectionException notYet) {
                if (System.nanoTime() > end) {
                    process.destroyForcibly();
                    throw notYet;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
    }

    String version() {
        return info("server", "redis_version:");
    }

    /** Forgets what was counted so far. */
    void resetCounters() {
        connection.sync().configResetstat();
    }

    /** How many scripts ran since, and how many microseconds each took. */
    double[] scripts() {
        String line = info("commandstats", "cmdstat_evalsha:");
        double calls = number(line, "calls=");
        return new double[] {calls, calls == 0 ? 0 : number(line, "usec=") / calls};
    }

    @Override
    public void close() {
        client.shutdown(0, 1, TimeUnit.SECONDS);
        process.destroyForcibly();
    }

    private String info(String section, String begin) {
        return connection
                .sync()
                .info(section)
                .lines()
                .filter(line -> line.startsWith(begin))
                .findFirst()
                .map(line -> line.substring(begin.length()).trim())
                .orElse("");
    }

    private static double number(String line, String name) {
        for (String part : line.split(",", -1)) {
            if (part.startsWith(name)) {
                return Double.parseDouble(part.substring(name.length()));
            }
        }
        return 0;
    }

    private static String binary() throws IOException {
        String found = onPath();
        return found != null ? found : shipped();
    }

    private static @Nullable String onPath() {
        for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
            for (String name : List.of("redis-server", "valkey-server")) {
                Path candidate = Path.of(folder, name);
                if (Files.isExecutable(candidate)) {
                    return candidate.toString();
                }
            }
        }
        return null;
    }

    private static String shipped() throws IOException {
        try (InputStream file = LocalRedis.class.getResourceAsStream(SHIPPED)) {
            if (file == null) {
                throw new IOException("There is no redis-server here: install one, and see that it is on the PATH");
            }
            Path copy = Files.createTempFile("redis-server", "");
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            copy.toFile().deleteOnExit();
            if (!copy.toFile().setExecutable(true)) {
                throw new IOException(copy + " cannot be made executable");
            }
            return copy.toString();
        }
    }
}
