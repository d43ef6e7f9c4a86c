package dev.interlock.server.documents;

import static org.assertj.core.api.Assertions.assertThat;

import org.commonmark.node.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of what pages are written in. */
class MarkdownTest {
    @ParameterizedTest
    @CsvSource({
        "Over one database, over-one-database",
        "`circuit-open`, circuit-open",
        "'What it costs, and why', what-it-costs-and-why",
        "Überblick (kurz), überblick-kurz",
        "A / B, a--b"
    })
    void a_heading_has_the_anchor_that_it_has_on_github(String heading, String anchor) {
        assertThat(html("## " + heading))
                .contains("<h2 id=\"" + anchor + "\"><a href=\"#" + anchor + "\" class=\"self\">");
    }

    @Test
    void headings_of_one_name_have_anchors_of_their_own() {
        assertThat(html("# A\n\n## See\n\n### See\n\n## See"))
                .contains("<h2 id=\"see\">", "<h3 id=\"see-1\">", "<h2 id=\"see-2\">");
    }

    @Test
    void a_heading_that_holds_a_link_is_none_itself() {
        assertThat(html("## By [Redis](https://redis.io)"))
                .contains("<h2 id=\"by-redis\">By <a href=\"https://redis.io\">Redis</a></h2>");
    }

    @Test
    void a_table_can_be_moved_sideways_by_keyboard_and_says_what_it_is_about() {
        assertThat(html("## Limits\n\n| a | b |\n|---|--:|\n| 1 | 2 |"))
                .contains(
                        "role=\"region\"",
                        "tabindex=\"0\"",
                        "aria-label=\"Table: Limits\"",
                        "<td align=\"right\">2</td>");
    }

    @Test
    void tables_of_one_part_have_names_of_their_own() {
        String table = "| a |\n|---|\n| 1 |\n\n";
        assertThat(html("## Limits\n\n" + table + "Or\n\n" + table + "## Rooms\n\n" + table))
                .contains("\"Table: Limits\"", "\"Table 2: Limits\"", "\"Table: Rooms\"");
    }

    @Test
    void a_table_has_no_head_without_words() {
        assertThat(html("| | |\n|---|---|\n| a | b |")).doesNotContain("<th").contains("<td>a</td>");
        assertThat(html("| | b |\n|---|---|\n| a | b |")).contains("<td></td>", "<th>b</th>");
    }

    @Test
    void comments_are_left_out_and_other_html_is_text() {
        assertThat(html("<!-- settings -->\n\nA <b>bold</b> word\n\n<script>alert(1)</script>"))
                .doesNotContain("settings", "<b>", "<script")
                .contains("&lt;b&gt;bold", "&lt;script&gt;");
    }

    private static String html(String source) {
        Node page = Markdown.read(source);
        return Markdown.html(page, Headings.of(page));
    }
}
