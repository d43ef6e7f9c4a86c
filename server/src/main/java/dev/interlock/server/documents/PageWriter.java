package dev.interlock.server.documents;

import java.util.List;
import org.commonmark.node.Node;

/** Writes pages: the document in the middle, all others at the side, and a way back to the dashboard. */
final class PageWriter {
    /** A page of fewer parts is seen at a glance. */
    private static final int MANY_PARTS = 3;

    private static final String END_OF_TITLE = "</h1>";

    private static final String FRAME = """
        <!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>%title% · Interlock</title>
            <link rel="icon" href="%up%../dashboard/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="%up%../dashboard/colours.css">
            <link rel="stylesheet" href="%up%documents.css">
          </head>
          <body>
            <a class="skip" href="#content">Skip to the content</a>
            <header>
              <a class="brand" href="%up%../"><img src="%up%../dashboard/icon.svg" alt="" width="22" height="22">Dashboard</a>
              <a href="%home%">Documents</a>
              <a class="to-pages" href="#pages">All pages</a>
            </header>
            <div class="sides">
              <main id="content" tabindex="-1">
        %body%
              </main>
              <nav id="pages" aria-label="Documents" tabindex="-1">
        %pages%
              </nav>
            </div>
          </body>
        </html>
        """;

    private final Library library;

    PageWriter(Library library) {
        this.library = library;
    }

    /**
     * A document as a page.
     *
     * @param source its path
     */
    String page(String source) {
        Node page = Markdown.read(Library.text(source));
        page.accept(new PageLinks(library, source));
        Headings headings = Headings.of(page);
        String body = Markdown.html(page, headings);
        int title = body.indexOf(END_OF_TITLE) + END_OF_TITLE.length();
        return framed(
                Library.up(source),
                headings.title(),
                body.substring(0, title) + parts(headings.parts()) + body.substring(title),
                String.valueOf(library.address(source)));
    }

    /**
     * What is shown where there is no document.
     *
     * @param name what was asked for, below the address of the documents
     */
    String notFound(String name) {
        String up = Library.up(name);
        return framed(
                up,
                "No such page",
                "<h1>No such page</h1>\n"
                        + "<p>There is no document at this address: it may be mistyped, or of another version. "
                        + link(home(up), "All documents", "") + " are listed.</p>",
                name);
    }

    private String framed(String up, String title, String body, String address) {
        return FRAME.replace("%title%", escaped(title))
                .replace("%home%", home(up))
                .replace("%up%", up)
                .replace("%pages%", pages(up, address))
                .replace("%body%", body);
    }

    private String pages(String up, String present) {
        StringBuilder pages = new StringBuilder();
        for (Library.Group group : library.groups()) {
            pages.append("<h2>").append(escaped(group.name())).append("</h2>\n<ul>\n");
            for (Library.Entry page : group.pages()) {
                String to = up + page.address();
                String mark = page.address().equals(present) ? " aria-current=\"page\"" : "";
                pages.append("<li>")
                        .append(link(to.isEmpty() ? "./" : to, page.title(), mark))
                        .append("</li>\n");
            }
            pages.append("</ul>\n");
        }
        return pages.toString();
    }

    private static String parts(List<Headings.Part> parts) {
        if (parts.size() < MANY_PARTS) {
            return "";
        }
        StringBuilder list = new StringBuilder("\n<nav class=\"parts\" aria-label=\"On this page\">\n<ul>\n");
        for (Headings.Part part : parts) {
            list.append("<li>")
                    .append(link("#" + part.anchor(), part.text(), ""))
                    .append("</li>\n");
        }
        return list.append("</ul>\n</nav>\n").toString();
    }

    private static String home(String up) {
        return up.isEmpty() ? "./" : up;
    }

    private static String link(String to, String text, String mark) {
        return "<a href=\"" + escaped(to) + "\"" + mark + ">" + escaped(text) + "</a>";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
