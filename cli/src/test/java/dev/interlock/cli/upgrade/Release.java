package dev.interlock.cli.upgrade;

import dev.interlock.checks.Needed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program that can be started: this build's, or that of an earlier commit, which is built once from the repository's
 * history and kept below {@code target/before}.
 *
 * @param name as failures show it
 * @param command what starts it, up to the name of the command
 */
record Release(String name, List<String> command) {
    private static final Path ROOT =
            Path.of(System.getProperty("interlock.root", "..")).toAbsolutePath();

    /** The last commit before the house was rebuilt: module server still makes the jar. */
    private static final String BEFORE = "c9a3f1c";

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    /** What is under test. */
    static Release present() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new Release(
                "present",
                List.of(
                        JAVA,
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        classPath,
                        "dev.interlock.cli.Main"));
    }

    /** The commit that {@code -Dinterlock.before} names, or the usual one. Without history the test is left out, loudly. */
    static Release before() {
        String wanted = System.getProperty("interlock.before", BEFORE);
        Path log = ROOT.resolve("target/before/build.log");
        try {
            Files.createDirectories(log.getParent());
            if (run(log, ROOT, "git", "rev-parse", "--verify", "--quiet", wanted + "^{commit}") != 0) {
                // also in CI: a checkout may have no history
                Needed.skip(
                        "no commit " + wanted
                                + " in the history here: fetch it, or name one with -Dinterlock.before=COMMIT",
                        "the rolling upgrade");
            }
            String commit = Files.readString(log).strip();
            Path jar = log.resolveSibling(commit + ".jar");
            if (!Files.exists(jar)) {
                build(commit, jar, log);
            }
            return new Release(
                    "before (" + wanted + ")", List.of(JAVA, "-XX:TieredStopAtLevel=1", "-jar", jar.toString()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void build(String commit, Path jar, Path log) throws IOException {
        Path sources = Files.createTempDirectory("interlock-before");
        Path archive = sources.resolve("sources.tar");
        succeed(log, ROOT, "git", "archive", "--format=tar", "--output=" + archive, commit);
        succeed(log, sources, "tar", "-xf", archive.toString());
        String module = Files.isDirectory(sources.resolve("cli")) ? "cli" : "server";
        List<String> maven = new ArrayList<>(List.of("sh", "mvnw", "-B", "-ntp", "-Dquick"));
        for (String setting :
                List.of("maven.repo.local", "maven.repo.local.tail", "maven.repo.local.tail.ignoreAvailability")) {
            if (System.getProperty(setting) != null) {
                maven.add("-D" + setting + "=" + System.getProperty(setting));
            }
        }
        maven.addAll(List.of("-pl", module, "-am", "package"));
        succeed(log, sources, maven.toArray(String[]::new));
        Files.move(sources.resolve(module).resolve("target/interlock.jar"), jar);
        remove(sources);
    }

    private static void succeed(Path log, Path folder, String... command) throws IOException {
        if (run(log, folder, command) != 0) {
            throw new IllegalStateException(
                    "This failed in " + folder + ": " + String.join(" ", command) + "\n" + Files.readString(log));
        }
    }

    private static int run(Path log, Path folder, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        process.getOutputStream().close();
        try {
            if (!process.waitFor(15, TimeUnit.MINUTES)) {
                process.destroy();
                throw new IllegalStateException("Not done after 15 minutes: " + String.join(" ", command));
            }
            return process.exitValue();
        } catch (InterruptedException stopped) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", stopped);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
