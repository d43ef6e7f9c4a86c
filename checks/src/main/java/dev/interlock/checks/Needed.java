package dev.interlock.checks;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.opentest4j.AssertionFailedError;

/**
 * What a machine may lack that some tests need: programs, mostly. Without it they are skipped, and say so; where
 * {@code interlock.ci} is true, all has to be there, and they fail.
 */
public final class Needed {
    /** Where programs of administrators lie, which are not on everybody's path. */
    private static final String FOLDERS = System.getenv("PATH") + File.pathSeparator + "/usr/sbin";

    private Needed() {}

    /**
     * Where a program lies.
     *
     * @param its what brings it on Debian
     * @param untested what is not tested without it
     */
    public static Path program(String name, String its, String untested) {
        return find(name).orElseThrow(() -> missing("no " + name + " here (apt-get install " + its + ")", untested));
    }

    /** Where a program lies, if it is here. */
    public static Optional<Path> find(String name) {
        return Stream.of(FOLDERS.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(each -> Files.isRegularFile(each) && Files.isExecutable(each))
                .findFirst();
    }

    /**
     * Ends a test that cannot run; always throws.
     *
     * @param what is missing, after "There is"
     * @param untested what is not tested without it
     */
    public static AssertionError missing(String what, String untested) {
        return missing(what, untested, Boolean.getBoolean("interlock.ci"));
    }

    static AssertionError missing(String what, String untested, boolean ci) {
        if (ci) {
            throw new AssertionFailedError(said(what, untested));
        }
        skip(what, untested);
        throw new AssertionError("Skipped");
    }

    /** Ends a test that cannot run here, in CI as well; always throws. For what cannot be installed. */
    public static void skip(String what, String untested) {
        System.err.println(said(what, untested));
        Assumptions.abort(said(what, untested));
    }

    private static String said(String what, String untested) {
        return "There is " + what + ", so NOT tested: " + untested;
    }
}
