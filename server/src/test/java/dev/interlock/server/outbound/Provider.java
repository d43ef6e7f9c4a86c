package dev.interlock.server.outbound;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;

/** A provider on this machine that answers whatever a test wants, byte by byte. */
public final class Provider implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");

    /** How a request is answered. */
    @FunctionalInterface
    public interface Behaviour {
        /** Writes the answer; the connection is closed after it. */
        void answer(Socket socket, OutputStream out) throws IOException;
    }

    /** Head and body of each request. */
    public final List<String> requests = new CopyOnWriteArrayList<>();

    /** How often somebody connected. */
    public final AtomicInteger connections = new AtomicInteger();

    /** How often the other side has closed, or broken, a connection that was not to be closed. */
    public final AtomicInteger left = new AtomicInteger();

    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Behaviour behaviour = status(200);

    /** Begins to answer 200. */
    public Provider() {
        this(ServerSocketFactory.getDefault());
    }

    Provider(ServerSocketFactory sockets) {
        try {
            server = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    /** Answers so from now on. */
    public void answer(Behaviour next) {
        behaviour = next;
    }

    /** Answers with a status from now on. */
    public void answer(int status) {
        behaviour = status(status);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** The address of a path, by the machine's address. */
    public String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    static Behaviour status(int status) {
        return (socket, out) -> write(out, "HTTP/1.1 " + status + " X\r\nContent-Length: 2\r\n\r\n{}");
    }

    static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** Says nothing until the other side goes away. */
    static void hang(Socket socket, OutputStream out) throws IOException {
        while (socket.getInputStream().read() >= 0) {
            Thread.onSpinWait();
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.incrementAndGet();
                open.add(socket);
                start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            String request = read(socket.getInputStream());
            if (!request.isEmpty()) {
                requests.add(request);
                Behaviour present = behaviour;
                present.answer(socket, socket.getOutputStream());
                if (socket.getInputStream().read() < 0) {
                    left.incrementAndGet();
                }
            }
        } catch (IOException broken) {
            left.incrementAndGet();
        } finally {
            open.remove(socket);
        }
    }

    private static String read(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String text = "";
        while (!text.contains("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            bytes.write(next);
            text = bytes.toString(StandardCharsets.ISO_8859_1);
        }
        Matcher length = LENGTH.matcher(text);
        return length.find()
                ? text + new String(in.readNBytes(Integer.parseInt(length.group(1))), StandardCharsets.ISO_8859_1)
                : text;
    }

    private static void start(Runnable run) {
        Thread thread = new Thread(run, "provider");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket each : open) {
                each.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
