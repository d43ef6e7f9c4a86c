package dev.interlock.server.documents;

import dev.interlock.server.http.StaticFile;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.BulletList;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;
import org.commonmark.node.ListItem;
import org.commonmark.node.Node;
import org.jspecify.annotations.Nullable;

/**
 * Which documents there are. Two pages list all others: the index, by what one wants to do, and that of the decisions. What
 * neither lists does not exist, whatever lies on the class path. Immutable.
 */
final class Library {
    /** Where the documents lie on the class path, as they lie in the folder {@code docs} of the sources. */
    static final String FOLDER = "documents/pages/";

    /** Pictures and files that pages show or lead to. */
    static final List<String> FILES = List.of(
            "images/agent-light-1600.png",
            "images/budgets-light-1600.png",
            "images/concepts.svg",
            "images/fleet-light-1600.png",
            "images/incident-light-1600.png",
            "images/incidents-light-1600.png",
            "images/states.svg",
            "images/typescript-cost.svg",
            "images/webhooks-light-1600.png",
            "operations/alerts.yaml",
            "operations/grafana.json",
            "operations/kubernetes/interlock.yaml",
            "operations/kubernetes/secrets.example.yaml");

    private static final String INDEX = "README.md";
    private static final String DECISIONS = "decisions/README.md";
    private static final String WRITTEN = ".md";

    /**
     * Pages that belong together.
     *
     * @param name what they are for
     * @param pages in their order
     */
    record Group(String name, List<Entry> pages) {}

    /**
     * A page of the index.
     *
     * @param address below that of the documents
     * @param title what the index calls it
     */
    record Entry(String address, String title) {}

    private final Map<String, String> sources = new HashMap<>();
    private final List<Group> groups;

    private Library(List<Group> groups) {
        this.groups = groups;
    }

    /**
     * Reads the pages that list the others.
     *
     * @throws IllegalStateException if they are missing from the jar
     */
    static Library read() {
        Node index = Markdown.read(text(INDEX));
        Library library = new Library(groups(index));
        library.add(INDEX);
        library.addLinked(index, INDEX);
        library.addLinked(Markdown.read(text(DECISIONS)), DECISIONS);
        FILES.forEach(file -> library.sources.put(file, file));
        return library;
    }

    /** The pages of the index, by what they are for. */
    List<Group> groups() {
        return groups;
    }

    /**
     * What is shown at an address.
     *
     * @param address below that of the documents; empty for the index
     * @return the path of its source, or null if there is nothing
     */
    @Nullable
    String source(String address) {
        return sources.get(address);
    }

    /**
     * Where a document is shown.
     *
     * @param source its path
     * @return its address below that of the documents, or null if it is not shown
     */
    @Nullable
    String address(String source) {
        String address = addressOf(source);
        return sources.containsKey(address) ? address : null;
    }

    /**
     * The address of a page by the name of its source, as messages write it, or by its address without an ending.
     *
     * @param name which is no address
     * @return the address below that of the documents, or null if it is none of them
     */
    @Nullable
    String meant(String name) {
        String bare = name.endsWith(".html") ? name.substring(0, name.length() - ".html".length()) : name;
        for (String each : List.of(bare, bare + WRITTEN, bare + "/" + INDEX, bare.replaceFirst("index$", INDEX))) {
            String address = each.endsWith(WRITTEN) ? address(each) : null;
            if (address != null) {
                return address;
            }
        }
        return null;
    }

    /** The way from a page up to the index: {@code ../} for each folder that it lies in. */
    static String up(String path) {
        return "../".repeat(depth(path));
    }

    static int depth(String path) {
        return (int) path.chars().filter(each -> each == '/').count();
    }

    static boolean isPage(String source) {
        return source.endsWith(WRITTEN);
    }

    static byte[] bytes(String source) {
        return StaticFile.bytes(FOLDER + source);
    }

    static String text(String source) {
        return new String(bytes(source), StandardCharsets.UTF_8);
    }

    private void add(String source) {
        sources.put(addressOf(source), source);
    }

    private void addLinked(Node list, String from) {
        list.accept(new AbstractVisitor() {
            @Override
            public void visit(Link link) {
                String to = path(from, link);
                if (isPage(to) && !to.startsWith("..")) {
                    add(to);
                }
            }
        });
    }

    private static List<Group> groups(Node index) {
        List<Group> groups = new ArrayList<>();
        for (Node node = index.getFirstChild(); node != null; node = node.getNext()) {
            if (node instanceof Heading heading && heading.getLevel() > 1) {
                groups.add(new Group(Markdown.text(heading), new ArrayList<>()));
            } else if (node instanceof BulletList list && !groups.isEmpty()) {
                groups.get(groups.size() - 1).pages().addAll(entries(list));
            }
        }
        return groups;
    }

    /** The first link of each line. */
    private static List<Entry> entries(BulletList list) {
        List<Entry> entries = new ArrayList<>();
        list.accept(new AbstractVisitor() {
            private boolean found;

            @Override
            public void visit(ListItem item) {
                found = false;
                visitChildren(item);
            }

            @Override
            public void visit(Link link) {
                if (!found) {
                    found = true;
                    entries.add(new Entry(addressOf(path(INDEX, link)), Markdown.text(link)));
                }
            }
        });
        return entries;
    }

    private static String path(String from, Link link) {
        return URI.create(from).resolve(link.getDestination()).getPath();
    }

    private static String addressOf(String source) {
        if (!isPage(source)) {
            return source;
        }
        return source.endsWith(INDEX)
                ? source.substring(0, source.length() - INDEX.length())
                : source.substring(0, source.length() - WRITTEN.length()) + ".html";
    }
}
