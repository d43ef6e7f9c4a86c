package dev.interlock.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** A proxy between one node and Redis, which can cut them off from each other. */
public final class Proxy implements AutoCloseable {
    /** What becomes of bytes. */
    public enum Mode {
        /** They pass. */
        PASS,
        /** Connections are cut, and new ones refused at once. */
        CUT,
        /** Nothing comes through, and nobody is notified. */
        SILENT
    }

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Mode mode = Mode.PASS;
    private volatile long delayMillis;

    public Proxy(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
        start(this::accept);
    }

    public String url() {
        return "redis://127.0.0.1:" + server.getLocalPort();
    }

    public void mode(Mode next) {
        mode = next;
        if (next == Mode.CUT) {
            sockets.forEach(Proxy::close);
        }
    }

    /** Holds each portion of Redis' answers up. */
    public void delay(long millis) {
        delayMillis = millis;
    }

    @Override
    public void close() {
        mode = Mode.CUT;
        try {
            server.close();
        } catch (IOException gone) {
            throw new AssertionError(gone);
        }
        sockets.forEach(Proxy::close);
    }

    private void accept() {
        while (!server.isClosed()) {
            Socket client = null;
            try {
                client = server.accept();
                if (mode == Mode.CUT) {
                    close(client);
                    continue;
                }
                Socket redis = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                redis.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(redis);
                Socket accepted = client;
                start(() -> pump(accepted, redis, false));
                start(() -> pump(redis, accepted, true));
            } catch (IOException refused) {
                if (client != null) {
                    close(client);
                }
            }
        }
    }

    private void pump(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[65_536];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (answers && delayMillis > 0) {
                    LockSupport.parkNanos(delayMillis * 1_000_000);
                }
                while (mode == Mode.SILENT) {
                    LockSupport.parkNanos(1_000_000);
                }
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException cut) {
            close(to);
        } finally {
            close(from);
            close(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException gone) {
            throw new AssertionError(gone);
        }
    }
}
