package dev.interlock.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a Maven of its own, with the wrapper and the JDK of this build. */
final class Maven {
    private static final long MINUTES = 5;

    private Maven() {}

    /**
     * Runs a command to its end, which must be a good one.
     *
     * @param folder of the project
     * @param arguments what the command line says
     * @param output file for what it prints
     * @return what it printed
     */
    static String run(Path folder, List<String> arguments, Path output) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(Published.ROOT.resolve("mvnw").toString(), "-B", "-ntp"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MAVEN_OPTS", "-Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        builder.environment().remove("MAVEN_ARGS");
        Process maven = builder.start();
        try {
            assertThat(maven.waitFor(MINUTES, TimeUnit.MINUTES))
                    .as("done after %d minutes", MINUTES)
                    .isTrue();
        } finally {
            maven.descendants().forEach(ProcessHandle::destroyForcibly);
            maven.destroyForcibly();
        }
        String printed = Files.readString(output);
        assertThat(maven.exitValue()).as(printed).isZero();
        return printed;
    }

    /** Says that the local repository is the one in use. */
    static List<String> repository() {
        String tail = System.getProperty("maven.repo.local.tail");
        return tail == null ? List.of("-Dmaven.repo.local=" + used()) : repositories(used(), tail);
    }

    /** Says that the local repository begins with a folder, and goes on with the one in use. */
    static List<String> repositories(Path head) {
        String tail = System.getProperty("maven.repo.local.tail");
        return repositories(head.toString(), tail == null ? used() : used() + "," + tail);
    }

    private static List<String> repositories(String head, String tail) {
        return List.of(
                "-Dmaven.repo.local=" + head,
                "-Dmaven.repo.local.tail=" + tail,
                "-Dmaven.repo.local.tail.ignoreAvailability=true");
    }

    private static String used() {
        String used = System.getProperty("maven.repo.local", System.getProperty("localRepository"));
        return used != null
                ? used
                : Path.of(System.getProperty("user.home"), ".m2", "repository").toString();
    }
}
