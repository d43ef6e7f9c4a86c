package dev.interlock.clients;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * The cable between clients and a server, which may be pulled: carries bytes both ways, loses answers, or takes no
 * connection at all. Its port stays the same while the server's changes.
 */
final class Cable implements AutoCloseable {
    private final IntSupplier target;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger toLose = new AtomicInteger();
    private final Object holding = new Object();
    private volatile boolean pulled;
    private boolean holds;
    private long passes;
    private long arrived;

    Cable(IntSupplier target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        begin("cable", this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** The next reports with outcomes arrive at the server, and their answers nowhere: their connections break. */
    void loseAnswers(int number) {
        toLose.set(number);
    }

    /** How many answers are still to be lost. */
    int left() {
        return toLose.get();
    }

    /** From now on what the server answers stays in the cable. */
    void holdAnswers() {
        synchronized (holding) {
            holds = true;
        }
    }

    /** What stays in the cable at this moment goes on; what comes after it stays. */
    void passAnswers() {
        synchronized (holding) {
            passes = arrived;
            holding.notifyAll();
        }
    }

    /** Answers go through again, those that stayed included. */
    void releaseAnswers() {
        synchronized (holding) {
            holds = false;
            holding.notifyAll();
        }
    }

    private void pass() {
        synchronized (holding) {
            long number = ++arrived;
            while (holds && number > passes) {
                try {
                    holding.wait();
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
            }
        }
    }

    /** From now on connections break. */
    void pull() {
        pulled = true;
        sockets.forEach(Cable::close);
    }

    /** From now on it carries again. */
    void plug() {
        pulled = false;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (pulled) {
                    close(client);
                    continue;
                }
                Socket server = new Socket();
                sockets.add(client);
                sockets.add(server);
                try {
                    server.connect(new InetSocketAddress("127.0.0.1", target.getAsInt()));
                } catch (IOException noServer) {
                    end(client, server);
                    continue;
                }
                boolean[] loses = new boolean[1];
                begin("cable-there", () -> carry(client, server, loses, true));
                begin("cable-back", () -> carry(server, client, loses, false));
            } catch (IOException closed) {
                // the listener, or a client that is gone
            }
        }
    }

    private void carry(Socket from, Socket to, boolean[] loses, boolean requests) {
        byte[] buffer = new byte[64 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                String text = new String(buffer, 0, read, StandardCharsets.ISO_8859_1);
                if (requests && text.contains("\"batch\"") && toLose.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    synchronized (loses) {
                        loses[0] = true;
                    }
                }
                synchronized (loses) {
                    if (!requests && loses[0]) {
                        return; // the server has answered, and its answer is lost
                    }
                }
                if (!requests) {
                    pass();
                }
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException broken) {
            // ends both
        } finally {
            end(from, to);
        }
    }

    private void end(Socket one, Socket other) {
        sockets.remove(one);
        sockets.remove(other);
        close(one);
        close(other);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException ignored) {
            // it is closed
        }
    }

    private static void begin(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        pull();
    }
}
