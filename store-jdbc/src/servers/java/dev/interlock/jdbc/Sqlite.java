package dev.interlock.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Files of SQLite for tests. */
public final class Sqlite {
    private Sqlite() {}

    /**
     * The file {@code interlock.db} in a folder. If there is none, one as a first start leaves it: a copy, which takes less
     * time than to make all tables.
     */
    public static DatabaseSettings migrated(Path folder) {
        Path file = folder.resolve("interlock.db");
        try {
            if (Files.notExists(file)) {
                create(file);
                Files.write(file, Template.BYTES);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return DatabaseSettings.sqlite(file);
    }

    /** For its owner alone, as the store makes it. */
    private static void create(Path file) throws IOException {
        FileAttribute<?>[] owners =
                file.getFileSystem().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
        Files.createFile(file, owners);
    }

    /** Made when it is first needed. */
    private static final class Template {
        static final byte[] BYTES = make();

        private static byte[] make() {
            try {
                Path folder = Files.createTempDirectory("interlock");
                Path file = folder.resolve("interlock.db");
                Database.open(DatabaseSettings.sqlite(file)).close();
                byte[] bytes = Files.readAllBytes(file);
                try (var left = Files.list(folder)) {
                    for (Path each : left.toList()) {
                        Files.delete(each);
                    }
                }
                Files.delete(folder);
                return bytes;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
