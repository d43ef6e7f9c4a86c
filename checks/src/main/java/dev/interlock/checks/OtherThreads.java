package dev.interlock.checks;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Finds statements that make a thread, or a pool of them, without {@code OwnThreads}. */
final class OtherThreads {
    private static final Pattern MAKING = Pattern.compile(
            "(new\\s+(Thread|ForkJoinPool|\\w*ThreadPoolExecutor)\\s*\\(|new\\s+(java\\.util\\.)?Timer\\(\\s*[tf\")]"
                    + "|\\bExecutors\\s*\\.\\s*new\\w+\\s*\\()[^;]*;");

    private OtherThreads() {}

    static List<String> in(String source) {
        return source.contains("class OwnThreads ")
                ? List.of()
                : MAKING.matcher(source)
                        .results()
                        .map(MatchResult::group)
                        .filter(statement -> !statement.contains("OwnThreads."))
                        .toList();
    }
}
