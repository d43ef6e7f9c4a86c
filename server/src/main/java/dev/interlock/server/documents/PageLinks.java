package dev.interlock.server.documents;

import java.net.URI;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Link;
import org.jspecify.annotations.Nullable;

/**
 * Has the links of a page lead to where the server shows what they lead to in the sources. What it does not show, such as
 * the sources themselves, is text.
 */
final class PageLinks extends AbstractVisitor {
    /** The one file outside of the documents that the server shows, too. */
    private static final String CONTRACT = "../server/src/main/resources/dev/interlock/server/openapi.yaml";

    private final Library library;
    private final String from;

    /**
     * Links of a page.
     *
     * @param library what there is
     * @param from where the page lies in it
     */
    PageLinks(Library library, String from) {
        this.library = library;
        this.from = from;
    }

    @Override
    public void visit(Link link) {
        visitChildren(link);
        String to = shown(link.getDestination());
        if (to != null) {
            link.setDestination(to);
            return;
        }
        while (link.getFirstChild() != null) {
            link.insertBefore(link.getFirstChild());
        }
        link.unlink();
    }

    /** Where a link leads as seen from the page, or null if the server does not show it. */
    private @Nullable String shown(String link) {
        if (link.startsWith("#") || link.startsWith("https://")) {
            return link;
        }
        URI to = URI.create(from).resolve(link);
        if (to.isAbsolute()) {
            return null;
        }
        String part = to.getRawFragment() == null ? "" : "#" + to.getRawFragment();
        if (to.getPath().equals(CONTRACT)) {
            return Library.up(from) + "../openapi.yaml" + part;
        }
        String address = library.address(to.getPath());
        return address == null ? null : relative(address) + part;
    }

    private String relative(String address) {
        String up = Library.up(from) + address;
        return up.isEmpty() ? "./" : up;
    }
}
