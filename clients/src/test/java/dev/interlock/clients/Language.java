package dev.interlock.clients;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A language that has a client, with the program that runs it and the driver that speaks for it. */
enum Language {
    PYTHON("python3", "clients/python/driver.py"),
    TYPESCRIPT("node", "clients/typescript/driver.mjs");

    static final Path ROOT =
            Path.of(System.getProperty("interlock.root", "..")).toAbsolutePath().normalize();

    private final String program;
    private final String driver;

    Language(String program, String driver) {
        this.program = program;
        this.driver = driver;
    }

    /** The languages that can be run here. */
    static List<Language> here() {
        List<Language> here = new ArrayList<>();
        for (Language each : values()) {
            if (each.isHere()) {
                here.add(each);
            }
        }
        return here;
    }

    /** Without its program a language is skipped and says so; in CI that is a mistake. */
    void assumeItIsHere() {
        if (isHere()) {
            return;
        }
        String what = "There is no " + program + " here: the client of " + this + " is NOT tested";
        if (Boolean.getBoolean("interlock.ci")) {
            fail(what);
        }
        System.err.println(what);
        assumeTrue(false, what);
    }

    /** Of names, so that languages do not meet. */
    String prefix() {
        return name().toLowerCase(Locale.ROOT) + "-";
    }

    /** What a language has no way to do: Node cannot fork. */
    boolean cannot(String verb) {
        return this == TYPESCRIPT && verb.equals("fork");
    }

    List<String> command() {
        return List.of(program, ROOT.resolve(driver).toString());
    }

    private boolean isHere() {
        for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return Files.exists(ROOT.resolve(driver));
            }
        }
        return false;
    }
}
