package dev.interlock.cli.upgrade;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Callers that rest for a moment only, so that nodes that start have a processor, too: each takes a permit at one node
 * and settles it at another, for agents whose calls are all good. Whatever else is answered is noted. A node that goes away in the middle of a call is no fault of anybody.
 */
final class Load implements AutoCloseable {
    private static final int CALLERS = 3;
    private static final int AGENTS = 20;
    private static final Duration REST = Duration.ofMillis(10);

    private final Supplier<List<Node>> fleet;
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final LongAdder calls = new LongAdder();
    private final List<Thread> callers;
    private volatile boolean over;

    /** @param fleet the nodes that callers may go to now; a node leaves it before it is stopped */
    Load(Supplier<List<Node>> fleet) {
        this.fleet = fleet;
        callers = IntStream.range(0, CALLERS)
                .mapToObj(i -> new Thread(this::run, "caller-" + i))
                .toList();
        callers.forEach(Thread::start);
    }

    /** Calls that were made from permit to settlement. */
    long calls() {
        return calls.sum();
    }

    /** What should not have been answered. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    private void run() {
        while (!over) {
            List<Node> nodes = fleet.get();
            ThreadLocalRandom random = ThreadLocalRandom.current();
            Node first = nodes.get(random.nextInt(nodes.size()));
            Node second = nodes.get(random.nextInt(nodes.size()));
            call("load-" + random.nextInt(AGENTS), first, second);
            LockSupport.parkNanos(REST.toNanos());
        }
    }

    private void call(String agent, Node first, Node second) {
        try {
            Node.Answer permit = first.permit(agent);
            if (permit.status() != 200) {
                wrong.add(first + " refused " + agent + ", which never failed: " + permit);
                return;
            }
            JsonNode token = permit.body().path("permit");
            Node.Answer settled = second.settle(agent, token.asText(), true);
            if (settled.status() != 200) {
                wrong.add(second + " did not take the outcome of a permit of " + first + ": " + settled);
                return;
            }
            calls.increment();
        } catch (UncheckedIOException gone) {
            if (fleet.get().containsAll(List.of(first, second))) {
                wrong.add(String.valueOf(gone.getMessage()));
            }
        } catch (RuntimeException broken) {
            wrong.add(broken.toString());
        }
    }

    @Override
    public void close() {
        over = true;
        for (Thread caller : callers) {
            try {
                caller.join();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
