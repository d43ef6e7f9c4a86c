package dev.interlock.monitor;

import java.math.BigInteger;
import java.util.Locale;

/** What shows by its shape, and by no prefix alone, that it is secret: addresses of hooks, tokens with a number in front. */
final class SecretShapes {
    private static final String[] HOOKS = {
        "hooks.slack.com/services/",
        "hooks.slack.com/workflows/",
        "hooks.slack.com/triggers/",
        "discord.com/api/webhooks/",
        "discordapp.com/api/webhooks/",
        "outlook.office.com/webhook/",
        "webhook.office.com/webhookb2/"
    };
    private static final String PUTTY = "PuTTY-User-Key-File-";
    private static final String PUTTY_END = "Private-MAC:";
    private static final int AZURE = 84;
    private static final String AZURE_MARK = "JQQJ99";
    private static final int AZURE_MARK_AT = 52;
    private static final int TELEGRAM = 35;
    private static final int LONGEST_IBAN = 42;
    private static final BigInteger IBAN_MODULUS = BigInteger.valueOf(97);

    private SecretShapes() {}

    /** Looks for one that starts at an index where a word starts. */
    static boolean find(String text, int index, Finding finding) {
        return switch (text.charAt(index)) {
            case 'h', 'd', 'o', 'w' -> hook(text, index, finding) || azure(text, index, finding);
            case 'P' -> putty(text, index, finding) || iban(text, index, finding) || azure(text, index, finding);
            case 'K', 'L', '5' ->
                bitcoin(text, index, finding) || iban(text, index, finding) || azure(text, index, finding);
            default -> iban(text, index, finding) || azure(text, index, finding);
        };
    }

    /** A bot's token of Telegram, at the colon behind its number. */
    static boolean telegram(String text, int index, Finding finding) {
        int start = index;
        while (start > finding.floor() && index - start < 13 && Letters.isDigit(text.charAt(start - 1))) {
            start--;
        }
        int end = Letters.runEnd(text, index + 1, index + 2 + TELEGRAM, Letters::isBase64Url);
        return index - start >= 6
                && index - start <= 12
                && end - index - 1 == TELEGRAM
                && VendorKeys.looksRandom(text, index + 1, end)
                && finding.is(start, end, Labels.API_KEY);
    }

    private static boolean hook(String text, int index, Finding finding) {
        for (String hook : HOOKS) {
            if (text.startsWith(hook, index)) {
                int from = index + hook.length();
                int end = Letters.runEnd(
                        text, from, text.length(), each -> Letters.isBase64Url(each) || "/@.%".indexOf(each) >= 0);
                return end > from && finding.is(from, end, Labels.SECRET);
            }
        }
        return false;
    }

    /** A PuTTY key's file, to its last line; without one to the end of the text. */
    private static boolean putty(String text, int index, Finding finding) {
        if (!text.startsWith(PUTTY, index)) {
            return false;
        }
        int last = text.indexOf(PUTTY_END, index);
        int end = last < 0
                ? text.length()
                : Letters.runEnd(
                        text,
                        last + PUTTY_END.length(),
                        text.length(),
                        each -> each == ' ' || Character.digit(each, 16) >= 0);
        return finding.is(index, end, Labels.PRIVATE_KEY);
    }

    private static boolean azure(String text, int index, Finding finding) {
        if (!text.startsWith(AZURE_MARK, index + AZURE_MARK_AT)) {
            return false;
        }
        int end = Letters.runEnd(text, index, index + AZURE + 1, Letters::isAlphanumeric);
        return end - index == AZURE && finding.is(index, end, Labels.API_KEY);
    }

    /** A private key of Bitcoin as wallets write it. */
    private static boolean bitcoin(String text, int index, Finding finding) {
        int length = text.charAt(index) == '5' ? 51 : 52;
        int end = Letters.runEnd(
                text, index, index + length + 1, each -> Letters.isAlphanumeric(each) && "0OIl".indexOf(each) < 0);
        return end - index == length
                && !Letters.isWordly(Letters.at(text, end))
                && VendorKeys.looksRandom(text, index, end)
                && finding.is(index, end, Labels.PRIVATE_KEY);
    }

    /** An account's number: country, check digits, and up to thirty characters, perhaps in groups of four. */
    private static boolean iban(String text, int index, Finding finding) {
        if (!Letters.isUpper(text.charAt(index))
                || !Letters.isUpper(Letters.at(text, index + 1))
                || !Letters.isDigit(Letters.at(text, index + 2))
                || !Letters.isDigit(Letters.at(text, index + 3))) {
            return false;
        }
        StringBuilder account = new StringBuilder();
        int best = -1;
        int at = index;
        while (at < text.length() && at - index < LONGEST_IBAN) {
            char each = text.charAt(at);
            if (Letters.isUpper(each) || Letters.isDigit(each)) {
                account.append(each);
                at++;
                char after = Letters.at(text, at);
                if (account.length() >= 15 && account.length() <= 34 && !Letters.isWordly(after) && isIban(account)) {
                    best = at;
                }
            } else if ((each == ' ' || each == '\u00a0') && account.length() % 4 == 0) {
                at++;
            } else {
                break;
            }
        }
        return best > 0 && finding.is(index, best, Labels.ACCOUNT);
    }

    private static boolean isIban(CharSequence account) {
        String turned = account.subSequence(4, account.length()).toString() + account.subSequence(0, 4);
        StringBuilder digits = new StringBuilder();
        turned.toUpperCase(Locale.ROOT).chars().forEach(each -> digits.append(Character.digit(each, 36)));
        return new BigInteger(digits.toString()).mod(IBAN_MODULUS).equals(BigInteger.ONE);
    }
}
