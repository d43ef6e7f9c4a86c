package dev.interlock.jdbc;

import dev.interlock.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a second process from an SQLite file. Ends with its process, however that ends. */
final class FileLock implements AutoCloseable {
    private final FileChannel channel;

    private FileLock(FileChannel channel) {
        this.channel = channel;
    }

    static FileLock of(Path database) {
        Path file = Path.of(database + ".lock");
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (channel.tryLock() != null) {
                    return new FileLock(channel);
                }
            } catch (OverlappingFileLockException thisProcess) {
                // Somebody in this process has it: as good as another process.
            }
            channel.close();
            throw new StoreUnavailableException(
                    "The database " + database + " is in use by another server. Stop that one, give this one a folder"
                            + " of its own, or let both use one PostgreSQL",
                    null);
        } catch (IOException failed) {
            throw new StoreUnavailableException(
                    "The file " + file + " cannot be written: " + failed + ". Is its folder there, and writable?",
                    failed);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
