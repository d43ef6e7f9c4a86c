package dev.interlock.monitor;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names of settings, headers, fields and columns whose values must not leave, however they are spelled: {@code
 * DB_PASSWORD}, {@code x-api-key}, {@code clientSecret}.
 */
final class SensitiveNames {
    private static final String[] ENDINGS = {
        "password",
        "passwort",
        "kennwort",
        "wachtwoord",
        "contrasena",
        "motdepasse",
        "senha",
        "passwd",
        "pwd",
        "passphrase",
        "passcode",
        "secret",
        "apikey",
        "accesskey",
        "accesskeyid",
        "secretkey",
        "privatekey",
        "signingkey",
        "encryptionkey",
        "accountkey",
        "sharedaccesskey",
        "sharedkey",
        "masterkey",
        "subscriptionkey",
        "authkey",
        "servicekey",
        "licensekey",
        "token",
        "authorization",
        "cookie",
        "credential",
        "credentials",
        "jwt",
        "connectionstring",
        "cvv",
        "cvc",
        "cardpin"
    };
    private static final String[] ANYWHERE = {
        "password",
        "passwd",
        "apikey",
        "secretkey",
        "secretaccesskey",
        "privatekey",
        "accesstoken",
        "refreshtoken",
        "clientsecret"
    };

    /** Tokens that are counted, generated or turned over, and no secret. */
    private static final String[] MERE_TOKENS = {
        "max",
        "min",
        "num",
        "total",
        "per",
        "prompt",
        "completion",
        "input",
        "output",
        "next",
        "page",
        "continuation",
        "eos",
        "bos",
        "pad",
        "unk",
        "sep",
        "mask",
        "stop",
        "special",
        "unexpected",
        "first",
        "last",
        "cached",
        "cost",
        "usd",
        "end",
        "start",
        "reasoning"
    };

    private static final Set<String> LINES = Set.of("authorization", "cookie");
    private static final Set<String> WHOLE = Set.of("sig", "sas", "pass", "auth");
    /** Whose {@code pass} it may be, where that is not the noun of a first or second pass. */
    private static final String[] PASS_OF = {
        "db",
        "database",
        "mysql",
        "pg",
        "postgres",
        "mongo",
        "redis",
        "rabbit",
        "smtp",
        "imap",
        "mail",
        "ftp",
        "ldap",
        "ssh",
        "proxy",
        "admin",
        "root",
        "user",
        "login",
        "basic",
        "auth",
        "account",
        "app",
        "api",
        "service",
        "client",
        "server",
        "keystore",
        "truststore",
        "key",
        "vault"
    };

    private static final String[] PHONES = {"phone", "phonenumber", "mobile", "mobilenumber", "telephone", "tel", "fax"
    };
    private static final String[] SOCIAL_SECURITY = {"ssn", "socialsecurity", "socialsecuritynumber", "socialsecurityno"
    };
    private static final String[] CARDS = {"cardnumber", "creditcard", "cardno", "ccnumber", "debitcard"};

    private SensitiveNames() {}

    /** What kind of value belongs to a name, or null for one that may leave. */
    static @Nullable Kind kind(String name) {
        String plain = plain(name);
        if (plain.isEmpty() || name.contains(Labels.START)) {
            return null; // or a name that has been redacted itself
        }
        if (endsWithAny(plain, PHONES)) {
            return Kind.PHONE;
        }
        if (endsWithAny(plain, SOCIAL_SECURITY)) {
            return Kind.SOCIAL_SECURITY;
        }
        if (endsWithAny(plain, CARDS)) {
            return Kind.CARD;
        }
        if (!isSecret(plain)) {
            return null;
        }
        return endsWithAny(plain, LINES.toArray(new String[0])) ? Kind.LINE : Kind.SECRET;
    }

    private static boolean isSecret(String plain) {
        if (WHOLE.contains(plain)) {
            return true;
        }
        if (plain.endsWith("pass") && endsWithAny(plain.substring(0, plain.length() - 4), PASS_OF)) {
            return true;
        }
        for (String part : ANYWHERE) {
            if (plain.contains(part)) {
                return true;
            }
        }
        return endsWithAny(plain, ENDINGS) && !isMereToken(plain);
    }

    private static boolean isMereToken(String plain) {
        if (!plain.endsWith("token")) {
            return false;
        }
        String before = plain.substring(0, plain.length() - "token".length());
        return endsWithAny(before, MERE_TOKENS);
    }

    private static boolean endsWithAny(String name, String[] endings) {
        for (String ending : endings) {
            if (name.endsWith(ending)) {
                return true;
            }
        }
        return false;
    }

    /** Small letters and digits alone, without digits at the end: of {@code API_KEY_2} remains {@code apikey}. */
    private static String plain(String name) {
        StringBuilder plain = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char character = Letters.narrow(name.charAt(i));
            if (Letters.isUpper(character)) {
                plain.append((char) (character + 32));
            } else if (Letters.isLower(character) || Letters.isDigit(character)) {
                plain.append(character);
            }
        }
        int end = plain.length();
        while (end > 0 && Letters.isDigit(plain.charAt(end - 1))) {
            end--;
        }
        return plain.substring(0, end);
    }

    /** What kind of value a name announces, and the label in its place. */
    enum Kind {
        /** One word, or what is in quotes or brackets. */
        SECRET(Labels.SECRET, 0),
        /** All to the end of the line. */
        LINE(Labels.SECRET, 0),
        PHONE(Labels.PHONE, 7),
        SOCIAL_SECURITY(Labels.SOCIAL_SECURITY, 9),
        CARD(Labels.CARD, 12);

        private final String label;
        private final int leastDigits;

        Kind(String label, int leastDigits) {
            this.label = label;
            this.leastDigits = leastDigits;
        }

        String label() {
            return label;
        }

        boolean isNumber() {
            return leastDigits > 0;
        }

        /** Whether a value is of this kind: where a number is announced, it has its digits. */
        boolean fits(String value) {
            int digits = 0;
            for (int i = 0; i < value.length() && digits < leastDigits; i++) {
                digits += Letters.isDigit(value.charAt(i)) ? 1 : 0;
            }
            return digits >= leastDigits;
        }
    }
}
