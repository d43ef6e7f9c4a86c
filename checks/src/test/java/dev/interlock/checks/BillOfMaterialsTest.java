package dev.interlock.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** The bill of materials names each module that programs use, and its version is that of all. */
class BillOfMaterialsTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));

    /** Programs of their own, which nobody depends on. */
    private static final Set<String> PROGRAMS =
            Set.of("interlock-proxy", "interlock-server", "interlock-replay", "interlock-cli", "interlock-bom");

    private final XPath paths = XPathFactory.newInstance().newXPath();

    @Test
    void it_names_every_module_that_is_published_for_programs() throws Exception {
        Set<String> published = new TreeSet<>();
        for (String module : all(pom("."), "/project/modules/module")) {
            Document pom = pom(module);
            if (!"true".equals(paths.evaluate("/project/properties/maven.deploy.skip", pom))) {
                published.add(paths.evaluate("/project/artifactId", pom));
            }
        }
        published.removeAll(PROGRAMS);

        assertThat(all(pom("bom"), "/project/dependencyManagement/dependencies/dependency/artifactId"))
                .containsExactlyInAnyOrderElementsOf(published);
    }

    @Test
    void it_has_the_version_of_the_others() throws Exception {
        assertThat(paths.evaluate("/project/version", pom("bom")))
                .isEqualTo(paths.evaluate("/project/version", pom(".")));
    }

    private List<String> all(Document document, String path) throws Exception {
        NodeList found = (NodeList) paths.evaluate(path, document, XPathConstants.NODESET);
        return IntStream.range(0, found.getLength())
                .mapToObj(each -> found.item(each).getTextContent())
                .toList();
    }

    private static Document pom(String module) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Files.newInputStream(ROOT.resolve(module).resolve("pom.xml")));
    }
}
