package dev.interlock.server.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the process's streams are connected with. */
final class Terminal {
    /** Set by {@code ./interlock}, which can ask where Java cannot. */
    private static final String TOLD = "interlock.terminal";

    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    private Terminal() {}

    /** Whether a person may be looking at standard error; without the script that can only be found out on Linux. */
    static boolean isStandardError() {
        String told = System.getProperty(TOLD);
        if (told != null) {
            return told.equals("true");
        }
        try {
            String device = Files.readSymbolicLink(STANDARD_ERROR).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException noSuchFolder) {
            return false;
        }
    }
}
