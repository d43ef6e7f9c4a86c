package dev.interlock.monitor;

import java.util.Locale;

/**
 * Card, telephone and social security numbers, distinguished from other numbers by how they are grouped, by their first digits
 * and, cards, by their check digit. A row of ten digits without a gap stays: it may be anything.
 */
final class PersonalNumbers {
    /** Groups of digits, separated by one gap, of at most this many characters. */
    private static final int LONGEST = 32;

    private static final int MOST_GROUPS = 8;

    private PersonalNumbers() {}

    /** Looks for a number at an index where digits, a plus sign or a bracket start. */
    static boolean find(String text, int index, Finding finding) {
        char before = Letters.at(text, index - 1);
        char first = text.charAt(index);
        if (Letters.isWordly(before)) {
            return !Letters.isDigit(before) && Letters.isDigit(first) && cardBesideLetters(text, index, finding);
        }
        boolean decimal = before == '.' && Letters.isDigit(Letters.at(text, index - 2));
        if (Letters.isDigit(first) && !decimal && card(text, index, finding)) {
            return true;
        }
        boolean within =
                (before == '-' || before == '.' || before == '_') && Letters.isWordly(Letters.at(text, index - 2));
        if (within) {
            return false;
        }
        return first == '+'
                ? international(text, index, finding)
                : socialSecurity(text, index, finding)
                        || namedSocialSecurity(text, index, finding)
                        || national(text, index, finding);
    }

    /** Whether digits alone are a card's number. */
    static boolean isCard(String digits) {
        int length = digits.length();
        return length >= 13 && length <= 19 && isIssued(digits) && isLuhn(digits);
    }

    /** The longest row of whole groups that is a card's number. */
    private static boolean card(String text, int index, Finding finding) {
        StringBuilder digits = new StringBuilder();
        int best = -1;
        int end = index;
        char gap = 0;
        while (end < text.length() && digits.length() <= 19) {
            int group = Letters.runEnd(text, end, end + 20, Letters::isDigit);
            if (group == end) {
                break;
            }
            digits.append(text, end, group);
            char after = Letters.at(text, group);
            boolean dotted = after == '.' && group - end >= 4 && (gap == '.' || gap == 0 && group - end == 4);
            boolean more = (after == ' ' || after == '-' || after == '\u00a0' || after == '\u202f' || dotted)
                    && Letters.isDigit(Letters.at(text, group + 1));
            boolean decimal = after == '.' && Letters.isDigit(Letters.at(text, group + 1));
            if (!Letters.isWordly(after)
                    && !decimal
                    && !(more && after == '-')
                    && digits.length() >= 13
                    && isCard(digits.toString())) {
                best = group;
            }
            if (!more) {
                break;
            }
            end = group + 1;
            gap = after;
        }
        return best > 0 && finding.is(index, best, Labels.CARD) || cardBesideLetters(text, index, finding);
    }

    /** Fifteen or sixteen digits without a gap that touch a letter, before or behind them. */
    private static boolean cardBesideLetters(String text, int index, Finding finding) {
        int end = Letters.runEnd(text, index, index + 20, Letters::isDigit);
        boolean touches = isLetter(Letters.at(text, index - 1)) || isLetter(Letters.at(text, end));
        return touches
                && end - index >= 15
                && end - index <= 16
                && isCard(text.substring(index, end))
                && finding.is(index, end, Labels.CARD);
    }

    private static boolean isLetter(char character) {
        return Letters.isWordly(character) && !Letters.isDigit(character);
    }

    /** Nine digits without a gap where the words before them say what they are. */
    private static boolean namedSocialSecurity(String text, int index, Finding finding) {
        int end = Letters.runEnd(text, index, index + 10, Letters::isDigit);
        if (end - index != 9 || Letters.isWordly(Letters.at(text, end))) {
            return false;
        }
        String before = text.substring(Math.max(0, index - 32), index).toLowerCase(Locale.ROOT);
        int name = Math.max(before.lastIndexOf("ssn"), before.lastIndexOf("social security"));
        return name >= 0
                && (name == 0 || !Letters.isWordly(before.charAt(name - 1)))
                && before.substring(name).length() <= 26
                && finding.is(index, end, Labels.SOCIAL_SECURITY);
    }

    /** The first digits and lengths of the issuers in use. */
    private static boolean isIssued(String digits) {
        int two = Integer.parseInt(digits.substring(0, 2));
        int four = Integer.parseInt(digits.substring(0, 4));
        int length = digits.length();
        boolean visa = digits.charAt(0) == '4' && (length == 13 || length == 16 || length == 19);
        boolean mastercard = length == 16 && (two >= 51 && two <= 55 || four >= 2221 && four <= 2720);
        boolean american = length == 15 && (two == 34 || two == 37);
        boolean diners =
                length >= 14 && length <= 16 && (two == 36 || two == 38 || two == 39 || four >= 3000 && four <= 3059);
        boolean discover = length >= 16 && (two == 65 || four == 6011 || four >= 6440 && four <= 6499);
        boolean japanese = length >= 16 && four >= 3528 && four <= 3589;
        boolean union = length >= 16 && (two == 62 || two == 81);
        boolean maestro = length >= 13
                && (four == 5018
                        || four == 5020
                        || four == 5038
                        || four == 5893
                        || four == 6304
                        || four == 6759
                        || four >= 6761 && four <= 6763);
        return visa || mastercard || american || diners || discover || japanese || union || maestro;
    }

    private static boolean isLuhn(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int doubled = i % 2 == 0 ? digit : digit * 2;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return sum % 10 == 0;
    }

    /** {@code 123-45-6789}, or with blanks. */
    private static boolean socialSecurity(String text, int index, Finding finding) {
        Groups groups = Groups.of(text, index);
        int end = groups.end(3, 2, 4);
        if (end < 0 || groups.gaps.charAt(0) != groups.gaps.charAt(1) || ".(/".indexOf(groups.gaps.charAt(0)) >= 0) {
            return false;
        }
        String digits = groups.digits.toString();
        boolean never = digits.startsWith("000")
                || digits.startsWith("666")
                || digits.startsWith("0000", 5)
                || digits.startsWith("00", 3);
        return !never && finding.is(index, end, Labels.SOCIAL_SECURITY);
    }

    /** A plus sign and 8 to 15 digits, however they are grouped. */
    private static boolean international(String text, int index, Finding finding) {
        if (!Letters.isDigit(Letters.at(text, index + 1)) || text.charAt(index + 1) == '0') {
            return false;
        }
        Groups groups = Groups.of(text, index + 1);
        int end = groups.longest(groups.gaps.length() == 0 ? 9 : 8, 15);
        return end > 0 && finding.is(index, end, Labels.PHONE);
    }

    /** As North Americans write it, (415) 555-0123, and as those do whose numbers begin with a zero, 020 7946 0958. */
    private static boolean national(String text, int index, Finding finding) {
        Groups groups = Groups.of(text, index);
        String digits = groups.digits.toString();
        if (groups.gaps.length() == 0) {
            return false;
        }
        boolean withOne = digits.charAt(0) == '1' && groups.lengths.charAt(0) == 1;
        int american = withOne ? groups.end(1, 3, 3, 4) : groups.end(3, 3, 4);
        int area = withOne ? 1 : 0;
        if (american > 0 && digits.charAt(area) >= '2' && digits.charAt(area + 3) >= '2') {
            return finding.is(index, american, Labels.PHONE);
        }
        if (digits.charAt(0) != '0' || digits.charAt(1) == '0') {
            return false;
        }
        int french = groups.end(2, 2, 2, 2, 2);
        if (french > 0) {
            return finding.is(index, french, Labels.PHONE);
        }
        boolean others = groups.lengths.charAt(0) >= 3 && groups.gaps.indexOf(".") < 0;
        int end = others ? groups.longest(9, 13) : -1;
        return end > 0 && finding.is(index, end, Labels.PHONE);
    }

    /** Groups of digits with one gap, or a bracket and a blank, between two. */
    private static final class Groups {
        private final StringBuilder digits = new StringBuilder();
        private final StringBuilder gaps = new StringBuilder();

        /** The groups' lengths, a character each. */
        private final StringBuilder lengths = new StringBuilder();

        private final int[] ends = new int[MOST_GROUPS];

        static Groups of(String text, int index) {
            Groups groups = new Groups();
            int at = text.charAt(index) == '(' ? index + 1 : index;
            while (at - index < LONGEST && groups.lengths.length() < MOST_GROUPS) {
                int group = Letters.runEnd(text, at, at + LONGEST, Letters::isDigit);
                if (group == at || Letters.isWordly(Letters.at(text, group))) {
                    break; // letters behind digits make them something else
                }
                groups.ends[groups.lengths.length()] = group;
                groups.digits.append(text, at, group);
                groups.lengths.append((char) (group - at));
                int gap = Letters.runEnd(text, group, group + 3, each -> " -./()".indexOf(each) >= 0);
                if (!joins(text, group, gap) || !Letters.isDigit(Letters.at(text, gap))) {
                    break;
                }
                groups.gaps.append(text.charAt(group));
                at = gap;
            }
            if (groups.gaps.length() == groups.lengths.length() && groups.gaps.length() > 0) {
                groups.gaps.setLength(groups.gaps.length() - 1);
            }
            return groups;
        }

        /** One character, or what is around the bracket of an area. */
        private static boolean joins(String text, int group, int gap) {
            if (gap - group <= 1) {
                return gap > group;
            }
            return switch (text.substring(group, gap)) {
                case ") ", ")-", ") (", " (", "-(", ")(" -> true;
                default -> false;
            };
        }

        /** The end of the first groups if they have these lengths and the number does not go on; else -1. */
        int end(int... expected) {
            if (lengths.length() < expected.length) {
                return -1;
            }
            for (int i = 0; i < expected.length; i++) {
                if (lengths.charAt(i) != expected[i]) {
                    return -1;
                }
            }
            boolean ends = lengths.length() == expected.length || gaps.charAt(expected.length - 1) == ' ';
            return ends ? this.ends[expected.length - 1] : -1;
        }

        /** The end of the most groups that have so many digits together, or -1. */
        int longest(int least, int most) {
            int end = -1;
            int sum = 0;
            for (int i = 0; i < lengths.length(); i++) {
                sum += lengths.charAt(i);
                boolean parted = i == lengths.length() - 1 || gaps.charAt(i) == ' ';
                if (sum >= least && sum <= most && parted) {
                    end = ends[i];
                }
            }
            return end;
        }
    }
}
