package dev.interlock.published;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.published.Published.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
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
        Matcher found = OUTPUT.matcher(page);
        assertThat(found.find()).as("a block of what is printed").isTrue();
        return found.group(1);
    }

    /** The page's commands, without the {@code mvn} that each begins with. */
    static List<String> commands(Path page) throws IOException {
        return COMMAND.matcher(Files.readString(page))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    /** Runs one of the page's commands. */
    String run(String arguments) throws IOException, InterruptedException {
        layRepository();
        List<String> command = new ArrayList<>(Maven.repositories(HEAD));
        command.addAll(List.of(arguments.split(" ")));
        return Maven.run(folder, command, folder.resolve("output.txt"));
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
