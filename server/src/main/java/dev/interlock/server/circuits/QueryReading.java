package dev.interlock.server.circuits;

import dev.interlock.server.circuits.QueryWord.Value;
import dev.interlock.server.text.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A query as it was read: its words, and what is wrong with it. The dashboard's {@code query.js} reads it in the same way;
 * {@code query/examples.json} among the tests holds both to it.
 */
final class QueryReading {
    /** A longer text is no query. */
    static final int LONGEST = 1_024;

    private static final int MOST_WORDS = 20;
    private static final int LONGEST_VALUE = 256;

    /** How many are reported at once. */
    private static final int MOST_MISTAKES = 5;

    /** Blanks as scripts of a browser have them, and signs that separate; for a class of characters. */
    private static final String BLANKS =
            "\\t-\\r\\x1c- \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";

    /** Any run of characters but blanks; within quotes blanks, too. */
    private static final Pattern WORD = Pattern.compile("(?:[^" + BLANKS + "\"]|\"[^\"]*\"?)+");

    /** A word that names a field: what comes before the first colon or equals sign. */
    private static final Pattern FIELD = Pattern.compile("([^\":=,]+)([:=])(.*)", Pattern.DOTALL);

    private static final Pattern VALUE = Pattern.compile("(?:[^,\"]|\"[^\"]*\"?)+");
    private static final Pattern BLANK = Pattern.compile("[" + BLANKS + "]*");

    /**
     * What is wrong, and where.
     *
     * @param column where in the query, counted in characters from 1
     * @param text a sentence
     */
    record Mistake(int column, String text) {}

    private final String query;
    private final List<QueryWord> words = new ArrayList<>();
    private final List<Mistake> mistakes = new ArrayList<>();

    private QueryReading(String query) {
        this.query = query;
    }

    /** Reads a query, also a wrong one. */
    static QueryReading of(String query) {
        QueryReading reading = new QueryReading(query);
        reading.read();
        return reading;
    }

    /** The words in order; they are to be used only where nothing is wrong. */
    List<QueryWord> words() {
        return words;
    }

    /** What is wrong, in order; of much the first. */
    List<Mistake> mistakes() {
        return mistakes;
    }

    private void read() {
        if (query.length() > LONGEST) {
            wrong(
                    LONGEST,
                    "A query may have at most " + LONGEST + " characters, but this one has " + query.length() + ".");
            return;
        }
        List<MatchResult> found = WORD.matcher(query).results().toList();
        found.stream().limit(MOST_WORDS).forEach(word -> read(word.group(), word.start()));
        if (found.size() > MOST_WORDS) {
            wrong(
                    found.get(MOST_WORDS).start(),
                    "A query may have at most " + MOST_WORDS + " words, but this one has " + found.size() + ".");
        }
    }

    private void read(String written, int start) {
        boolean not = written.length() > 1 && written.startsWith("-");
        String word = not ? written.substring(1) : written;
        int at = not ? start + 1 : start;
        Matcher parts = FIELD.matcher(word);
        if (!parts.matches()) {
            add(written, start, not, null, null, List.of(), values(word, at, null));
            return;
        }
        String key = QueryWord.lower(parts.group(1));
        boolean equals = parts.group(2).equals("=");
        QueryField field = equals ? null : QueryField.of(key);
        int before = mistakes.size();
        List<Value> values = values(parts.group(3), at + parts.start(3), field);
        int wrong = mistakes.size();
        List<Value> names = field == null && !equals ? values(word, at, null) : List.of();
        if (wrong > before) { // said already
            mistakes.subList(wrong, mistakes.size()).clear();
        }
        add(written, start, not, field, field == null ? key : null, values, names);
    }

    private void add(
            String written,
            int start,
            boolean not,
            @Nullable QueryField field,
            @Nullable String key,
            List<Value> values,
            List<Value> names) {
        if (values.isEmpty() && names.isEmpty()) {
            String needed =
                    field != null ? field.needed() : key != null ? "needs a value; * means any." : "needs a value.";
            wrong(start, Texts.shown(written) + " " + needed);
        } else {
            words.add(new QueryWord(not, field, key, values, names));
        }
    }

    private List<Value> values(String text, int start, @Nullable QueryField field) {
        List<Value> values = new ArrayList<>();
        VALUE.matcher(text).results().forEach(match -> {
            String plain = match.group().replace("\"", "");
            String value = QueryWord.lower(plain);
            if (BLANK.matcher(value).matches()) {
                return;
            }
            String wrong = value.length() > LONGEST_VALUE
                    ? "A value may have at most " + LONGEST_VALUE + " characters, but this one has " + value.length()
                            + "."
                    : field == null ? null : field.mistake(value, Texts.shown(plain));
            if (wrong != null) {
                wrong(start + match.start(), wrong);
            }
            values.add(wrong == null ? Value.of(value) : new Value(value, null));
        });
        return values;
    }

    private void wrong(int at, String text) {
        if (mistakes.size() < MOST_MISTAKES) {
            mistakes.add(new Mistake(query.codePointCount(0, at) + 1, text));
        }
    }
}
