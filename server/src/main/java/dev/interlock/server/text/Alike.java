package dev.interlock.server.text;

import java.text.Normalizer;

/** Which names people take for the same: those that are equal once composed (NFKC) and trimmed; the case counts. */
public final class Alike {
    private Alike() {}

    /**
     * Whether a name is the only one of its form, without looking closer: visible ASCII, no blank at an end.
     *
     * @param name any name
     * @return false if {@link #form} may be another text
     */
    public static boolean isPlain(String name) {
        for (int i = 0; i < name.length(); i++) {
            char character = name.charAt(i);
            if (character < ' ' || character > '~') {
                return false;
            }
        }
        return name.isEmpty() || name.charAt(0) != ' ' && name.charAt(name.length() - 1) != ' ';
    }

    /**
     * What is the same for all names that are alike.
     *
     * @param name any name
     * @return the name, composed and trimmed; a name that is already so is the form of itself
     */
    public static String form(String name) {
        return isPlain(name)
                ? name
                : Normalizer.normalize(name, Normalizer.Form.NFKC).strip();
    }
}
