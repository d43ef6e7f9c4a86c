package dev.interlock.monitor;

import dev.interlock.Alpha;
import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.TimeSource;
import dev.interlock.UsageListener;
import dev.interlock.monitor.loops.LoopRefusals;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The agent log: what agents did, brought to a server or to a processor in this process.
 *
 * <p>Logging never blocks and never throws for what is logged: an entry goes into a bounded buffer, and one thread redacts
 * it and sends it with others. What is lost, because the buffer was full or the other side away for too long, is counted
 * and reported. Safe for use by any thread; make one a process and close it at the end.
 */
public final class AgentLogger implements AutoCloseable {
    private final Shipper shipper;
    private final @Nullable LoopRefusals loops;
    private final Duration closeTimeout;
    private final @Nullable String organization;
    private final EntryIds ids = new EntryIds();

    private AgentLogger(Builder settings, Shipper shipper) {
        this.closeTimeout = settings.closeTimeout;
        this.organization = settings.organization;
        this.loops = settings.loops;
        this.shipper = shipper;
    }

    /**
     * A logger to be set up that sends to a server.
     *
     * @param server the server's address, such as {@code http://localhost:8080}
     * @param apiKey a key that may log; it is sent to this server only and never shown
     * @return its builder
     * @throws IllegalArgumentException if the address is none of HTTP, or the key is blank
     */
    public static Builder http(URI server, String apiKey) {
        return new Builder(new HttpSink(server, apiKey));
    }

    /**
     * A logger to be set up whose entries are kept in this process.
     *
     * @param sink takes the batches
     * @return its builder
     */
    public static Builder to(EntrySink sink) {
        return new Builder(sink);
    }

    /**
     * Begins a run of an agent.
     *
     * @param agentId the agent, as its circuit is called
     * @return the run, with an id of its own, to be used in try-with-resources
     * @throws IllegalArgumentException if the agent's id is blank
     */
    public Execution execution(String agentId) {
        return execution(agentId, ids.next());
    }

    /**
     * Goes on with a run that has an id already, from another process for instance.
     *
     * @param agentId the agent, as its circuit is called
     * @param executionId the run
     * @return the run, to be used in try-with-resources
     * @throws IllegalArgumentException if an id is blank
     */
    public Execution execution(String agentId, String executionId) {
        if (agentId.isBlank() || executionId.isBlank()) {
            throw new IllegalArgumentException("The ids of an agent and of its run must not be empty or blank");
        }
        return new Execution(shipper, ids, agentId, executionId, loops);
    }

    /**
     * Logs an entry that somebody else made; it is redacted and cut like all others.
     *
     * @param entry what was done
     */
    public void log(LogEntry entry) {
        LogEntry named = entry.entryId() != null && entry.metadata().isEmpty()
                ? entry
                : entry.toBuilder()
                        .entryId(entry.entryId() == null ? ids.next() : entry.entryId())
                        .metadata(Values.captured(entry.metadata()))
                        .build();
        shipper.add(named);
    }

    /**
     * Logs what happens to circuits, for {@code CircuitBreakerManager.builder().listener(…)}: each transition is an entry
     * {@code circuit_transition} of the agent, marked as guarded. Circuits of other organizations are left out.
     *
     * @return a listener
     */
    public CircuitListener circuits() {
        return new CircuitLog(this::log, organization);
    }

    /**
     * Logs what happens to the health of agents, for {@link HealthMonitor#addListener}: each transition is an entry {@code
     * health_transition} of the agent, marked as guarded. Agents of other organizations are left out.
     *
     * @return a listener
     */
    public HealthListener health() {
        String own = organization == null ? CircuitId.DEFAULT_ORGANIZATION : organization;
        return transition -> {
            if (transition.snapshot().agent().organization().equals(own)) {
                log(TransitionEntries.of(transition));
            }
        };
    }

    /**
     * Logs calls of guarded models, for {@code countedBy} of LangChain4j's and Spring AI's: each is an entry {@code
     * llm_inference} of its agent, marked as guarded, with the tokens that its answer says. So budgets of the server, or of
     * the processor that this logger sends to, count it; do not log it another time.
     *
     * @return a listener; {@link Execution#usage} is one for a run
     */
    @Alpha
    public UsageListener usage() {
        return used -> log(UsageEntries.of(used, shipper.time().wallTime()).build());
    }

    /** Asks for all that waits to be sent now, and does not wait for it. */
    public void flush() {
        shipper.flush();
    }

    /**
     * What has become of the entries so far.
     *
     * @return the figures
     */
    public LogFigures figures() {
        return shipper.figures();
    }

    /** Sends what waits, for at most the close timeout, and reports what was lost. Entries that come later are lost. */
    @Override
    public void close() {
        shipper.close(closeTimeout);
    }

    /** Sets a logger up; each method answers this builder. For one thread at a time. */
    public static final class Builder {
        private static final int LARGEST_BATCH = 1_000;
        private final EntrySink sink;
        private TimeSource time = TimeSource.system();
        private Redactor redactor = Redactor.standard();
        private @Nullable String organization;
        private int bufferSize = 10_000;
        private long bufferCharacters = 32L << 20;
        private int batchSize = 50;
        private Duration interval = Duration.ofSeconds(5);
        private BiConsumer<Long, String> onLost = Builder::warn;
        private Duration closeTimeout = Duration.ofSeconds(5);
        private @Nullable LoopRefusals loops;

        private Builder(EntrySink sink) {
            this.sink = sink;
        }

        /**
         * Whose agents are logged; by default the receiver decides: over HTTP the key, else the default organization.
         *
         * @param name the organization
         * @return this builder
         */
        public Builder organization(String name) {
            this.organization = name;
            return this;
        }

        /**
         * How many entries go together, by default 50.
         *
         * @param entries 1 to 1,000
         * @return this builder
         * @throws IllegalArgumentException for another number
         */
        public Builder batchSize(int entries) {
            if (entries < 1 || entries > LARGEST_BATCH) {
                throw new IllegalArgumentException(
                        "A batch may have 1 to " + LARGEST_BATCH + " entries, but was to have " + entries);
            }
            this.batchSize = entries;
            return this;
        }

        /**
         * How long an entry waits for others at most, by default 5 s.
         *
         * @param longest longer than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder interval(Duration longest) {
            if (longest.isZero() || longest.isNegative()) {
                throw new IllegalArgumentException("The interval must be longer than zero, but was " + longest);
            }
            this.interval = longest;
            return this;
        }

        /**
         * How many entries wait at most while the other side is away, by default 10,000; beyond, and beyond 32 Mi
         * characters, the oldest are lost.
         *
         * @param entries at least 1
         * @return this builder
         * @throws IllegalArgumentException for another number
         */
        public Builder bufferSize(int entries) {
            if (entries < 1) {
                throw new IllegalArgumentException("The buffer must hold at least 1 entry, but was to hold " + entries);
            }
            this.bufferSize = entries;
            return this;
        }

        /**
         * How long {@link AgentLogger#close()} tries at most, by default 5 s.
         *
         * @param longest not negative
         * @return this builder
         * @throws IllegalArgumentException if it is
         */
        public Builder closeTimeout(Duration longest) {
            if (longest.isNegative()) {
                throw new IllegalArgumentException("The close timeout must not be negative, but was " + longest);
            }
            this.closeTimeout = longest;
            return this;
        }

        /**
         * What takes secrets out, by default {@link Redactor#standard()}.
         *
         * @param other such as the standard one with rules of one's own
         * @return this builder
         */
        public Builder redactor(Redactor other) {
            this.redactor = other;
            return this;
        }

        /**
         * Hears of lost entries, at most once a minute and at the close, on the logger's thread or the closing one; by
         * default a warning goes to the {@link System.Logger} of this class.
         *
         * @param listener is notified how many since the last time, and why the latest was
         * @return this builder
         */
        public Builder onLost(BiConsumer<Long, String> listener) {
            this.onLost = listener;
            return this;
        }

        /**
         * The clocks, by default those of this machine.
         *
         * @param source where times and durations come from
         * @return this builder
         */
        public Builder time(TimeSource source) {
            this.time = source;
            return this;
        }

        /**
         * Has guarded calls of an execution refused once it is in a loop; by default nobody looks for any.
         *
         * @param refusals by what a detector found, such as that of the processor to which this logger sends
         * @return this builder
         */
        public Builder refusing(LoopRefusals refusals) {
            this.loops = refusals;
            return this;
        }

        /**
         * Starts the logger.
         *
         * @return it, to be closed at the end
         */
        public AgentLogger build() {
            Shipper shipper =
                    shipper(new Backoff(() -> ThreadLocalRandom.current().nextDouble()));
            shipper.start();
            return new AgentLogger(this, shipper);
        }

        /** Without a thread: the caller that holds the shipper makes its steps. */
        AgentLogger build(Shipper shipper) {
            return new AgentLogger(this, shipper);
        }

        Shipper shipper(Backoff backoff) {
            return new Shipper(
                    new ShipperSettings(
                            time, redactor, organization, bufferSize, bufferCharacters, batchSize, interval, onLost),
                    sink,
                    backoff);
        }

        private static void warn(long entries, String why) {
            System.getLogger(Shipper.LOGGER)
                    .log(System.Logger.Level.WARNING, "{0} entries of the agent log were lost: {1}", entries, why);
        }
    }
}
