package dev.interlock.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Once there is a release, each build compares the stable API with the last one. */
class BaselineTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));
    private static final Pattern RELEASE = Pattern.compile("^## \\[?(\\d+\\.\\d+\\.\\d+)\\b", Pattern.MULTILINE);

    @Test
    void the_build_compares_with_the_last_release_that_the_changelog_names() throws IOException {
        String changelog = Files.readString(ROOT.resolve("CHANGELOG.md"));

        assertThat(compared(Files.readString(ROOT.resolve("pom.xml")))).isEqualTo(lastRelease(changelog));
    }

    @Test
    void the_last_release_is_the_first_one_that_a_changelog_names() {
        assertThat(lastRelease("# Changelog\n\n## Unreleased\n\n## 0.2.0 – 2027-02-01\n\n## 0.1.0\n"))
                .contains("0.2.0");
        assertThat(lastRelease("# Changelog\n\n## Unreleased\n\n0.2.0\n")).isEmpty();
    }

    @Test
    void a_baseline_counts_where_the_comparison_is_not_skipped() {
        String pom = "<interlock.baseline>0.2.0</interlock.baseline>\n<japicmp.skip>%s</japicmp.skip>";
        assertThat(compared(pom.formatted("false"))).contains("0.2.0");
        assertThat(compared(pom.formatted("true"))).isEmpty();
    }

    private static Optional<String> lastRelease(String changelog) {
        return RELEASE.matcher(changelog)
                .results()
                .map(heading -> heading.group(1))
                .findFirst();
    }

    /** The release with which a POM compares. */
    private static Optional<String> compared(String pom) {
        return pom.contains("<japicmp.skip>false</japicmp.skip>")
                ? Pattern.compile("<interlock.baseline>(.*?)</interlock.baseline>")
                        .matcher(pom)
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .findFirst()
                : Optional.empty();
    }
}
