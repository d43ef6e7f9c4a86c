package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.interlock.checks.Needed;
import dev.interlock.server.config.Config;
import dev.interlock.server.config.Setting;
import dev.interlock.server.config.Settings;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What people install: the archive as the build packs it, the image by the steps of its Dockerfile, and the unit. The
 * runnable jar is replaced by one that leads to the class path of this test.
 */
class DistributionTest {
    private static final Path ROOT =
            Path.of(System.getProperty("interlock.root", "..")).toAbsolutePath().normalize();
    private static final Path DIST = ROOT.resolve("cli/src/dist");
    private static final Pattern ADDRESS = Pattern.compile("\"address\":\"http://[^\"]*:(\\d+)\"");
    private static final Pattern COMMENTED = Pattern.compile("^#([a-z-]+): ", Pattern.MULTILINE);

    @TempDir
    Path folder;

    private Path archive;

    @BeforeEach
    void pack() throws Exception {
        assumeTrue(File.separatorChar == '/', "the archive is for systems with a shell");
        Path jar = jarOfThisClassPath();
        archive = folder.resolve("packed/interlock-9.8.7.tar.gz");
        assertThat(run(Map.of(), folder, "sh", DIST.resolve("pack").toString(), jar.toString(), "9.8.7", "packed"))
                .isEqualTo("packed/interlock-9.8.7.tar.gz\n");
    }

    @Test
    void the_archive_has_all_that_it_takes_to_run_and_every_licence() throws Exception {
        List<String> names =
                run(Map.of(), folder, "tar", "-tzf", archive.toString()).lines().toList();
        assertThat(names).allMatch(name -> name.startsWith("interlock-9.8.7/"));
        assertThat(names)
                .contains(
                        "interlock-9.8.7/bin/interlock",
                        "interlock-9.8.7/bin/quick-starts",
                        "interlock-9.8.7/lib/interlock.jar",
                        "interlock-9.8.7/etc/interlock.yaml",
                        "interlock-9.8.7/systemd/interlock.service",
                        "interlock-9.8.7/Dockerfile",
                        "interlock-9.8.7/README.txt",
                        "interlock-9.8.7/LICENSE",
                        "interlock-9.8.7/licences/THIRD-PARTY.md");
        try (var licences = Files.list(ROOT.resolve("cli/src/main/resources/META-INF/licences"))) {
            licences.forEach(each -> assertThat(names).contains("interlock-9.8.7/licences/" + each.getFileName()));
        }
    }

    /** Each step as a container's build would run it, with the folders of the image below an empty one. */
    @Test
    @Tag("heavy")
    @Tag("thorough")
    void an_image_by_the_steps_of_the_dockerfile_serves_and_ends_cleanly() throws Exception {
        Path image = Files.createDirectory(folder.resolve("image"));
        Map<String, String> environment = new LinkedHashMap<>();
        Path where = image;
        List<String> command = new ArrayList<>();
        for (String[] step : steps()) {
            switch (step[0]) {
                case "FROM" -> assertThat(step[1]).isEqualTo("eclipse-temurin:17-jre");
                case "WORKDIR" -> where = Files.createDirectories(inside(image, step[1]));
                case "ENV" -> {
                    String[] pair = step[1].split("=", 2);
                    environment.put(
                            pair[0],
                            pair[1].startsWith("/") ? inside(image, pair[1]).toString() : pair[1]);
                }
                case "COPY" -> {
                    String[] words = step[1].split(" ");
                    assertThat(archive.getFileName().toString())
                            .matches(words[0].replace(".", "\\.").replace("*", ".*"));
                    Path to = Files.createDirectories(inside(image, words[1]));
                    Files.copy(archive, to.resolve(archive.getFileName()));
                }
                case "RUN" -> run(Map.of(), where, "sh", "-euc", inside(image, owner(step[1]), "(?<=^| )(/[a-z])"));
                case "ENTRYPOINT", "CMD" ->
                    command.addAll(Arrays.stream(
                                    step[1].replaceAll("[\\[\\]\"]", "").split(", *"))
                            .map(word ->
                                    word.startsWith("/") ? inside(image, word).toString() : word)
                            .toList());
                default -> assertThat(step[0]).isIn("USER", "VOLUME", "EXPOSE");
            }
        }
        Path data = image.resolve("var/lib/interlock");
        assertThat(Files.getPosixFilePermissions(data)).hasSize(3);
        Path lib = image.resolve("opt/interlock/lib");
        assertThat(lib.resolve("interlock.jsa")).isNotEmptyFile();
        assertThat(lib.resolve("interlock-commands.jsa")).isNotEmptyFile();
        environment.put("INTERLOCK_HOST", "127.0.0.1");
        environment.put("INTERLOCK_PORT", "0");
        assertThatItServesAndStops(command, environment, where);
        assertThat(data.resolve("admin-key")).exists();
    }

    @Test
    void the_unit_starts_what_the_archive_has_and_a_stop_has_time() throws IOException {
        Map<String, List<String>> unit = unit();
        assertThat(unit.get("ExecStart"))
                .containsExactly("/opt/interlock/bin/interlock serve --config /etc/interlock/interlock.yaml");
        assertThat(unit.get("User")).containsExactly("interlock");
        assertThat(unit.get("Restart")).containsExactly("on-failure");
        Set<String> known = Settings.ALL.stream().map(Setting::variable).collect(Collectors.toSet());
        known.add("INTERLOCK_JAVA_OPTS");
        assertThat(unit.get("Environment")).isNotEmpty().allMatch(each -> known.contains(each.replaceFirst("=.*", "")));
        Duration grace = Config.read(Map.of(), Map.of(), null).get(Settings.SHUTDOWN_GRACE);
        assertThat(Integer.parseInt(unit.get("TimeoutStopSec").get(0))).isGreaterThan((int) grace.toSeconds() + 10);
    }

    @Test
    void systemd_finds_nothing_wrong_with_the_unit() throws Exception {
        Needed.program("systemd-analyze", "systemd", "the unit, by systemd");
        Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
        run(Map.of(), unpacked, "tar", "-xzf", archive.toString(), "--strip-components=1");
        Path unit = unpacked.resolve("interlock.service");
        Files.writeString(
                unit,
                Files.readString(unpacked.resolve("systemd/interlock.service"))
                        .replace("/opt/interlock/", unpacked + "/"));
        String said = run(Map.of(), unpacked, "systemd-analyze", "verify", "--man=no", unit.toString());
        assertThat(said.lines().filter(line -> line.contains("interlock"))).isEmpty();
    }

    @Test
    void the_example_of_settings_is_one_and_so_is_each_line_that_is_commented_out() throws IOException {
        Path example = DIST.resolve("etc/interlock.yaml");
        Config config = Config.read(Map.of(), Map.of(), example);
        assertThat(config.get(Settings.PORT)).isEqualTo(8080);
        Set<String> names = Settings.ALL.stream().map(Setting::name).collect(Collectors.toSet());
        List<String> commented = COMMENTED
                .matcher(Files.readString(example))
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(commented).contains("tls-cert", "base-path").allMatch(names::contains);
        String all = Files.readString(example).replaceAll("(?m)^#([a-z-]+: )", "$1");
        Config whole = Config.read(Map.of(), Map.of(), Files.writeString(folder.resolve("all.yaml"), all));
        assertThat(whole.database().url()).startsWith("jdbc:postgresql:");
    }

    private void assertThatItServesAndStops(List<String> command, Map<String, String> environment, Path where)
            throws Exception {
        Path log = folder.resolve("log");
        ProcessBuilder server = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        server.environment().keySet().removeIf(name -> name.startsWith("INTERLOCK_"));
        server.environment().put("JAVA_HOME", System.getProperty("java.home"));
        server.environment().putAll(environment);
        Process process = server.start();
        try {
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> !process.isAlive()
                            || ADDRESS.matcher(Files.readString(log)).find());
            Matcher port = ADDRESS.matcher(Files.readString(log));
            assertThat(port.find()).as(Files.readString(log)).isTrue();
            URI ready = URI.create("http://127.0.0.1:" + port.group(1) + "/readyz");
            assertThat(HttpClient.newHttpClient()
                            .send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            process.destroy(); // SIGTERM
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(Files.readString(log)).contains("\"Stopped\"");
        } finally {
            process.destroyForcibly();
        }
    }

    private Path jarOfThisClassPath() throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Main.class.getName());
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(each -> Path.of(each).toUri().toString())
                                .collect(Collectors.joining(" ")));
        Path jar = folder.resolve("interlock.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream written = new JarOutputStream(out, manifest)) {
            written.finish();
        }
        return jar;
    }

    private static List<String[]> steps() throws IOException {
        return Files.readAllLines(ROOT.resolve("Dockerfile")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.split(" ", 2))
                .toList();
    }

    private static Path inside(Path image, String path) {
        return image.resolve(path.substring(1));
    }

    private static String inside(Path image, String script, String beginnings) {
        return script.replaceAll(beginnings, Matcher.quoteReplacement(image.toString()) + "$1");
    }

    /** Who runs the test cannot give a folder to somebody else. */
    private static String owner(String script) {
        return script.replaceAll("chown [0-9:]+", "chown \"\\$(id -u):\\$(id -g)\"");
    }

    private static Map<String, List<String>> unit() throws IOException {
        return Files.readAllLines(DIST.resolve("systemd/interlock.service")).stream()
                .filter(line -> line.contains("=") && !line.startsWith("#"))
                .map(line -> line.split("=", 2))
                .collect(Collectors.groupingBy(
                        pair -> pair[0], Collectors.mapping(pair -> pair[1], Collectors.toList())));
    }

    /** What a program says; fails if it does. */
    private static String run(Map<String, String> environment, Path where, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(where.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
        return said;
    }
}
