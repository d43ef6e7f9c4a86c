package dev.interlock.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How long a command of the command line takes, from Enter to the prompt: by the start script, and from the jar alone, on a
 * server on the same machine. Writes the figures into docs/cli.md.
 */
final class CommandTimes {
    private static final Path PAGE = Path.of("docs/cli.md");
    private static final String BEGIN = "<!-- figures -->\n";
    private static final String END = "<!-- end of figures -->";
    private static final Path JAR = Path.of("cli/target/interlock.jar");
    private static final int ROUNDS = 11;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern PORT = Pattern.compile("Ready .*port=\"?(\\d+)");
    private static final Pattern TIME = Pattern.compile("(\\d+)m([\\d.]+)s");

    private static final List<String> STOP = List.of("stop", "--agents", "nobody-*", "--reason", "measured", "--yes");
    private static final List<String> RESUME = List.of("resume", "--agents", "nobody-*", "--reason", "measured");

    private static final List<List<String>> COMMANDS = List.of(
            List.of("status"),
            List.of("status", "model:x"),
            List.of("incidents"),
            List.of("events"),
            List.of("agents"),
            List.of("log", "model:x"),
            List.of("health", "model:x"),
            List.of("budgets", "list"),
            List.of("hold", "model:x", "--open"),
            STOP,
            RESUME,
            List.of("policies", "list"),
            List.of("completion", "bash"),
            List.of("--version"));

    private record Took(double wall, double processor) {}

    private CommandTimes() {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("interlock-times");
        Path log = folder.resolve("log");
        Process server = new ProcessBuilder(
                        java(),
                        "-jar",
                        JAR.toString(),
                        "serve",
                        "--port",
                        "0",
                        "--data-dir",
                        folder.resolve("data").toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            String url = "http://127.0.0.1:" + port(server, log);
            String key = Files.readString(folder.resolve("data").resolve("admin-key"))
                    .strip();
            List<String> script = List.of("./interlock");
            List<String> jar = List.of(java(), "-jar", JAR.toString());
            took(script, List.of("open", "model:x", "--create"), url, key);
            StringBuilder table = new StringBuilder(head());
            for (List<String> command : COMMANDS) {
                Took byScript = median(script, command, url, key);
                Took byJar = median(jar, command, url, key);
                table.append(String.format(
                        Locale.ROOT,
                        "| `%s` | %.2f | %.2f | %.2f | %.2f |%n",
                        String.join(" ", command),
                        byScript.wall,
                        byScript.processor,
                        byJar.wall,
                        byJar.processor));
            }
            System.out.println(table);
            write(table.toString());
        } finally {
            server.destroy();
            server.waitFor();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    private static String head() {
        return String.format(
                Locale.ROOT,
                "%s, %d processors, Java %s, load %.1f at the start, commit %s. Seconds, median of %d.%n%n"
                        + "| command | `./interlock`: until done | of a processor | jar alone: until done | of a processor"
                        + " |%n|---|---:|---:|---:|---:|%n",
                LocalDate.now(ZoneOffset.UTC),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                System.getProperty("benchmarks.commit", "unknown"),
                ROUNDS);
    }

    private static void write(String table) throws IOException {
        String page = Files.readString(PAGE);
        Files.writeString(
                PAGE,
                page.substring(0, page.indexOf(BEGIN) + BEGIN.length()) + table + page.substring(page.indexOf(END)));
    }

    private static String port(Process server, Path log) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (server.isAlive() && System.nanoTime() < end) {
            Matcher port = PORT.matcher(Files.readString(log));
            if (port.find()) {
                return port.group(1);
            }
            server.waitFor(100, TimeUnit.MILLISECONDS);
        }
        throw new IllegalStateException("The server did not start: " + Files.readString(log));
    }

    /** Each resume ends a stop of its own, whose time does not count. */
    private static Took median(List<String> program, List<String> command, String url, String key) throws Exception {
        List<Took> all = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            if (command.equals(RESUME)) {
                took(program, STOP, url, key);
            }
            all.add(took(program, command, url, key));
        }
        return new Took(
                all.stream().mapToDouble(Took::wall).sorted().toArray()[ROUNDS / 2],
                all.stream().mapToDouble(Took::processor).sorted().toArray()[ROUNDS / 2]);
    }

    /** A shell knows the processor time of what it has run. */
    private static Took took(List<String> program, List<String> command, String url, String key) throws Exception {
        List<String> words = new ArrayList<>(List.of("sh", "-c", "\"$@\" >/dev/null 2>&1 || exit 1; times", "sh"));
        words.addAll(program);
        words.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().put("INTERLOCK_URL", url);
        builder.environment().put("INTERLOCK_KEY", key);
        long start = System.nanoTime();
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        double wall = (System.nanoTime() - start) / 1e9;
        if (code != 0) {
            throw new IllegalStateException(words + " ended with " + code);
        }
        Matcher time =
                TIME.matcher(said.lines().reduce((first, second) -> second).orElseThrow());
        double processor = 0;
        while (time.find()) {
            processor += Integer.parseInt(time.group(1)) * 60 + Double.parseDouble(time.group(2));
        }
        return new Took(wall, processor);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
