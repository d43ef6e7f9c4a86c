package dev.interlock.clients;

import dev.interlock.checks.Needed;
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
        if (!isHere()) {
            throw Needed.missing("no " + program + " here", "the client of " + this);
        }
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
        return Needed.find(program).isPresent();
    }
}
