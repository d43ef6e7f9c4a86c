package dev.interlock.redis;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Permit;
import dev.interlock.Scope;
import dev.interlock.store.StoreUnavailableException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/**
 * A process of its own on a Redis that asks for permits as fast as it can. It counts in a file that both sides have mapped:
 * how often it asked, and how many permits it got. So what it did is known to the last call, also after a kill.
 */
final class AskingProcess implements AutoCloseable {
    static final int CIRCUITS = 8;

    private static final int ASKED = 0;
    private static final int GRANTED = Long.BYTES;
    private static final int BYTES = 2 * Long.BYTES;

    final String name;
    private final Process process;
    private final Path file;
    private final MappedByteBuffer counts;

    private AskingProcess(Process process, String name, Path file, MappedByteBuffer counts) {
        this.process = process;
        this.name = name;
        this.file = file;
        this.counts = counts;
    }

    /** Starts one; it asks once it has said what it is called. */
    static AskingProcess start(String url) throws IOException {
        Path file = Files.createTempFile("asking", ".counts");
        MappedByteBuffer counts = map(file);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AskingProcess.class.getName(),
                        url,
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = process.inputReader();
        String name = Objects.requireNonNull(said.readLine(), "the process ended before it began");
        return new AskingProcess(process, name, file, counts);
    }

    /** @param arguments the address of Redis, and the file with the counts */
    public static void main(String[] arguments) throws IOException {
        MappedByteBuffer counts = map(Path.of(arguments[1]));
        CircuitBreakerManager circuits = begin(arguments[0]);
        System.out.println(circuits.settlements().process());
        System.out.flush();
        Thread end = new Thread(AskingProcess::endWithTheTest, "end");
        end.setDaemon(true);
        end.start();
        long granted = 0;
        for (long asked = 1; ; asked++) {
            Permit permit = circuits.getOrCreate(CircuitId.of("agent-" + asked % CIRCUITS))
                    .tryAcquire();
            if (permit != null) {
                counts.putLong(GRANTED, ++granted);
                permit.succeed();
            }
            counts.putLong(ASKED, asked);
            if (asked % 100 == 0) {
                LockSupport.parkNanos(2_000_000); // several of these share a machine
            }
        }
    }

    /** Until Redis is found, as a supervisor of a process would start it again. */
    private static CircuitBreakerManager begin(String url) {
        while (true) {
            try {
                return CircuitBreakerManager.builder()
                        .store(RedisCircuitStore.open(RedisSettings.of(url).withSlowAfter(Duration.ofSeconds(2))))
                        .defaults(CircuitBreakerConfig.builder()
                                .scope(Scope.SHARED)
                                .build())
                        .build();
            } catch (StoreUnavailableException away) {
                LockSupport.parkNanos(100_000_000);
            }
        }
    }

    private static void endWithTheTest() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException closed) {
            // it is gone, too
        }
        Runtime.getRuntime().halt(0);
    }

    private static MappedByteBuffer map(Path file) throws IOException {
        try (RandomAccessFile random = new RandomAccessFile(file.toFile(), "rw");
                FileChannel channel = random.getChannel()) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES);
        }
    }

    long asked() {
        return counts.getLong(ASKED);
    }

    long granted() {
        return counts.getLong(GRANTED);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** By signal 9. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() throws IOException {
        kill();
        Files.deleteIfExists(file);
    }
}
