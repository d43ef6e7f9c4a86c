package dev.interlock.jdbc;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Files and folders that only their owner may read. They are created so, never created and then restricted. Where the
 * file system knows no owner's permissions (Windows, some network shares) they are created as others are, and what
 * surrounds them must protect them. Safe for use by any thread.
 */
public final class OwnerOnly {
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final FileAttribute<?>[] NONE = {};

    private OwnerOnly() {}

    /**
     * What to create a file with.
     *
     * @param place where the file will be
     * @return the attributes of a file with mode 0600; none where there are no such modes
     */
    public static FileAttribute<?>[] file(Path place) {
        return isPosix(place) ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(FILE)} : NONE;
    }

    /**
     * Creates a file of mode 0600, unless there is one.
     *
     * @param file the file
     * @throws IOException if it cannot be created
     */
    public static void create(Path file) throws IOException {
        try {
            Files.createFile(file, file(file));
        } catch (FileAlreadyExistsException there) {
            // as wanted; tighten sees to its mode
        }
    }

    /**
     * Sees that a folder and its files belong to their owner alone: creates the folder with mode 0700, or tightens it and
     * those of its files that hold secrets. A folder in which there is anything else is not tightened, since others may
     * need it; it is reported.
     *
     * @param folder the folder
     * @param isOurs which files' names are those of secrets
     * @return what the owner should know, one sentence each; empty if all was as it should be
     * @throws IOException if the folder cannot be created or read
     */
    public static List<String> folder(Path folder, Predicate<String> isOurs) throws IOException {
        List<String> warnings = new ArrayList<>();
        if (!Files.exists(folder)) {
            Files.createDirectories(
                    folder,
                    isPosix(folder) ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(FOLDER)} : NONE);
            if (!isPosix(folder)) {
                warnings.add("The file system of " + folder + " knows no owner's permissions: see to it by its own"
                        + " means that nobody else can read the folder, since it holds secrets");
            }
            return warnings;
        }
        List<Path> ours = new ArrayList<>();
        boolean shared = false;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path each : files) {
                if (isOurs.test(String.valueOf(each.getFileName()))) {
                    ours.add(each);
                } else {
                    shared = true;
                }
            }
        }
        if (!shared) {
            add(warnings, tighten(folder, FOLDER));
        } else if (isLooser(folder, FOLDER)) {
            warnings.add("The data folder " + folder + " can be read by others than its owner and holds other files,"
                    + " so it stays as it is; a folder of its own for the server, with mode 0700, is safer");
        }
        for (Path each : ours) {
            if (Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS)) {
                add(warnings, tighten(each));
            }
        }
        return warnings;
    }

    /**
     * Takes from all but the owner what they may do with a file.
     *
     * @param file a file that may be missing
     * @return what the owner should know, or null if all was as it should be
     */
    public static @Nullable String tighten(Path file) {
        return tighten(file, FILE);
    }

    private static @Nullable String tighten(Path place, Set<PosixFilePermission> most) {
        if (!isLooser(place, most)) {
            return null;
        }
        try {
            Set<PosixFilePermission> less = EnumSet.copyOf(most);
            less.retainAll(Files.getPosixFilePermissions(place));
            Files.setPosixFilePermissions(place, less);
            return isLooser(place, most)
                    ? openStill(place)
                    : place + " could be read by others than its owner; it holds secrets, so its mode is now "
                            + PosixFilePermissions.toString(less)
                            + ". Others may have read it: replace the keys and secrets in it";
        } catch (IOException | UnsupportedOperationException notOurs) {
            return openStill(place);
        }
    }

    private static String openStill(Path place) {
        return place + " can be read by others than its owner, though it holds secrets, and its mode cannot be changed;"
                + " see to it by other means";
    }

    private static boolean isLooser(Path place, Set<PosixFilePermission> most) {
        if (!isPosix(place) || !Files.exists(place)) {
            return false;
        }
        try {
            return !most.containsAll(Files.getPosixFilePermissions(place));
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }

    private static boolean isPosix(Path place) {
        Path there = place.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there != null
                && Files.getFileAttributeView(there, PosixFileAttributeView.class) != null
                && place.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static void add(List<String> warnings, @Nullable String warning) {
        if (warning != null) {
            warnings.add(warning);
        }
    }
}
