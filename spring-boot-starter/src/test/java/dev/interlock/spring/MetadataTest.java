package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What editors show of the properties, and the table of them in docs/spring-boot.md. */
class MetadataTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));
    private static final Pattern ENTRY = Pattern.compile("\\{\\s*\"name\": \"(interlock\\.[\\w.-]+)\"[^{}]*}");

    private static String metadata() throws IOException {
        try (InputStream in =
                InterlockProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return all.substring(all.indexOf("\"properties\""));
        }
    }

    @Test
    void every_property_has_a_description_and_is_in_the_table_of_the_page() throws IOException {
        Set<String> named = new TreeSet<>();
        Matcher entry = ENTRY.matcher(metadata());
        while (entry.find()) {
            named.add(entry.group(1));
            assertThat(entry.group()).as(entry.group(1)).contains("\"description\"");
        }
        assertThat(named)
                .contains("interlock.mode", "interlock.policies", "interlock.default-policy.failure-threshold");
        Set<String> listed = new TreeSet<>();
        Matcher row = Pattern.compile("(?m)^\\| `(interlock\\.[\\w.-]+)` \\|")
                .matcher(Files.readString(ROOT.resolve("docs/spring-boot.md")));
        while (row.find()) {
            listed.add(row.group(1));
        }
        named.removeIf(name -> name.startsWith("interlock.default-policy."));
        listed.remove("interlock.default-policy");
        assertThat(listed).isEqualTo(named);
    }
}
