package dev.interlock.published;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.published.Published.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A project that is made from a page of the documents alone: a block stands for the file that the line before it names
 * last. Its local repository begins with the jars that this build made, and goes on with the one in use.
 */
final class PageProject {
    private static final Pattern FILE =
            Pattern.compile("`([\\w./-]+\\.(?:xml|java|properties|yaml))`:\\n\\n```\\w+\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern COMMAND = Pattern.compile("```sh\\nmvn ([^\\n]*)\\n```");
    private static final Pattern OUTPUT = Pattern.compile("```text\\n(.*?)```", Pattern.DOTALL);
    private static final Path HEAD = Path.of("target", "repository").toAbsolutePath();
    private static final long MINUTES = 5;

    private final String page;
    private final Path folder;

    PageProject(Path page, Path folder) throws IOException {
        this.page = Files.readString(page);
        this.folder = folder;
        Matcher file = FILE.matcher(this.page);
        while (file.find()) {
            Path path = folder.resolve(file.group(1));
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.group(2));
        }
        assertThat(folder.resolve("pom.xml")).exists();
    }

    /** What the page says that the program prints. */
    String expected() {
        return only(OUTPUT);
    }

    /** Runs the page's command. */
    String run() throws IOException, InterruptedException {
        layRepository();
        List<String> command = new ArrayList<>(List.of(
                Published.ROOT.resolve("mvnw").toString(),
                "-B",
                "-ntp",
                "-Dmaven.repo.local=" + HEAD,
                "-Dmaven.repo.local.tail=" + String.join(",", repositories()),
                "-Dmaven.repo.local.tail.ignoreAvailability=true"));
        command.addAll(List.of(only(COMMAND).split(" ")));
        Path output = folder.resolve("output.txt");
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

    private String only(Pattern block) {
        Matcher found = block.matcher(page);
        assertThat(found.find()).as("a block like " + block).isTrue();
        return found.group(1);
    }

    private static List<String> repositories() {
        List<String> repositories = new ArrayList<>();
        String used = System.getProperty("maven.repo.local", System.getProperty("localRepository"));
        repositories.add(
                used != null
                        ? used
                        : Path.of(System.getProperty("user.home"), ".m2", "repository")
                                .toString());
        String tail = System.getProperty("maven.repo.local.tail");
        if (tail != null) {
            repositories.addAll(List.of(tail.split(",")));
        }
        return repositories;
    }

    /** As the install plugin would: the jars of this build, their POMs, that of the parent, and the BOM. */
    private static void layRepository() throws IOException {
        Path ours = HEAD.resolve("dev/interlock");
        if (Files.exists(ours)) {
            try (Stream<Path> old = Files.walk(ours)) {
                for (Path each :
                        old.sorted((one, other) -> other.compareTo(one)).toList()) {
                    Files.delete(each);
                }
            }
        }
        for (Artifact artifact : Published.artifacts()) {
            Path jar = place(artifact.name(), artifact.version(), ".jar");
            Files.copy(artifact.jar(), jar, StandardCopyOption.REPLACE_EXISTING);
            try (JarFile file = new JarFile(jar.toFile());
                    var pom = file.getInputStream(
                            file.getEntry("META-INF/maven/dev.interlock/" + artifact.name() + "/pom.xml"))) {
                Files.copy(pom, place(artifact.name(), artifact.version(), ".pom"));
            }
        }
        String version = Published.version();
        Files.copy(Published.ROOT.resolve("pom.xml"), place("interlock-parent", version, ".pom"));
        Files.copy(Published.ROOT.resolve("bom/pom.xml"), place("interlock-bom", version, ".pom"));
    }

    private static Path place(String artifact, String version, String ending) throws IOException {
        Path folder = HEAD.resolve("dev/interlock").resolve(artifact).resolve(version);
        Files.createDirectories(folder);
        return folder.resolve(artifact + "-" + version + ending);
    }
}
