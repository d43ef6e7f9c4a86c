package dev.interlock.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of {@code docs/server.md} is the table of settings; with {@code -Dinterlock.write=true} it becomes that. */
class ServerPageTest {
    private static final Path PAGE = Path.of(System.getProperty("interlock.root", ".."), "docs", "server.md");
    private static final String BEGIN = "<!-- settings -->\n";
    private static final String END = "<!-- end of settings -->\n";

    @Test
    void shows_every_setting_as_it_is() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        if (Boolean.getBoolean("interlock.write")) {
            Files.writeString(PAGE, page.substring(0, begin) + table() + page.substring(end));
            return;
        }
        assertThat(page.substring(begin, end)).isEqualTo(table());
    }

    private static String table() {
        return "| flag and YAML name | variable | allowed | default | what for |\n|---|---|---|---|---|\n"
                + Settings.ALL.stream()
                        .map(each -> "| `" + each.flag() + "` | `" + each.variable() + "` | " + each.value() + " | "
                                + each.defaultText() + " | " + each.description() + " |\n")
                        .collect(Collectors.joining());
    }
}
