package dev.interlock.monitor;

/**
 * Where batches of the agent log go: a processor in this process, or a server.
 *
 * <p>An {@link AgentLogger} calls its sink from one thread at a time, never from the thread that logs; the call may
 * take its time.
 */
@FunctionalInterface
public interface EntrySink {
    /**
     * Takes a batch in. A batch may come a second time, when the first answer was lost: entry ids show it.
     *
     * @param batch the entries, redacted and cut; never empty
     * @return what became of them
     * @throws SinkUnavailableException if it cannot now, but may later; any other exception means that it never will
     */
    Receipt take(LogBatch batch);
}
