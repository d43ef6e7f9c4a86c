package dev.interlock.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the process's streams are connected with. */
final class Terminal {
    /** Set by {@code ./interlock}, which can ask where Java cannot. */
    private static final String GIVEN = "interlock.terminal";

    private static final String GIVEN_OUTPUT = "interlock.terminal.output";
    private static final String GIVEN_INPUT = "interlock.terminal.input";

    static final String RED = "\u001b[31m";
    static final String YELLOW = "\u001b[33m";
    static final String GREEN = "\u001b[32m";
    static final String PLAIN = "\u001b[0m";

    private static final Path STANDARD_INPUT = Path.of("/proc/self/fd/0");
    private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    private Terminal() {}

    /** The colour of a circuit's state, or of a health; nothing for one that is well or unknown. */
    static String colourOf(String state) {
        return switch (state) {
            case "open", "critical", "live", "failure" -> RED;
            case "half_open", "degraded", "held" -> YELLOW;
            default -> "";
        };
    }

    /** Whether a person may be typing; where that cannot be found out, the JVM has said so already. */
    static boolean isStandardInput() {
        return !Files.isSymbolicLink(STANDARD_INPUT) || isTerminal(GIVEN_INPUT, STANDARD_INPUT);
    }

    /** Whether a person may be looking at standard error; without the script that can only be found out on Linux. */
    static boolean isStandardError() {
        return isTerminal(GIVEN, STANDARD_ERROR);
    }

    /** Whether what is printed should bear colours: a person may be looking, and does not refuse them by NO_COLOR. */
    static boolean hasColours() {
        String refused = System.getenv("NO_COLOR");
        return (refused == null || refused.isEmpty()) && isTerminal(GIVEN_OUTPUT, STANDARD_OUTPUT);
    }

    private static boolean isTerminal(String property, Path stream) {
        String given = System.getProperty(property);
        if (given != null) {
            return given.equals("true");
        }
        try {
            String device = Files.readSymbolicLink(stream).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException noSuchFolder) {
            return false;
        }
    }
}
