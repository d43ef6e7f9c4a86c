package dev.interlock.server.documents;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;
import org.commonmark.node.Node;

/**
 * The headings of a page. Each has an anchor, by the rule by which GitHub makes them, so that a link is right in both
 * places; and each is a link to itself, to be copied.
 */
final class Headings extends AbstractVisitor {
    /**
     * A part of a page.
     *
     * @param anchor by which links lead there
     * @param text of its heading
     */
    record Part(String anchor, String text) {}

    private static final Pattern UNWANTED = Pattern.compile("[^\\p{L}\\p{N}_\\- ]");
    private static final int PART = 2;

    private final IdentityHashMap<Node, String> anchors = new IdentityHashMap<>();
    private final Set<Node> selves = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<String> taken = new HashSet<>();
    private final List<Part> parts = new ArrayList<>();
    private String title = "";

    private Headings() {}

    /** Those of a page, which become links by that. */
    static Headings of(Node page) {
        Headings headings = new Headings();
        page.accept(headings);
        return headings;
    }

    /** What the page is called. */
    String title() {
        return title;
    }

    /** The parts of the page, in their order. */
    List<Part> parts() {
        return parts;
    }

    String anchor(Heading heading) {
        return anchors.getOrDefault(heading, "");
    }

    /** Whether a link is that of a heading to itself. */
    boolean isSelf(Link link) {
        return selves.contains(link);
    }

    @Override
    public void visit(Heading heading) {
        String text = Markdown.text(heading);
        String anchor = free(anchor(text));
        anchors.put(heading, anchor);
        if (heading.getLevel() < PART) {
            title = title.isEmpty() ? text : title;
            return;
        }
        if (heading.getLevel() == PART) {
            parts.add(new Part(anchor, text));
        }
        leadToItself(heading, anchor);
    }

    static String anchor(String text) {
        return UNWANTED.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("").replace(' ', '-');
    }

    private String free(String anchor) {
        String free = anchor;
        for (int i = 1; !taken.add(free); i++) {
            free = anchor + "-" + i;
        }
        return free;
    }

    private void leadToItself(Heading heading, String anchor) {
        for (Node child = heading.getFirstChild(); child != null; child = child.getNext()) {
            if (child instanceof Link) {
                return; // a link within a link is none
            }
        }
        Link self = new Link("#" + anchor, null);
        while (heading.getFirstChild() != null) {
            self.appendChild(heading.getFirstChild());
        }
        heading.appendChild(self);
        selves.add(self);
    }
}
