package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Patterns of names mean what the same regular expression means, and their order is one. */
class NamePatternProperties {
    @Property(tries = 5000)
    void matchesWhatTheRegularExpressionMatches(@ForAll("patterns") String pattern, @ForAll("names") String name) {
        String regex =
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        assertThat(new NamePattern(pattern).matches(name))
                .isEqualTo(Pattern.compile(regex, Pattern.DOTALL).matcher(name).matches());
    }

    @Property
    void nameMatchesItselfWithAnyPartStarred(@ForAll("names") String name, @ForAll int from, @ForAll int length) {
        int begin = Math.floorMod(from, name.length());
        int end = begin + Math.floorMod(length, name.length() - begin + 1);
        assertThat(new NamePattern(name.substring(0, begin) + "*" + name.substring(end)).matches(name))
                .isTrue();
    }

    @Property
    void orderIsOne(@ForAll("patterns") String a, @ForAll("patterns") String b, @ForAll("patterns") String c) {
        NamePattern first = new NamePattern(a);
        NamePattern second = new NamePattern(b);
        NamePattern third = new NamePattern(c);
        assertThat(Integer.signum(first.compareTo(second))).isEqualTo(-Integer.signum(second.compareTo(first)));
        assertThat(first.compareTo(second) == 0).isEqualTo(a.equals(b));
        if (first.compareTo(second) <= 0 && second.compareTo(third) <= 0) {
            assertThat(first.compareTo(third)).isLessThanOrEqualTo(0);
        }
    }

    @Property
    void nameComesBeforeEveryPatternThatIsNone(@ForAll("names") String name, @ForAll("patterns") String pattern) {
        if (pattern.contains("*")) {
            assertThat(new NamePattern(name)).isLessThan(new NamePattern(pattern));
        }
    }

    @Provide
    Arbitrary<String> patterns() {
        return Arbitraries.strings().withChars("ab:*").ofMinLength(1).ofMaxLength(8);
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.strings().withChars("ab:.").ofMinLength(1).ofMaxLength(10);
    }
}
