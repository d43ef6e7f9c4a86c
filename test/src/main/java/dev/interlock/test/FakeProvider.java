package dev.interlock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/**
 * A provider on a free local port that answers as it is scripted: statuses, each form of wait, stalls, cuts, resets,
 * hang-ups, slow streams and errors within a stream. It speaks HTTP/1.1 without TLS.
 *
 * <pre>{@code
 * try (FakeProvider provider = FakeProvider.start()) {
 *     provider.then(Answer.status(429).withRetryAfter(Duration.ofSeconds(7))).then(Answer.hangUp());
 *     URI address = provider.uri("/v1/chat/completions");
 *     // … 429, then a connection that ends without an answer, then 200 for as long as nothing else is scripted
 * }
 * }</pre>
 *
 * <p>Safe for use by any thread. Answers are given in the order in which requests arrive. {@link #close} ends every
 * connection, those that stall included.
 */
public final class FakeProvider implements AutoCloseable {
    private static final long LONGEST_CLOSE = 5_000;

    private final ServerSocket server;
    private final Queue<Answer> script = new ConcurrentLinkedQueue<>();
    private final List<ReceivedRequest> requests = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Function<? super ReceivedRequest, Answer> otherwise = request -> Answer.json("{}");

    private final Thread accepting;

    private FakeProvider(ServerSocket server) {
        this.server = server;
        accepting = inBackground(this::accept);
    }

    /**
     * Starts one on a free port of the loopback address.
     *
     * @return a provider that answers 200 and {@code {}} until it is scripted
     * @throws UncheckedIOException if no port is free
     */
    public static FakeProvider start() {
        try {
            return new FakeProvider(new ServerSocket(0, 0, InetAddress.getLoopbackAddress()));
        } catch (IOException noPort) {
            throw new UncheckedIOException("No port for a fake provider", noPort);
        }
    }

    /**
     * Where it listens.
     *
     * @return an address without a path
     */
    public URI uri() {
        return uri("");
    }

    /**
     * An address on it.
     *
     * @param path begins with a slash, or is empty
     * @return the whole address
     */
    public URI uri(String path) {
        return URI.create("http://" + server.getInetAddress().getHostAddress() + ":" + server.getLocalPort() + path);
    }

    /**
     * Scripts the answer to one request, behind those that were scripted before.
     *
     * @param answer given once
     * @return this provider
     */
    public FakeProvider then(Answer answer) {
        script.add(answer);
        return this;
    }

    /**
     * Scripts the answer to all requests for which nothing else is scripted.
     *
     * @param answer in place of 200 and {@code {}}
     * @return this provider
     */
    public FakeProvider otherwise(Answer answer) {
        return answering(request -> answer);
    }

    /**
     * Answers all requests for which nothing else is scripted by what they ask.
     *
     * @param script given each request, on its connection's thread; what it throws ends the connection without an answer
     * @return this provider
     */
    public FakeProvider answering(Function<? super ReceivedRequest, Answer> script) {
        otherwise = script;
        return this;
    }

    /**
     * All that was asked so far, also what was then answered by a hang-up.
     *
     * @return the oldest first
     */
    public List<ReceivedRequest> requests() {
        return List.copyOf(requests);
    }

    /**
     * Forgets what it was asked, and what is scripted but not yet answered.
     *
     * @return this provider
     */
    public FakeProvider forget() {
        script.clear();
        requests.clear();
        return this;
    }

    /**
     * How many connections are open. One that stalls counts until the provider ends, also if its client has closed it.
     *
     * @return 0 or more
     */
    public int connections() {
        return open.size();
    }

    /** Stops listening and ends every connection; nothing is accepted any more once this returns. */
    @Override
    public void close() {
        ended.countDown();
        closeQuietly(server);
        try {
            accepting.join(LONGEST_CLOSE);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        open.forEach(FakeProvider::closeQuietly);
    }

    private void accept() {
        while (ended.getCount() > 0) {
            try {
                Socket connection = server.accept();
                open.add(connection);
                inBackground(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            Wire wire = new Wire(connection, ended);
            for (ReceivedRequest request = wire.read(); request != null; request = wire.read()) {
                requests.add(request);
                Answer scripted = script.poll();
                if (!wire.write(scripted == null ? otherwise.apply(request) : scripted)) {
                    return;
                }
            }
        } catch (IOException gone) {
            return; // the client went away, or the provider ended
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(connection);
        }
    }

    private Thread inBackground(Runnable work) {
        Thread thread = new Thread(work, "fake-provider-" + server.getLocalPort());
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void closeQuietly(AutoCloseable connection) {
        try {
            connection.close();
        } catch (Exception alreadyClosed) {
            return;
        }
    }
}
