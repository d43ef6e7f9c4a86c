package dev.interlock.facts;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Finds the marks of providers in texts of any length: at most the first 8 Ki characters, in one pass, whatever the text
 * is. Immutable and safe for use by any thread.
 *
 * <p>An automaton of all marks (Aho and Corasick, 1975), in lower case; a code counts as a whole JSON string only, so
 * that a prompt which is repeated in an error rarely looks like one.
 */
public final class ErrorMarks {
    /** How much of a text is read. */
    public static final int LONGEST = 8_192;

    private static final Map<String, ErrorMark> BY_CODE = new HashMap<>();
    private static final Node ROOT = new Node();

    static {
        for (ErrorMark mark : ErrorMark.values()) {
            for (String code : mark.codes) {
                BY_CODE.put(lower(code), mark);
                add('"' + lower(code) + '"', mark);
            }
            mark.phrases.forEach(phrase -> add(phrase, mark));
        }
        link();
    }

    private ErrorMarks() {}

    /**
     * What a code is.
     *
     * @param code an error's code, type or status, in any case; null for none
     * @return its mark, or null if it is not known
     */
    public static @Nullable ErrorMark ofCode(@Nullable String code) {
        return code == null || code.length() > LONGEST ? null : BY_CODE.get(lower(code.strip()));
    }

    /**
     * The first of the marks, by their order, that a text bears.
     *
     * @param text a body or a message; null for none
     * @return the mark, or null if there is none in its first 8 Ki characters
     */
    public static @Nullable ErrorMark ofText(@Nullable CharSequence text) {
        if (text == null) {
            return null;
        }
        ErrorMark best = null;
        Node at = ROOT;
        int end = Math.min(text.length(), LONGEST);
        for (int i = 0; i < end; i++) {
            at = at.after(lower(text.charAt(i)));
            if (at.mark != null && (best == null || at.mark.compareTo(best) < 0)) {
                best = at.mark;
            }
        }
        return best;
    }

    private static void add(String word, ErrorMark mark) {
        Node at = ROOT;
        for (int i = 0; i < word.length(); i++) {
            at = at.children.computeIfAbsent(word.charAt(i), letter -> new Node());
        }
        at.mark = mark;
    }

    /** Each node falls back to the longest suffix of its text that begins another word, and bears that one's mark too. */
    private static void link() {
        Queue<Node> queue = new ArrayDeque<>();
        List<Node> first = new ArrayList<>(ROOT.children.values());
        first.forEach(child -> child.fallback = ROOT);
        queue.addAll(first);
        for (Node node = queue.poll(); node != null; node = queue.poll()) {
            Node parent = node;
            node.children.forEach((letter, child) -> {
                child.fallback = parent.fallback == null ? ROOT : parent.fallback.after(letter);
                ErrorMark inherited = child.fallback.mark;
                if (inherited != null && (child.mark == null || inherited.compareTo(child.mark) < 0)) {
                    child.mark = inherited;
                }
                queue.add(child);
            });
        }
    }

    private static String lower(String text) {
        StringBuilder lower = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            lower.append(lower(text.charAt(i)));
        }
        return lower.toString();
    }

    private static char lower(char letter) {
        return letter >= 'A' && letter <= 'Z' ? (char) (letter + 'a' - 'A') : letter;
    }

    private static final class Node {
        private final Map<Character, Node> children = new HashMap<>(4);
        private @Nullable Node fallback;
        private @Nullable ErrorMark mark;

        Node after(char letter) {
            for (Node node = this; node != null; node = node.fallback) {
                Node next = node.children.get(letter);
                if (next != null) {
                    return next;
                }
            }
            return ROOT;
        }
    }
}
