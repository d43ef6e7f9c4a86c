package dev.interlock.monitor;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Credentials that are recognized by their shape: bearer tokens, JWTs, AWS secret keys, private keys. */
final class Tokens {
    private static final int JUDGED = 256;
    private static final int AWS_SECRET = 40;
    private static final int LEAST_CHANGES = 10;

    private Tokens() {}

    /** A JWT, whole or cut at the end of the text. */
    static boolean jwt(String text, int index, Finding finding) {
        if (!text.startsWith("eyJ", index) || Letters.isBase64Url(Letters.at(text, index - 1))) {
            return false;
        }
        int header = Letters.runEnd(text, index, text.length(), Letters::isBase64Url);
        boolean cut = header == text.length();
        if (header - index < 10 || !cut && text.charAt(header) != '.') {
            return false;
        }
        int payload = Letters.runEnd(text, header + 1, text.length(), Letters::isBase64Url);
        if (!cut && payload - header < 5) {
            return false;
        }
        int end = Letters.runEnd(text, header, text.length(), each -> Letters.isBase64Url(each) || each == '.');
        return finding.is(index, text.charAt(end - 1) == '.' ? end - 1 : end, Labels.JWT);
    }

    /** What follows the word {@code Bearer} or {@code Basic}, if it is no ordinary word. */
    static boolean scheme(String text, int index, Finding finding) {
        boolean bearer = text.regionMatches(true, index, "bearer", 0, 6);
        if (!bearer && !text.regionMatches(true, index, "basic", 0, 5)) {
            return false;
        }
        int gap = index + (bearer ? 6 : 5);
        int start = Letters.runEnd(text, gap, gap + 4, each -> Letters.isBlank(each) || each == ':' || each == '=');
        Letters.Kind part = bearer ? Tokens::isTokenPart : Tokens::isPairPart;
        int judged = Letters.runEnd(text, start, start + JUDGED, part);
        if (start == gap
                || judged - start < 8
                || !(bearer ? isToken(text, start, judged) : isPair(text, start, judged))) {
            return false;
        }
        return finding.is(start, Letters.runEnd(text, judged, text.length(), part), Labels.TOKEN);
    }

    /** Forty characters of base64 that no word, path or hexadecimal hash would have. */
    static boolean awsSecret(String text, int index, Finding finding) {
        char before = Letters.at(text, index - 1);
        if (Letters.isBase64Url(before) || before == '/' || before == '+' || before == '.') {
            return false;
        }
        int end = Letters.runEnd(text, index, index + AWS_SECRET + 1, Letters::isBase64);
        char after = Letters.at(text, end);
        if (end - index != AWS_SECRET || after == '=' || after == '-' || after == '_') {
            return false;
        }
        int changes = 0;
        int capitals = 0;
        for (int i = index + 1; i < end; i++) {
            changes += VendorKeys.change(text.charAt(i - 1), text.charAt(i)) ? 1 : 0;
            capitals += Letters.isUpper(text.charAt(i)) ? 1 : 0;
        }
        return changes >= LEAST_CHANGES && capitals >= 3 && finding.is(index, end, Labels.AWS_KEY);
    }

    /** A private key's block; one without an end reaches to the end of the text. */
    static boolean privateKey(String text, int index, Finding finding) {
        if (!text.startsWith("-----BEGIN ", index)) {
            return false;
        }
        int words = index + "-----BEGIN ".length();
        int close = Letters.runEnd(text, words, words + 60, each -> each != '-' && !Letters.isLineEnd(each));
        if (!text.substring(words, close).contains("PRIVATE KEY")) {
            return false;
        }
        int last = text.indexOf("-----END ", close);
        int end = last < 0 ? -1 : text.indexOf("-----", last + "-----END ".length());
        return finding.is(index, end < 0 ? text.length() : end + 5, Labels.PRIVATE_KEY);
    }

    private static boolean isTokenPart(char character) {
        return Letters.isBase64Url(character)
                || character == '.'
                || character == '~'
                || character == '+'
                || character == '/'
                || character == '='
                || character == '|'
                || character == ':';
    }

    private static boolean isPairPart(char character) {
        return Letters.isBase64Url(character) || character == '+' || character == '/' || character == '=';
    }

    private static boolean isToken(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char character = text.charAt(i);
            boolean sentenceEnd = i == to - 1 && (character == '.' || character == ':');
            if (!Letters.isLower(character) && !sentenceEnd && !(i == from && Letters.isUpper(character))) {
                return true;
            }
        }
        return to - from >= 20;
    }

    /** Whether it is base64 of {@code user:password}. */
    private static boolean isPair(String text, int from, int to) {
        String judged =
                withoutPadding(text.substring(from, to).replace('-', '+').replace('_', '/'));
        String whole = judged.substring(0, judged.length() - (judged.length() % 4 == 1 ? 1 : 0));
        try {
            String pair = new String(Base64.getDecoder().decode(whole), StandardCharsets.ISO_8859_1);
            return pair.indexOf(':') >= 0 && pair.chars().noneMatch(each -> each < ' ');
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    private static String withoutPadding(String base64) {
        int end = base64.length();
        while (end > 0 && base64.charAt(end - 1) == '=') {
            end--;
        }
        return base64.substring(0, end);
    }
}
