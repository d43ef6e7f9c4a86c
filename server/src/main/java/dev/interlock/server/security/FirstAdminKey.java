package dev.interlock.server.security;

import dev.interlock.CircuitId;
import dev.interlock.TimeSource;
import dev.interlock.jdbc.ApiKey;
import dev.interlock.jdbc.OwnerOnly;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sees at the start that somebody can administer: without a configured admin key and without an installation's key in
 * the database it makes one and writes it to a file that only the server's user may read. Blocks.
 */
final class FirstAdminKey {
    private static final String FILE = "admin-key";

    private final KeyRing keys;
    private final Path dataDir;
    private final TimeSource time;

    FirstAdminKey(KeyRing keys, Path dataDir, TimeSource time) {
        this.keys = keys;
        this.dataDir = dataDir;
        this.time = time;
    }

    /**
     * What the operator should know: where the key lies, or how to get one if it is lost.
     *
     * @throws UncheckedIOException if the file cannot be written; then no key was made
     */
    AdminKeyNotice ensure(boolean configured) {
        Path file = dataDir.resolve(FILE);
        ApiKey present = keys.installationKey();
        if (configured) {
            return new AdminKeyNotice(false, null, "The admin key is the one that is configured");
        }
        if (present == null) {
            if (make(file)) {
                return new AdminKeyNotice(true, file, "The first admin key was made; it lies in " + file);
            }
            keys.reload();
            return new AdminKeyNotice(
                    false, null, "Another server that started at the same time made the admin key; it lies with that");
        }
        if (holdsInstallationKey(file)) {
            return new AdminKeyNotice(false, file, "The admin key lies in " + file);
        }
        return new AdminKeyNotice(
                false,
                null,
                "The admin key was made on " + present.createdAt() + " (id " + present.id()
                        + ") and only its hash is kept; " + file
                        + " does not hold it. If the key is lost, start the server once "
                        + "with INTERLOCK_ADMIN_KEY set to a key of your choice, and with that call DELETE /api/v1/keys/"
                        + present.id() + "; the next start without INTERLOCK_ADMIN_KEY makes a new one");
    }

    private boolean holdsInstallationKey(Path file) {
        ApiKeyText key = read(file);
        Caller caller = key == null ? null : keys.find(key);
        return caller != null && caller.installationAdmin();
    }

    private static @Nullable ApiKeyText read(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) < 1024
                    ? ApiKeyText.parse(Files.readString(file).strip())
                    : null;
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * The file first: a key whose file could not be written would be lost in the database.
     *
     * @return false if another server was first
     */
    private boolean make(Path file) {
        ApiKeyText key = ApiKeyText.random();
        try {
            Files.createDirectories(dataDir);
            keepOld(file);
            write(file, key.reveal() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The admin key cannot be written to " + file + "; set INTERLOCK_ADMIN_KEY, or a data folder that "
                            + "the server may write to",
                    e);
        }
        ApiKey made = new ApiKey(
                key.id(),
                CircuitId.DEFAULT_ORGANIZATION,
                "first admin key",
                Role.ADMIN.text(),
                null,
                key.hash(),
                true,
                time.wallTime().truncatedTo(ChronoUnit.MILLIS),
                null);
        try {
            keys.add(made);
            return true;
        } catch (IllegalArgumentException anotherWasFirst) {
            remove(file);
            return false;
        }
    }

    private static void remove(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException("The file " + file + " holds no key, but cannot be removed", e);
        }
    }

    /** A key of another database may lie there, to which somebody may return. */
    private static void keepOld(Path file) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        for (int i = 1; ; i++) {
            Path old = file.resolveSibling(FILE + ".old-" + i);
            try {
                Files.move(file, old);
                return;
            } catch (FileAlreadyExistsException taken) {
                // the next number, then
            }
        }
    }

    /** Anyone who looks sees the whole file or none, and never one that others may read. */
    private static void write(Path file, String content) throws IOException {
        Path fresh = Files.createTempFile(file.getParent(), FILE, ".new", OwnerOnly.file(file));
        Set<OpenOption> options = Set.of(StandardOpenOption.WRITE);
        try {
            try (FileChannel channel = FileChannel.open(fresh, options)) {
                ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
