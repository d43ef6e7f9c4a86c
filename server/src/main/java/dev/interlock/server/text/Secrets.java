package dev.interlock.server.text;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes credentials out of what is shown or logged: API keys, tickets and tokens, whole or cut off, wherever they are
 * in a text, users and passwords in addresses, and secrets of the configuration, which have no form of their own and
 * must be made known. All messages pass here: problems, reasons why a server does not start, and the log. People put them
 * into paths, queries and bodies by mistake, and then paste the error into a chat.
 *
 * <p>One for the whole process, as its log is. Safe for use by any thread.
 */
public final class Secrets {
    private static final int KEY_WITHOUT_SECRET = 16;

    private static final Pattern CREDENTIAL = Pattern.compile(
            "\\b(?i:bearer)(?:\\s|%20|\\+)+[\\x21-\\x7e]+" // and what follows
                    + "|\\bil_[a-z2-7]{12}_[\\w-]*" // an API key
                    + "|\\bilt_[\\w-]+" // a ticket
                    + "|\\beyJ[\\w-]{6,}(?:\\.[\\w-]*){0,2}"); // a token

    /** Secrets of the configuration, and how many servers of this process have each. */
    private static final Map<String, Integer> KNOWN = new ConcurrentHashMap<>();

    private Secrets() {}

    /**
     * Makes a secret known, from now on to be hidden.
     *
     * @param secret for example a configured admin key
     */
    public static void hide(String secret) {
        KNOWN.merge(secret, 1, Integer::sum);
    }

    /**
     * Undoes one {@link #hide}, when a server ends.
     *
     * @param secret as it was made known
     */
    public static void forget(String secret) {
        KNOWN.computeIfPresent(secret, (known, servers) -> servers > 1 ? servers - 1 : null);
    }

    /**
     * A text without its credentials.
     *
     * @param text what somebody wrote
     * @return the same, but of each credential only the kind and, of an API key, the id
     */
    public static String hidden(String text) {
        String rest = text;
        for (String secret : KNOWN.keySet()) {
            rest = rest.replace(secret, "…");
        }
        return CREDENTIAL
                .matcher(Addresses.hidden(rest))
                .replaceAll(found -> Matcher.quoteReplacement(shown(found.group())));
    }

    /**
     * An address without its credentials, also if it is not well-formed.
     *
     * @param address what somebody gave as one
     * @return the same, without the part before its last at sign
     */
    public static String hiddenAddress(String address) {
        return hidden(Addresses.hiddenWhole(address));
    }

    private static String shown(String credential) {
        if (credential.startsWith("il_")) {
            return credential.substring(0, KEY_WITHOUT_SECRET) + "…";
        }
        return credential.replaceFirst("(?s)^(ilt_|eyJ|\\w{6}).*$", "$1…");
    }
}
