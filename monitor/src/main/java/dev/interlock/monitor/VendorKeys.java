package dev.interlock.monitor;

import java.util.ArrayList;
import java.util.List;

/**
 * Keys whose beginning shows whose they are: those of model providers, clouds, forges, chats and payments.
 *
 * <p>A beginning is looked for where a word starts. What follows must be long enough and look random, so that
 * {@code sk-learn-random-forest-classifier} stays what it is.
 */
final class VendorKeys {
    /** How far the look of a key is judged; what is longer is taken whole all the same. */
    private static final int JUDGED = 128;

    private static final List<List<Prefix>> BY_FIRST = new ArrayList<>();

    static {
        for (int i = 0; i < 128; i++) {
            BY_FIRST.add(new ArrayList<>());
        }
        // Models and what is around them.
        keys(16, "sk-", "sk_", "pk-lf-", "rk_", "gsk_", "xai-", "pplx-", "hf_", "api_org_", "r8_", "nvapi-", "fw_");
        keys(16, "tvly-", "lsv2_pt_", "lsv2_sk_", "pcsk_", "csk-", "jina_", "voyage-", "il_", "tgp_v1_", "dapi");
        keys(30, "AIza");
        keys(20, "ya29.", "1//0", "GOCSPX-");
        keys(30, "key-", "dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit.");
        // Forges and packages.
        keys(20, "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", "npm_", "pypi-");
        keys(20, "dckr_pat_", "ATATT3", "ATBB", "CFPAT-", "figd_", "lin_api_", "ntn_", "secret_");
        // Clouds, chats, payments, watching.
        keys(10, "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxc-", "xoxd-", "xoxe-", "xoxe.", "xapp-");
        keys(20, "SG.", "pk_live_", "pk_test_", "whsec_", "sq0atp-", "sq0csp-", "EAAA", "shpat_", "shpss_", "shpca_");
        keys(20, "dop_v1_", "doo_v1_", "hvs.", "hvb.", "glsa_", "glc_", "sntrys_", "sntryu_", "NRAK-", "phc_", "phx_");
        keys(20, "tskey-", "AGE-SECRET-KEY-1", "rnd_", "vercel_", "sbp_", "pul-", "PMAK-", "mapi_", "HRKU-");
    }

    private VendorKeys() {}

    /** Looks for a key that starts at an index where a word starts. */
    static boolean find(String text, int index, Finding finding) {
        char first = text.charAt(index);
        if (first >= 128) {
            return false;
        }
        for (Prefix prefix : BY_FIRST.get(first)) {
            if (text.startsWith(prefix.text, index)) {
                int body = index + prefix.text.length();
                int judged = Letters.runEnd(text, body, body + JUDGED, VendorKeys::isPart);
                if (judged - body >= prefix.shortest && looksRandom(text, body, judged)) {
                    return finding.is(
                            index, Letters.runEnd(text, judged, text.length(), VendorKeys::isPart), Labels.API_KEY);
                }
            }
        }
        return isAwsId(text, index) && finding.is(index, index + 20, Labels.AWS_KEY)
                || isTwilio(text, index) && finding.is(index, index + 34, Labels.API_KEY);
    }

    /**
     * Whether a stretch looks random and not like words: enough changes between digits, capitals and small
     * letters, or hexadecimal.
     */
    static boolean looksRandom(String text, int from, int to) {
        int digits = 0;
        int changes = 0;
        int hexadecimal = 0;
        for (int i = from; i < to; i++) {
            char character = text.charAt(i);
            digits += Letters.isDigit(character) ? 1 : 0;
            hexadecimal += Character.digit(character, 16) >= 0 ? 1 : 0;
            changes += i > from && change(text.charAt(i - 1), character) ? 1 : 0;
        }
        int length = to - from;
        return changes >= 4
                || changes >= 2 && digits >= 3
                || digits >= 1 && hexadecimal == length
                || digits * 2 > length;
    }

    /** Whether two characters are letters or digits of different kinds. */
    static boolean change(char one, char next) {
        return Letters.isAlphanumeric(one)
                && Letters.isAlphanumeric(next)
                && (Letters.isDigit(one) != Letters.isDigit(next) || Letters.isUpper(one) != Letters.isUpper(next));
    }

    private static boolean isPart(char character) {
        return Letters.isBase64Url(character) || character == '.';
    }

    /** Such as AKIAIOSFODNN7EXAMPLE: twenty capitals and digits that begin with one of the known four letters. */
    private static boolean isAwsId(String text, int index) {
        if (text.charAt(index) != 'A' || index + 20 > text.length()) {
            return false;
        }
        String kind = text.substring(index, index + 4);
        boolean known = switch (kind) {
            case "AKIA", "ASIA", "AROA", "AIDA", "AGPA", "AIPA", "ANPA", "ANVA", "ABIA", "ACCA" -> true;
            default -> false;
        };
        int end = Letters.runEnd(text, index, index + 21, each -> Letters.isUpper(each) || Letters.isDigit(each));
        return known && end == index + 20 && !Letters.isLower(Letters.at(text, end));
    }

    /** {@code SK} and 32 hexadecimal digits. */
    private static boolean isTwilio(String text, int index) {
        if (!text.startsWith("SK", index)) {
            return false;
        }
        int end = Letters.runEnd(text, index + 2, index + 35, each -> Character.digit(each, 16) >= 0);
        return end == index + 34 && !Letters.isAlphanumeric(Letters.at(text, end));
    }

    private static void keys(int shortest, String... prefixes) {
        for (String prefix : prefixes) {
            BY_FIRST.get(prefix.charAt(0)).add(new Prefix(prefix, shortest));
        }
    }

    private record Prefix(String text, int shortest) {}
}
