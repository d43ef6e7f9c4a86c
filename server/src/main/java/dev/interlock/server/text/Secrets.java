package dev.interlock.server.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes credentials out of what is shown or logged: API keys, tickets and tokens, whole or cut off, wherever they stand
 * in a text. People put them into paths, queries and bodies by mistake, and then paste the error into a chat.
 */
public final class Secrets {
    private static final int KEY_WITHOUT_SECRET = 16;

    private static final Pattern CREDENTIAL = Pattern.compile(
            "\\b(?i:bearer)(?:\\s|%20|\\+)+[\\x21-\\x7e]+" // and what follows
                    + "|\\bil_[a-z2-7]{12}_[\\w-]*" // an API key
                    + "|\\bilt_[\\w-]+" // a ticket
                    + "|\\beyJ[\\w-]{6,}(?:\\.[\\w-]*){0,2}"); // a token

    private Secrets() {}

    /**
     * A text without its credentials.
     *
     * @param text what somebody wrote
     * @return the same, but of each credential only the kind and, of an API key, the id
     */
    public static String hidden(String text) {
        return CREDENTIAL.matcher(text).replaceAll(found -> Matcher.quoteReplacement(shown(found.group())));
    }

    private static String shown(String credential) {
        if (credential.startsWith("il_")) {
            return credential.substring(0, KEY_WITHOUT_SECRET) + "…";
        }
        return credential.replaceFirst("(?s)^(ilt_|eyJ|\\w{6}).*$", "$1…");
    }
}
