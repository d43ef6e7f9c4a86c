package dev.interlock.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** The jars that this build made of what the BOM names, as a user gets them. */
final class Published {
    static final Path ROOT =
            Path.of(System.getProperty("interlock.root", "..")).toAbsolutePath().normalize();
    static final String GROUP = "dev.interlock";

    /** A jar of ours, and what it says that it is. */
    record Artifact(String name, String version, Path jar) {}

    private Published() {}

    /** The artifacts that the BOM names. */
    static List<String> named() {
        return read(ROOT.resolve("bom/pom.xml"), "/project/dependencyManagement/dependencies/dependency/artifactId");
    }

    /** The version of all of them. */
    static String version() {
        return read(ROOT.resolve("bom/pom.xml"), "/project/version").get(0);
    }

    /** One for each that the BOM names; where there are classes but no jars, the test is left out, and CI fails. */
    static List<Artifact> artifacts() {
        List<Artifact> found = new ArrayList<>();
        List<String> folders = new ArrayList<>();
        for (String each : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path entry = Path.of(each);
            if (each.endsWith(".jar")) {
                artifact(entry).filter(ours -> named().contains(ours.name)).ifPresent(found::add);
            } else if (entry.endsWith("classes")
                    && !entry.startsWith(Path.of("").toAbsolutePath())) {
                folders.add(each);
            }
        }
        boolean packed = folders.isEmpty() || found.size() == named().size();
        if (!packed && Boolean.getBoolean("interlock.ci")) {
            throw new AssertionError("No jars but folders of classes: " + folders);
        }
        assumeTrue(packed, "No jars but folders of classes: run 'verify', or install first");
        assertThat(found).extracting(Artifact::name).containsExactlyInAnyOrderElementsOf(named());
        return found;
    }

    private static java.util.Optional<Artifact> artifact(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream()
                    .filter(entry -> entry.getName().matches("META-INF/maven/dev\\.interlock/[^/]+/pom\\.properties"))
                    .findFirst()
                    .map(entry -> properties(file, entry))
                    .map(of -> new Artifact(of.getProperty("artifactId"), of.getProperty("version"), jar));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(jar.toString(), unreadable);
        }
    }

    private static Properties properties(JarFile jar, ZipEntry entry) {
        Properties properties = new Properties();
        try (var stream = jar.getInputStream(entry)) {
            properties.load(stream);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(jar.getName(), unreadable);
        }
        return properties;
    }

    /** The texts at a path of a POM. */
    static List<String> read(Path pom, String path) {
        try (var stream = Files.newInputStream(pom)) {
            Document document =
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(stream);
            XPath paths = XPathFactory.newInstance().newXPath();
            NodeList nodes = (NodeList) paths.evaluate(path, document, XPathConstants.NODESET);
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < nodes.getLength(); i++) {
                texts.add(nodes.item(i).getTextContent());
            }
            return texts;
        } catch (Exception unreadable) {
            throw new IllegalStateException(pom + " cannot be read", unreadable);
        }
    }
}
