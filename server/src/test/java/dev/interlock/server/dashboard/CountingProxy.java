package dev.interlock.server.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** A proxy between a browser and a server; it passes on each byte, and counts those that the server sends. */
final class CountingProxy implements AutoCloseable {
    private final int server;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final LongAdder streamed = new LongAdder();
    private final LongAdder answered = new LongAdder();

    CountingProxy(int server) {
        this.server = server;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/");
    }

    /** Bytes of answers to requests, their heads included. */
    long answered() {
        return answered.sum();
    }

    /** Bytes of WebSockets. */
    long streamed() {
        return streamed.sum();
    }

    private void accept() {
        try {
            while (true) {
                Socket browser = listener.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server);
                sockets.add(browser);
                sockets.add(upstream);
                AtomicBoolean isStream = new AtomicBoolean();
                start(() -> copy(browser, upstream, isStream, null));
                start(() -> copy(upstream, browser, isStream, answered));
            }
        } catch (IOException closed) {
            // so is this
        }
    }

    private void copy(Socket from, Socket to, AtomicBoolean isStream, LongAdder counter) {
        byte[] buffer = new byte[1 << 16];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (counter == null) {
                    String head = new String(buffer, 0, Math.min(read, 64), StandardCharsets.ISO_8859_1);
                    isStream.compareAndSet(false, head.startsWith("GET /api/v1/stream?"));
                } else {
                    (isStream.get() ? streamed : counter).add(read);
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException ended) {
            // the other direction ends with it
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "counting-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
