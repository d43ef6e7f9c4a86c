package dev.interlock.jdbc;

import dev.interlock.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Keeps a second process from an SQLite file, and remembers in a note what became of the file so far. The lock ends with
 * its process, however that ends; the note stays.
 */
final class FileLock implements AutoCloseable {
    private static final int LONGEST_NOTE = 256;

    private final FileChannel channel;

    private FileLock(FileChannel channel) {
        this.channel = channel;
    }

    static FileLock of(Path database) {
        Path file = Path.of(database + ".lock");
        try {
            FileChannel channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    OwnerOnly.file(file));
            try {
                if (channel.tryLock() != null) {
                    return new FileLock(channel);
                }
            } catch (OverlappingFileLockException thisProcess) {
                // Somebody in this process has it: as good as another process.
            }
            channel.close();
            throw inUse(database);
        } catch (IOException failed) {
            throw new StoreUnavailableException(
                    "The file " + file + " cannot be written: " + failed + ". Is its folder there, and writable?",
                    failed);
        }
    }

    static StoreUnavailableException inUse(Path database) {
        return new StoreUnavailableException(
                "The database " + database
                        + " is in use by another server, or by another program that has it open. Stop"
                        + " that one, give this one a folder of its own, or let both use one PostgreSQL",
                null);
    }

    /** What was noted last; empty if nothing ever was. */
    String note() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LONGEST_NOTE);
        channel.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
    }

    /** Notes something in place of what was noted before, durably. */
    void note(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
        int length = bytes.remaining();
        channel.write(bytes, 0);
        channel.truncate(length);
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
