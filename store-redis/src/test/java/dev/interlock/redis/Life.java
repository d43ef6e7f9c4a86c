package dev.interlock.redis;

import dev.interlock.redis.LoadedNode.Setup;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** One life of a node, in this process or in one of its own, and what it reported. Safe for use by any thread. */
final class Life implements AutoCloseable {
    /** One line. */
    record Line(Life life, long nanos, String what, List<String> more) {}

    private final String name;
    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final @Nullable NodeProcess process;
    private final @Nullable LoadedNode node;
    private final long madeAt = System.nanoTime();
    private volatile long diedAt = Long.MAX_VALUE;

    private Life(String name, Setup setup, boolean ownProcess) {
        this.name = name;
        process = ownProcess ? new NodeProcess(setup, this::hear) : null;
        node = ownProcess ? null : NodeProcess.begin(setup, this::hear);
    }

    static Life inThisProcess(String name, Setup setup) {
        return new Life(name, setup, false);
    }

    static Life inItsOwnProcess(String name, Setup setup) {
        return new Life(name, setup, true);
    }

    boolean canBeKilled() {
        return process != null;
    }

    boolean isAlive() {
        return diedAt == Long.MAX_VALUE;
    }

    void command(String line) {
        if (process != null) {
            process.command(line);
        } else if (node != null) {
            node.command(line);
        }
    }

    /** As kill -9 does. */
    void kill() {
        if (process == null) {
            throw new IllegalStateException("Only a process can be killed");
        }
        process.kill();
        diedAt = System.nanoTime();
    }

    /** Whether it had begun, or was about to and found out later that Redis has forgotten what it knew. */
    boolean knewBefore(long nanos) {
        return madeAt <= nanos
                && lines.stream()
                        .anyMatch(line -> line.what.equals("begun") && line.nanos <= nanos
                                || line.what.equals("forgot") && line.nanos > nanos);
    }

    long diedAt() {
        return diedAt;
    }

    List<Line> lines() {
        return List.copyOf(lines);
    }

    boolean said(String what) {
        return lines.stream().anyMatch(line -> line.what.equals(what));
    }

    boolean said(String what, String of) {
        return lines.stream().anyMatch(line -> line.what.equals(what) && line.more.contains(of));
    }

    /** Whether it is detached, the state of the circuit under load, and who holds the other, as it last said. */
    List<String> present() {
        Line last = null;
        for (Line line : lines) {
            if (line.what.equals("is")) {
                last = line;
            }
        }
        return last == null ? List.of("true", "UNKNOWN", "unknown") : last.more;
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
        if (node != null) {
            node.close();
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private void hear(String line) {
        String[] words = line.split(" ", -1);
        if (words.length < 2 || !words[0].matches("\\d+")) {
            lines.add(new Line(this, System.nanoTime(), "unreadable", List.of(line)));
            return;
        }
        lines.add(new Line(
                this, Long.parseLong(words[0]), words[1], List.of(words).subList(2, words.length)));
    }
}
