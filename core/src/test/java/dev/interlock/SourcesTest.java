package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What core's sources must not say. A virtual thread that blocks inside a monitor is pinned, up to Java 23. */
@Tag("texts")
class SourcesTest {
    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|//[^\\n]*", Pattern.DOTALL);
    private static final Pattern MONITOR = Pattern.compile("\\bsynchronized\\b|\\.wait\\(|\\.notify(All)?\\(");
    private static final Pattern SLEEP = Pattern.compile("\\bThread\\.sleep\\b|\\.sleep\\(");

    @Test
    void core_never_synchronizes_so_no_virtual_thread_is_pinned() throws IOException {
        assertThat(lines(Path.of("src/main/java"), MONITOR)).isEmpty();
    }

    @Test
    void no_test_sleeps() throws IOException {
        assertThat(lines(Path.of("src/test/java"), SLEEP)).isEmpty();
    }

    private static List<String> lines(Path folder, Pattern forbidden) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                if (!file.endsWith("SourcesTest.java")) {
                    String code = COMMENT.matcher(Files.readString(file)).replaceAll(" ");
                    forbidden.matcher(code).results().forEach(match -> found.add(file + ": " + match.group()));
                }
            }
        }
        return found;
    }
}
