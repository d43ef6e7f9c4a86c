package dev.interlock.monitor;

/**
 * What has become of the entries of an {@link AgentLogger} so far. Immutable; read one after the other, so that a sum may
 * be off by what happens meanwhile.
 *
 * @param logged how many were given to the logger
 * @param accepted how many the sink took in
 * @param refused how many it refused, each alone
 * @param lost how many were dropped: the buffer was full, a batch could not be delivered, or the logger was closed
 * @param waiting how many wait to be sent
 */
public record LogFigures(long logged, long accepted, long refused, long lost, int waiting) {}
