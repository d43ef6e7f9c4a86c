package dev.interlock.checks;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Where a source formats by the machine's locale: with it come other digits, letters and separators. */
final class DefaultLocale {
    private static final Pattern BY_DEFAULT = Pattern.compile("String\\s*\\.format\\(\\s*(?!Locale|\\s|[a-z]*[lL]ocale)"
            + "|\\.formatted\\("
            + "|\\.to(?:Lower|Upper)Case\\(\\s*\\)"
            + "|::to(?:Lower|Upper)Case\\b"
            + "|\\.printf\\(\\s*(?!Locale|\\s|[a-z]*[lL]ocale)"
            + "|\\bofPattern\\([^,()]*\\)"
            + "|new\\s+(?:DecimalFormat|SimpleDateFormat|Formatter)\\(\\s*(?:\"[^\"]*\")?\\s*\\)"
            + "|NumberFormat\\.get\\w*\\(\\s*\\)");

    private DefaultLocale() {}

    /** The places, as they are written. */
    static List<String> in(String source) {
        return BY_DEFAULT.matcher(source).results().map(MatchResult::group).toList();
    }
}
