package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Draw;
import dev.interlock.checks.Property;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Patterns of names mean what the same regular expression means, and their order is one. */
class NamePatternProperties {
    @Test
    void matchesWhatTheRegularExpressionMatches() {
        Property.tries(5000).holds(draw -> {
            String pattern = draw.named("pattern", pattern(draw));
            String name = draw.named("name", name(draw));
            String regex =
                    Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
            assertThat(new NamePattern(pattern).matches(name))
                    .isEqualTo(
                            Pattern.compile(regex, Pattern.DOTALL).matcher(name).matches());
        });
    }

    /** A thousand patterns are compared with each new name, on event loops that others share. */
    @Test
    void fourTimesAsLongTakesAboutFourTimesAsLong() {
        long little = cpu(nasty(64), "a".repeat(64));
        long much = cpu(nasty(256), "a".repeat(256));

        assertThat((double) much / little).as("%s ns and %s ns", much, little).isLessThan(8);
    }

    /** A part of many like letters that occurs almost, everywhere. */
    private static NamePattern nasty(int length) {
        return new NamePattern("*" + "a".repeat(length / 2) + "b*");
    }

    /** Of many rounds the shortest, so that nothing else is counted. */
    private static long cpu(NamePattern pattern, String name) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long shortest = Long.MAX_VALUE;
        boolean matched = false;
        for (int round = 0; round < 200; round++) {
            long before = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < 1_000; i++) {
                matched |= pattern.matches(name);
            }
            shortest = Math.min(shortest, threads.getCurrentThreadCpuTime() - before);
        }
        assertThat(matched).isFalse();
        return shortest;
    }

    @Test
    void nameMatchesItselfWithAnyPartStarred() {
        Property.usual().holds(draw -> {
            String name = draw.named("name", name(draw));
            int begin = draw.named("begin", draw.integer(0, name.length() - 1));
            int end = draw.named("end", draw.integer(begin, name.length()));
            assertThat(new NamePattern(name.substring(0, begin) + "*" + name.substring(end)).matches(name))
                    .isTrue();
        });
    }

    @Test
    void orderIsOne() {
        Property.usual().holds(draw -> {
            String a = draw.named("a", pattern(draw));
            String b = draw.named("b", pattern(draw));
            String c = draw.named("c", pattern(draw));
            NamePattern first = new NamePattern(a);
            NamePattern second = new NamePattern(b);
            NamePattern third = new NamePattern(c);
            assertThat(Integer.signum(first.compareTo(second))).isEqualTo(-Integer.signum(second.compareTo(first)));
            assertThat(first.compareTo(second) == 0).isEqualTo(a.equals(b));
            if (first.compareTo(second) <= 0 && second.compareTo(third) <= 0) {
                assertThat(first.compareTo(third)).isLessThanOrEqualTo(0);
            }
        });
    }

    @Test
    void nameComesBeforeEveryPatternThatIsNone() {
        Property.usual().holds(draw -> {
            String name = draw.named("name", name(draw));
            String pattern = draw.named("pattern", pattern(draw));
            if (pattern.contains("*")) {
                assertThat(new NamePattern(name)).isLessThan(new NamePattern(pattern));
            }
        });
    }

    private static String pattern(Draw draw) {
        return draw.text("ab:*", 1, 8);
    }

    private static String name(Draw draw) {
        return draw.text("ab:.", 1, 10);
    }
}
