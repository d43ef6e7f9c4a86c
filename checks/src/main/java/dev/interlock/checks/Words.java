package dev.interlock.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Words that a reader would stumble over, and what to write. Immutable; safe for use by any thread. */
final class Words {
    /**
     * Words, as a pattern, each with the better one. Of "stay" only the noun: a circuit may stay open. "To stand" is fine
     * where it means "to represent", and as the name of a constant.
     */
    private static final List<Odd> ODD = List.of(
            new Odd("mend(s|ed|ing)?", "fix"),
            new Odd("heed(s|ed|ing)?", "honour, follow"),
            new Odd("in force", "in effect"),
            new Odd("pass(es|ed|ing) over", "ignore, skip"),
            new Odd("well again|is well(?! )", "healthy"),
            new Odd("concern(s|ed)", "attributed to"),
            new Odd("who there is", "the agents"),
            new Odd("what 9[59] of 100.*did not exceed", "p95, p99"),
            new Odd("afresh", "again"),
            new Odd("concerning (the|a|an|its|this|that|which|whom)", "attributed to, about"),
            new Odd("shall", "must, is to, has to"),
            new Odd("fares?", "do, be"),
            new Odd("befall(s|en)?|befell", "happen to"),
            new Odd("sought", "looked for"),
            new Odd("cease(s|d)?", "stop, end"),
            new Odd("in vain", "for nothing, without an answer"),
            new Odd("for want of", "for lack of"),
            new Odd("upon", "on"),
            new Odd("thereby", "so"),
            new Odd("aloud", "say so"),
            new Odd("seldom", "rarely"),
            new Odd(
                    "hence(forth)?|hitherto|thereof|therein|whence|lest|amongst|whilst|whosoever|reckon(s|ed)?",
                    "a word of today"),
            new Odd("anew", "again"),
            new Odd("kin", "similar"),
            new Odd("plainly closed", "closed and clean"),
            new Odd("by lot", "random"),
            new Odd("whoever", "anyone who"),
            new Odd("(take|takes|took|taken)( a (key|policy))? back", "revoke, remove"),
            new Odd("(for|gives?|given) leave", "permission"),
            new Odd("come again", "retry, be sent again"),
            new Odd(
                    "(a|an|earlier|each|half-open|its|later|next|one|present|same|the|circuit's) stay|(the|earlier) stays",
                    "epoch"),
            new Odd("stays (that|of)", "epochs"),
            new Odd("wish(es)?", "move"),
            new Odd("(gives?|gave|given|acknowledged|an|people's) orders? (to|that|was|changed)", "override"),
            new Odd("gives? orders?", "override"),
            new Odd(
                    "(?-i:[Ss]tands?|[Ss]tood|[Ss]tanding)(?! (still|for|in for|in (the|its|their) way)\\b)",
                    "be, be in effect, be kept, win"),
            new Odd("told|tells?", "report, notify, say, documented in"));

    /** All of them at once: most texts have none, and are looked through one time. */
    private static final Pattern ANY =
            pattern(ODD.stream().map(odd -> odd.words).collect(Collectors.joining("|")));

    private Words() {}

    private static Pattern pattern(String words) {
        return Pattern.compile("(?<![\\w`{/-])(" + words + ")(?![\\w`}/-])", Pattern.CASE_INSENSITIVE);
    }

    /**
     * What is odd in a text.
     *
     * @param text of a document or a script, whole
     * @return a line each: its number from 1, the word, the better one, and the line
     */
    static List<String> in(String text) {
        if (!ANY.matcher(text).find()) {
            return List.of();
        }
        List<String> found = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            for (Odd odd : ODD) {
                Matcher match = odd.pattern.matcher(line);
                while (match.find()) {
                    found.add((at + 1) + ": '" + match.group() + "', better: " + odd.better + ": " + line.strip());
                }
            }
        }
        return found;
    }

    private static final class Odd {
        final String words;
        final Pattern pattern;
        final String better;

        Odd(String words, String better) {
            this.words = words;
            this.pattern = pattern(words);
            this.better = better;
        }
    }
}
