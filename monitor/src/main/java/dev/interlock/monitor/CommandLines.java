package dev.interlock.monitor;

/** Passwords in the command lines of programs that take them in short options: {@code curl -u bob:…}, {@code mysql -p…}. */
final class CommandLines {
    /** How far back the program's name may be, in the same line. */
    private static final int LONGEST_LINE = 200;

    private static final String[] WEB = {"curl"};
    private static final String[] MYSQL = {"mysql", "mariadb"};
    private static final String[] SSHPASS = {"sshpass"};
    private static final String[] REDIS = {"redis-cli"};

    private CommandLines() {}

    /** Looks for an option with a password at its hyphen. */
    static boolean find(String text, int index, Finding finding) {
        char before = Letters.at(text, index - 1);
        if (index > 0 && !Letters.isBlank(before) && !Letters.isQuote(before)) {
            return false;
        }
        if (text.startsWith("--user ", index) || text.startsWith("--user=", index)) {
            return isAfter(text, index, WEB) && pair(text, index + "--user ".length(), finding);
        }
        char option = Letters.at(text, index + 1);
        char after = Letters.at(text, index + 2);
        if (option == 'u' && isAfter(text, index, WEB)) {
            return pair(text, Letters.runEnd(text, index + 2, index + 6, Letters::isBlank), finding);
        }
        if (option == 'p' && after > ' ' && isAfter(text, index, MYSQL)) {
            return word(text, index + 2, finding);
        }
        if (option == 'p' && isAfter(text, index, SSHPASS) || option == 'a' && isAfter(text, index, REDIS)) {
            return word(text, Letters.runEnd(text, index + 2, index + 6, Letters::isBlank), finding);
        }
        return false;
    }

    /** The part after the colon of {@code user:password}; two numbers are ids of user and group. */
    private static boolean pair(String text, int from, Finding finding) {
        int start = Letters.isQuote(Letters.at(text, from)) ? from + 1 : from;
        int end = wordEnd(text, start);
        int colon = text.indexOf(':', start);
        if (colon < 0 || colon >= end - 1) {
            return false;
        }
        boolean ids = Letters.runEnd(text, start, end, each -> Letters.isDigit(each) || each == ':') == end;
        return !ids && !text.startsWith(Labels.START, colon + 1) && finding.is(colon + 1, end, Labels.SECRET);
    }

    private static boolean word(String text, int from, Finding finding) {
        int start = Letters.isQuote(Letters.at(text, from)) ? from + 1 : from;
        int end = wordEnd(text, start);
        return end > start
                && text.charAt(start) != '-'
                && !text.startsWith(Labels.START, start)
                && finding.is(start, end, Labels.SECRET);
    }

    private static int wordEnd(String text, int from) {
        return Letters.runEnd(text, from, text.length(), each -> each > ' ' && !Letters.isQuote(each));
    }

    private static boolean isAfter(String text, int index, String[] programs) {
        int from = index;
        while (from > 0 && index - from < LONGEST_LINE && !Letters.isLineEnd(text.charAt(from - 1))) {
            from--;
        }
        String line = text.substring(from, index);
        for (String program : programs) {
            if (line.contains(program)) {
                return true;
            }
        }
        return false;
    }
}
