package dev.interlock.monitor;

/** Texts as every database can hold them. */
final class Texts {
    private static final char REPLACEMENT = '\uFFFD';

    private Texts() {}

    /** The text, with NUL and half characters replaced. */
    static String storable(String text) {
        StringBuilder changed = null;
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            boolean half = false;
            if (Character.isSurrogate(each)) {
                if (i + 1 < text.length() && Character.isSurrogatePair(each, text.charAt(i + 1))) {
                    i++;
                    continue;
                }
                half = true;
            }
            if (half || each == 0) {
                changed = changed == null ? new StringBuilder(text) : changed;
                changed.setCharAt(i, REPLACEMENT);
            }
        }
        return changed == null ? text : changed.toString();
    }
}
