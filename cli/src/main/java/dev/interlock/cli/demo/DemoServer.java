package dev.interlock.cli.demo;

import dev.interlock.server.Server;
import dev.interlock.server.config.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A server on an embedded database in a temporary folder; closing it removes the folder. */
final class DemoServer implements AutoCloseable {
    private static final int USUAL_PORT = 8080;

    /** Where the database's driver unpacks its native library; it would be left in the system's folder. */
    private static final String NATIVE_FOLDER = "org.sqlite.tmpdir";

    private final Path folder;
    private final Server server;
    private final String adminKey;

    private DemoServer(Path folder, Server server, String adminKey) {
        this.folder = folder;
        this.server = server;
        this.adminKey = adminKey;
    }

    /**
     * Starts one.
     *
     * @param port where it is to listen; null for 8080, or any free port if that is taken
     * @return a server that answers, to be closed
     * @throws DemoException if the port is taken, or there can be no temporary folder
     * @throws dev.interlock.server.StartException if the server cannot start
     */
    static DemoServer start(@Nullable Integer port) {
        int chosen = port == null ? isFree(USUAL_PORT) ? USUAL_PORT : 0 : port;
        if (port != null && port != 0 && !isFree(port)) {
            throw new DemoException(
                    "Port " + port + " is taken. Choose another with --port, or leave --port out: then a free one is"
                            + " taken.",
                    new IOException("taken"));
        }
        Path folder = null;
        try {
            folder = Files.createTempDirectory("interlock-demo-");
            Server server = start(chosen, folder);
            return new DemoServer(
                    folder,
                    server,
                    Files.readString(folder.resolve("admin-key")).strip());
        } catch (IOException e) {
            remove(folder);
            throw new DemoException(
                    "The demo needs a temporary folder, and there can be none: " + e.getMessage()
                            + "; name another place with INTERLOCK_JAVA_OPTS=-Djava.io.tmpdir=…",
                    e);
        } catch (RuntimeException | Error failed) {
            remove(folder);
            throw failed;
        }
    }

    private static Server start(int port, Path folder) {
        String before = System.getProperty(NATIVE_FOLDER);
        System.setProperty(NATIVE_FOLDER, folder.toString());
        try {
            return Server.start(Config.read(
                    Map.of(
                            "port",
                            Integer.toString(port),
                            "host",
                            "127.0.0.1",
                            "data-dir",
                            folder.toString(),
                            "outbound-hosts",
                            "127.0.0.1",
                            "shutdown-grace",
                            "1s"),
                    Map.of(),
                    null));
        } finally {
            if (before == null) {
                System.clearProperty(NATIVE_FOLDER);
            } else {
                System.setProperty(NATIVE_FOLDER, before);
            }
        }
    }

    /** Where it listens. */
    URI address() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    /** Where its files lie. */
    Path folder() {
        return folder;
    }

    /** The server, seen by its admin. */
    Api admin() {
        return Api.of(address(), adminKey);
    }

    @Override
    public void close() {
        try {
            server.close();
        } finally {
            remove(folder);
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    /** As far as it can be removed: a demo that ends has nobody left to notify. */
    private static void remove(@Nullable Path folder) {
        if (folder == null) {
            return;
        }
        List<Path> all;
        try (Stream<Path> files = Files.walk(folder)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        } catch (IOException gone) {
            return;
        }
        all.forEach(DemoServer::removeOne);
    }

    private static void removeOne(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException inUse) {
            file.toFile().deleteOnExit();
        }
    }
}
