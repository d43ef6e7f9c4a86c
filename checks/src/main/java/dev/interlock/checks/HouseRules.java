package dev.interlock.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * How every module is built: no circle of more than three top-level classes, no circle of packages, no file of more than
 * 400 lines, no text by the default locale, no thread that keeps something of its maker. A module takes part with {@code class HouseTest implements HouseRules {}} among its tests.
 */
@Tag("texts")
public interface HouseRules {
    /** Top-level classes in one circle, at most. A module that is not there yet says where it is; the number only falls. */
    default int mostInACircle() {
        return 3;
    }

    /** Lines of one file, at most. A module that is not there yet says where it is; the number only falls. */
    default int longestFile() {
        return 400;
    }

    /** Names the classes of each circle that is too big. */
    @Test
    default void no_circle_of_more_than_three_classes() throws URISyntaxException {
        List<List<String>> tooBig = Circles.in(dependencies()).stream()
                .filter(circle -> circle.size() > mostInACircle())
                .toList();
        assertThat(tooBig)
                .as("circles of more than %d classes that all need each other", mostInACircle())
                .isEmpty();
    }

    /** Names the packages of each circle. */
    @Test
    default void no_circle_of_packages() throws URISyntaxException {
        assertThat(Circles.in(Dependencies.betweenPackages(dependencies())))
                .as("circles of packages")
                .isEmpty();
    }

    /** Names the files that are too long. */
    @Test
    default void no_file_of_more_than_400_lines() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources()) {
            int lines = Files.readAllLines(file).size();
            if (lines > longestFile()) {
                tooLong.add(file + ": " + lines + " lines");
            }
        }
        assertThat(tooLong).as("files of more than %d lines", longestFile()).isEmpty();
    }

    /** Names the lines whose text depends on the machine's locale: its digits and letters may be others. */
    @Test
    default void nothing_is_formatted_by_the_default_locale() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : sources()) {
            DefaultLocale.in(Files.readString(file)).forEach(line -> found.add(file + ": " + line.strip()));
        }
        assertThat(found)
                .as("texts by the default locale; give Locale.ROOT, or join texts with +")
                .isEmpty();
    }

    /** Whether every thread is made by {@code OwnThreads}; programs and tools may do as they like. */
    default boolean makesOwnThreadsOnly() {
        return true;
    }

    /** Names the threads and pools that would keep their maker's context, or whose loss nobody would see. */
    @Test
    default void threads_are_made_by_own_threads() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : makesOwnThreadsOnly() ? sources() : List.<Path>of()) {
            OtherThreads.in(Files.readString(file)).forEach(line -> found.add(file + ": " + line));
        }
        assertThat(found)
                .as("threads of others; use Worker, or OwnThreads.factory")
                .isEmpty();
    }

    private static List<Path> sources() throws IOException {
        Path sources = Path.of("src", "main", "java").toAbsolutePath();
        List<Path> files;
        try (Stream<Path> all = Files.walk(sources)) {
            files = all.filter(file -> file.toString().endsWith(".java")).toList();
        }
        assertThat(files).as("Java files below " + sources).isNotEmpty();
        return files;
    }

    private Map<String, Set<String>> dependencies() throws URISyntaxException {
        Path tests = Path.of(
                getClass().getProtectionDomain().getCodeSource().getLocation().toURI());
        Map<String, Set<String>> needs = Dependencies.between(tests.resolveSibling("classes"));
        assertThat(needs).as("classes next to " + tests).isNotEmpty();
        return needs;
    }
}
