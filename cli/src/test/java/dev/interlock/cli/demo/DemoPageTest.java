package dev.interlock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page shows what the first seed's story says; {@code -Dinterlock.write=true} writes it again. */
class DemoPageTest {
    private static final Path PAGE = Path.of(System.getProperty("interlock.root", ".."), "docs", "demo.md");
    private static final String BEGIN = "<!-- lines -->\n";
    private static final String END = "<!-- end of lines -->";
    private static final long SHOWN = 45_000;

    @Test
    void the_page_shows_the_first_lines_of_the_story() throws IOException {
        String page = Files.readString(PAGE);
        String expected = page.substring(0, page.indexOf(BEGIN) + BEGIN.length()) + "```text\n" + story() + "\n```\n"
                + page.substring(page.indexOf(END));
        if (Boolean.getBoolean("interlock.write")) {
            Files.writeString(PAGE, expected);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(expected);
    }

    @Test
    void the_page_counts_the_cast_as_it_is() throws IOException {
        Cast cast = new Cast();
        assertThat(Files.readString(PAGE))
                .contains(
                        cast.members().size() + " simulated agents", "four do nothing but log, and one, `translator`");
        assertThat(cast.agents(true)).hasSize(5).filteredOn(cast::isTraced).containsExactly("translator");
    }

    private static String story() {
        try (Play play = new Play(1).until(SHOWN)) {
            return play.text().stream().collect(Collectors.joining("\n"));
        }
    }
}
