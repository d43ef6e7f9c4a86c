package dev.interlock.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.DoubleStream;

/**
 * What the proxy costs compared with a bare Vert.x proxy, and with the one that Vert.x brings, each in a process of its
 * own on one event loop before one provider:
 * processor time a call, time a call at a fifth of the load, and memory with a thousand streams. Rounds of the two
 * alternate, so that what disturbs the machine disturbs both. {@code benchmarks/proxy} runs it and writes {@code
 * docs/proxy-cost.md}.
 */
final class ProxyLoad implements AutoCloseable {
    private static final String OURS = "/proxy/up/v1/chat/completions";
    private static final String BARE = "/v1/chat/completions";
    private static final int PIECES = 100;
    private static final int STREAMS = 1_000;
    private static final double SHARE = 0.2;
    private static final int WARM_UP_ROUNDS = 4;

    private final int calls;
    private final int rounds;
    private final Path jar;
    private final HttpPeer model;
    private final HttpPeer bare;
    private final HttpPeer library;
    private final HttpPeer ours;
    private final ProxyCalls caller;
    private final StringBuilder rows = new StringBuilder();

    private ProxyLoad(Path jar, boolean quick) throws IOException, InterruptedException {
        this.jar = jar;
        calls = quick ? 5_000 : 20_000;
        rounds = quick ? 3 : 9;
        model = HttpPeer.program(BareModel.class);
        bare = HttpPeer.program(BareProxy.class, Integer.toString(model.port()));
        library = HttpPeer.program(LibraryProxy.class, Integer.toString(model.port()));
        ours = HttpPeer.proxy(jar, model.port(), List.of("--event-loops", "1"));
        caller = new ProxyCalls(ours.key("default", "agent", "planner"));
    }

    /**
     * Measures, prints, and unless it was only to take a look writes the page.
     *
     * @param arguments the server's jar, then {@code --quick}
     */
    public static void main(String[] arguments) throws Exception {
        boolean quick = Flags.of(arguments, 1, "--quick").has("--quick");
        String page;
        try (ProxyLoad load = new ProxyLoad(Path.of(arguments[0]), quick)) {
            double micros = load.processorTime();
            load.latency(micros);
            page = load.introduction() + load.rows + load.memory();
        }
        System.out.println(page);
        if (!quick) {
            Files.writeString(Path.of("docs", "proxy-cost.md"), page);
        }
    }

    private String introduction() {
        return "# What the proxy costs\n\n"
                + "[The proxy](proxy.md) compared with a bare Vert.x proxy that passes bytes on and looks at nothing, before one"
                + " provider that answers at once, each a process of its own with one event loop; and with the proxy that"
                + " Vert.x brings (vertx-http-proxy), which is what one would use. Interlock knows the"
                + " caller by its key, asks the circuits of agent, model and key, and judges the answer. Processor time is"
                + " that of the whole process as the operating system counts it. Written by `benchmarks/proxy`; do not"
                + " edit. Compare ratios: the figures are this machine's.\n\n"
                + Machine.describe() + ". " + rounds + " rounds.\n\n"
                + "| | bare | Interlock | ratio or more | target |\n|---|---|---|---|---|\n";
    }

    /** Processor time of whole answers and of streams; returns that of a whole one, in microseconds. */
    private double processorTime() throws InterruptedException {
        Rounds whole = new Rounds();
        Rounds streamed = new Rounds();
        int streams = calls / 20;
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
            double[] one = round(calls, 0);
            double[] stream = round(streams, PIECES);
            System.err.printf(
                    Locale.ROOT,
                    "%s: %.1f µs, %.1f and %.1f, %.2f ×; a stream %.0f µs, %.0f and %.0f, %.2f ×%n",
                    round < 0 ? "warm-up" : "round " + (round + 1) + " of " + rounds,
                    one[0],
                    one[1],
                    one[2],
                    one[2] / one[0],
                    stream[0],
                    stream[1],
                    stream[2],
                    stream[2] / stream[0]);
            if (round >= 0) {
                whole.add(one);
                streamed.add(stream);
            }
        }
        rows.append(whole.rows("processor time of a whole answer of 600 bytes"));
        rows.append(streamed.rows("of a stream of " + PIECES + " events"));
        return median(whole.ours);
    }

    /** What a call takes of the processor, in microseconds: of the bare proxy, of the library's, and of ours. */
    private double[] round(int howMany, int pieces) throws InterruptedException {
        return new double[] {
            micros(bare, BARE, howMany, pieces),
            micros(library, BARE, howMany, pieces),
            micros(ours, OURS, howMany, pieces)
        };
    }

    private double micros(HttpPeer peer, String path, int howMany, int pieces) throws InterruptedException {
        long before = peer.cpuNanos();
        caller.busy(peer.port(), path, howMany, pieces);
        return (peer.cpuNanos() - before) / 1e3 / howMany;
    }

    /**
     * How long a call takes while the proxy is busy for a fifth of the time. Of rounds the median counts: one second in
     * which the machine did something else would be the p99 of all.
     */
    private void latency(double micros) throws InterruptedException {
        double perSecond = Math.min(1_000, SHARE * 1e6 / micros);
        double seconds = rounds > 3 ? 5 : 2;
        Tail bareTail = new Tail();
        Tail oursTail = new Tail();
        long before = ours.cpuNanos();
        for (int round = -1; round < rounds; round++) {
            double[] one = caller.atRate(bare.port(), BARE, perSecond, seconds);
            double[] other = caller.atRate(ours.port(), OURS, perSecond, seconds);
            if (round < 0) {
                before = ours.cpuNanos();
                continue;
            }
            bareTail.add(one);
            oursTail.add(other);
        }
        double load = (ours.cpuNanos() - before) / 1e9 / (rounds * seconds);
        String at = String.format(Locale.ROOT, "%.0f calls a second, %.0f %% of a core", perSecond, load * 100);
        rows.append(row("p50 of a call, at " + at, median(bareTail.p50), median(oursTail.p50), "≤ 0.5 ms"));
        rows.append(row("p99, the median of rounds", median(bareTail.p99), median(oursTail.p99), "≤ 3 ms"));
    }

    private static String row(String what, double one, double other, String target) {
        return String.format(
                Locale.ROOT, "| %s | %.2f ms | %.2f ms | %.2f ms | %s more |%n", what, one, other, other - one, target);
    }

    /** A server with a small heap holds streams of 20 s, and is looked at twice a second. */
    private String memory() throws IOException, InterruptedException {
        AtomicLong most = new AtomicLong();
        try (HttpPeer small = HttpPeer.proxy(jar, model.port(), List.of("--proxy-max-calls", "8000"), "-Xmx192m");
                ProxyCalls streams = new ProxyCalls(small.key("default", "agent", "planner"))) {
            streams.busy(small.port(), OURS, 1_000, 0);
            streams.hold(small.port(), OURS, STREAMS, 40, 500, () -> {
                try {
                    most.accumulateAndGet(small.residentKib(), Math::max);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return String.format(
                Locale.ROOT,
                "| memory of the process with %,d streams at a time, at most | | %.0f MiB | | ≤ 512 MiB |%n",
                STREAMS,
                most.get() / 1024.0);
    }

    private static double median(List<Double> values) {
        return quantile(values.stream().sorted().toList(), 0.5);
    }

    private static double quantile(List<Double> sorted, double quantile) {
        return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(quantile * (sorted.size() - 1))));
    }

    @Override
    public void close() throws IOException {
        caller.close();
        ours.close();
        library.close();
        bare.close();
        model.close();
    }

    /** What a call took of the processor in each round, in microseconds. */
    private static final class Rounds {
        private final List<Double> bare = new ArrayList<>();
        private final List<Double> library = new ArrayList<>();
        private final List<Double> ours = new ArrayList<>();

        void add(double... micros) {
            bare.add(micros[0]);
            library.add(micros[1]);
            ours.add(micros[2]);
        }

        String rows(String what) {
            return row(what, bare, "≤ 1.5 ×") + row("… with Vert.x' own proxy", library, "");
        }

        private String row(String what, List<Double> other, String target) {
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < other.size(); i++) {
                ratios.add(ours.get(i) / other.get(i));
            }
            return String.format(
                    Locale.ROOT,
                    "| %s | %.1f µs | %.1f µs | %.2f × (%.2f to %.2f) | %s |%n",
                    what,
                    median(other),
                    median(ours),
                    median(ratios),
                    ratios.stream().mapToDouble(each -> each).min().orElseThrow(),
                    ratios.stream().mapToDouble(each -> each).max().orElseThrow(),
                    target);
        }
    }

    /** How long the calls of each round took, in milliseconds. */
    private static final class Tail {
        private final List<Double> p50 = new ArrayList<>();
        private final List<Double> p99 = new ArrayList<>();

        void add(double... millis) {
            List<Double> sorted = DoubleStream.of(millis).sorted().boxed().toList();
            p50.add(quantile(sorted, 0.5));
            p99.add(quantile(sorted, 0.99));
        }
    }
}
