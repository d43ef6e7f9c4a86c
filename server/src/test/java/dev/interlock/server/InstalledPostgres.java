package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Needed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The PostgreSQL that is installed on the machine, with its own programs for backups: a server on a free port. */
final class InstalledPostgres implements AutoCloseable {
    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

    private final Path programs;
    private final Path folder;
    private final int port;
    private final boolean isRoot;

    private InstalledPostgres(Path programs, Path folder) throws Exception {
        this.programs = programs;
        this.folder = folder;
        this.isRoot = "root".equals(System.getProperty("user.name"));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        if (isRoot) {
            run("chown", "-R", "postgres", folder.toString());
        }
        asServer("initdb", "-D", folder.resolve("data").toString(), "-U", "interlock", "-A", "trust", "-N");
        asServer(
                "pg_ctl",
                "-D",
                folder.resolve("data").toString(),
                "-l",
                folder.resolve("log").toString(),
                "-o",
                "-p " + port + " -h 127.0.0.1 -k " + folder + " -F",
                "-w",
                "start");
    }

    /** Starts one in a folder of its own; without one the test is skipped and says so, in CI that is a mistake. */
    static InstalledPostgres start() throws Exception {
        Optional<Path> programs = Optional.empty();
        if (Files.isDirectory(VERSIONS)) {
            try (Stream<Path> versions = Files.list(VERSIONS)) {
                programs = versions.map(each -> each.resolve("bin"))
                        .filter(each -> Files.isExecutable(each.resolve("pg_dump")))
                        .filter(each -> Files.isExecutable(each.resolve("initdb")))
                        .max(Comparator.naturalOrder());
            }
        }
        if (programs.isEmpty()) {
            throw Needed.missing(
                    "no PostgreSQL with pg_dump here (apt-get install postgresql)", "backups of PostgreSQL");
        }
        return new InstalledPostgres(programs.orElseThrow(), Files.createTempDirectory("interlock-pg"));
    }

    String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** Runs commands as somebody would who has the database's user in the environment. */
    void bash(Path where, String commands) throws Exception {
        ProcessBuilder shell = new ProcessBuilder("bash", "-euc", commands)
                .directory(where.toFile())
                .redirectErrorStream(true);
        shell.environment()
                .putAll(Map.of(
                        "PGHOST", "127.0.0.1",
                        "PGPORT", Integer.toString(port),
                        "PGUSER", "interlock",
                        "PGDATABASE", "postgres",
                        "PATH", programs + ":" + System.getenv("PATH")));
        finish(shell, commands);
    }

    private void asServer(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(isRoot ? List.of("runuser", "-u", "postgres", "--") : List.of());
        command.add(programs.resolve(program).toString());
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    private void run(String... command) throws Exception {
        finish(new ProcessBuilder(command).directory(folder.toFile()), String.join(" ", command));
    }

    /** Its output goes to a file: a server that stays behind holds a pipe open. */
    private static void finish(ProcessBuilder builder, String what) throws Exception {
        Path output = Files.createTempFile("interlock", ".out");
        try {
            Process process = builder.redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            assertThat(process.waitFor()).as(() -> what + ": " + read(output)).isZero();
        } finally {
            Files.delete(output);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws Exception {
        asServer("pg_ctl", "-D", folder.resolve("data").toString(), "-m", "immediate", "-w", "stop");
        run(
                "rm",
                "-rf",
                folder.resolve("data").toString(),
                folder.resolve("log").toString());
        Files.delete(folder);
    }
}
