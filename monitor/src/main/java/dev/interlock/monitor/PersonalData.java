package dev.interlock.monitor;

/** Mail addresses, home folders, and the credentials in URLs. */
final class PersonalData {
    private static final int LONGEST_URL_USER = 512;
    private static final int LONGEST_LOCAL_PART = 256;
    private static final int LONGEST_HOME = 64;
    private static final String[] ROOTS = {"/root/", "/var/root/"};
    private static final String[] HOMES = {"/home/", "/Users/", "/var/home/", "/export/home/", "/usr/home/"};

    private PersonalData() {}

    /** An address around the at sign at an index, which may be written as {@code %40}. */
    static boolean mail(String text, int index, Finding finding) {
        int sign = text.charAt(index) == '@' ? 1 : 3;
        if (sign == 3 && !text.startsWith("%40", index)) {
            return false;
        }
        int start = index;
        int limit = Math.max(finding.floor(), index - LONGEST_LOCAL_PART);
        while (start > limit && isLocalPart(text.charAt(start - 1))) {
            start--;
        }
        while (start < index && (text.charAt(start) == '.' || text.charAt(start) == '\'')) {
            start++;
        }
        int end = domainEnd(text, index + sign);
        if (start == index || end < 0 || text.substring(start, index).equals("git")) {
            return false;
        }
        return finding.is(start, end, Labels.MAIL);
    }

    /** An address whose at sign is written as {@code (at)} or {@code [at]}, at that bracket. */
    static boolean spelledMail(String text, int index, Finding finding) {
        char close = text.charAt(index) == '(' ? ')' : ']';
        if (!text.regionMatches(true, index + 1, "at", 0, 2) || Letters.at(text, index + 3) != close) {
            return false;
        }
        int before = Letters.at(text, index - 1) == ' ' ? index - 1 : index;
        int after = Letters.at(text, index + 4) == ' ' ? index + 5 : index + 4;
        int start = before;
        int limit = Math.max(finding.floor(), before - LONGEST_LOCAL_PART);
        while (start > limit && isLocalPart(text.charAt(start - 1))) {
            start--;
        }
        int end = domainEnd(text, after);
        return start < before && end > 0 && finding.is(start, end, Labels.MAIL);
    }

    /** The part before the host in a URL, at the colon after its scheme. */
    static boolean urlUser(String text, int index, Finding finding) {
        if (!text.startsWith("://", index)) {
            return false;
        }
        int from = index + 3;
        int end = Letters.runEnd(text, from, from + LONGEST_URL_USER, PersonalData::isInAuthority);
        int at = lastAt(text, from, end);
        if (at < from && isPasswordWithSlash(text, from, end)) {
            end = Letters.runEnd(text, end, from + LONGEST_URL_USER, each -> each > ' ' && !Letters.isQuote(each));
            at = lastAt(text, from, end);
        }
        return at > from && !text.startsWith(Labels.START, from) && finding.is(from, at, Labels.SECRET);
    }

    /** A home folder of Unix at its first slash, or of Windows at the separator behind the drive. */
    static boolean home(String text, int index, Finding finding) {
        char before = Letters.at(text, index - 1);
        boolean drive = before == ':'
                && Letters.isAlphanumeric(Letters.at(text, index - 2))
                && !Letters.isAlphanumeric(Letters.at(text, index - 3));
        if (drive) {
            int folder = Letters.runEnd(text, index, index + 4, PersonalData::isSeparator);
            for (String parent : new String[] {"Users", "Documents and Settings"}) {
                int end = folder + parent.length();
                int name = Letters.runEnd(text, end, end + 4, PersonalData::isSeparator);
                if (text.regionMatches(true, folder, parent, 0, parent.length()) && name > end) {
                    int nameEnd = windowsNameEnd(text, name);
                    return nameEnd > name && finding.is(index - 2, nameEnd, Labels.HOME);
                }
            }
        }
        if (text.charAt(index) != '/' || Letters.isWordly(before) || before == '.' || before == '-' || before == '_') {
            return text.startsWith("/c/Users/", index) && unixHome(text, index, index + "/c/Users/".length(), finding);
        }
        for (String root : ROOTS) {
            if (text.startsWith(root, index)) {
                return finding.is(index, index + root.length() - 1, Labels.HOME);
            }
        }
        for (String parent : HOMES) {
            if (text.startsWith(parent, index)) {
                return unixHome(text, index, index + parent.length(), finding);
            }
        }
        return false;
    }

    private static boolean unixHome(String text, int index, int name, Finding finding) {
        int end = Letters.runEnd(text, name, name + LONGEST_HOME, PersonalData::isUserNamePart);
        while (end > name && text.charAt(end - 1) == '.') {
            end--;
        }
        return end > name && finding.is(index, end, Labels.HOME);
    }

    /** To the next separator, blanks included; without one to the end of the word. */
    private static int windowsNameEnd(String text, int name) {
        int end = Letters.runEnd(text, name, name + LONGEST_HOME, each -> each == ' ' || isUserNamePart(each));
        return isSeparator(Letters.at(text, end))
                ? end
                : Letters.runEnd(text, name, name + LONGEST_HOME, PersonalData::isUserNamePart);
    }

    private static boolean isUserNamePart(char character) {
        return Letters.isWordly(character)
                || character == '.'
                || character == '-'
                || character == '_'
                || character == '@';
    }

    private static boolean isSeparator(char character) {
        return character == '/' || character == '\\';
    }

    /** The end of a domain that starts at an index and has at least two labels, or -1. */
    private static int domainEnd(String text, int from) {
        int label = from;
        int end = -1;
        while (label < text.length() && label - from < 256) {
            int labelEnd = Letters.runEnd(text, label, label + 64, each -> Letters.isWordly(each) || each == '-');
            if (labelEnd == label) {
                break;
            }
            if (label > from && labelEnd - label >= 2 && !Letters.isDigit(text.charAt(labelEnd - 1))) {
                end = labelEnd;
            }
            if (Letters.at(text, labelEnd) != '.') {
                break;
            }
            label = labelEnd + 1;
        }
        return end;
    }

    private static boolean isLocalPart(char character) {
        return Letters.isWordly(character) || "._%+-'".indexOf(character) >= 0;
    }

    private static int lastAt(String text, int from, int to) {
        int index = to - 1;
        while (index >= from && text.charAt(index) != '@') {
            index--;
        }
        return index < from ? -1 : index;
    }

    private static boolean isInAuthority(char character) {
        return character > ' '
                && character != '/'
                && character != '?'
                && character != '#'
                && character != '"'
                && character != '<'
                && character != '>';
    }

    /** Whether an authority that ends at a slash has a password, and no port, behind its colon. */
    private static boolean isPasswordWithSlash(String text, int from, int end) {
        int colon = Letters.runEnd(text, from, end, each -> each != ':');
        if (Letters.at(text, end) <= ' ' || colon == end || text.charAt(from) == '[') {
            return false;
        }
        return Letters.runEnd(text, colon + 1, end, Letters::isDigit) < end;
    }
}
