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
import org.junit.jupiter.api.Test;

/**
 * How every module is built: no circle of more than three top-level classes, no circle of packages, no file of more than
 * 400 lines. A module takes part with {@code class HouseTest implements HouseRules {}} among its tests.
 */
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
        List<Path> files;
        Path sources = Path.of("src", "main", "java").toAbsolutePath();
        try (Stream<Path> all = Files.walk(sources)) {
            files = all.filter(file -> file.toString().endsWith(".java")).toList();
        }
        assertThat(files).as("Java files below " + sources).isNotEmpty();
        for (Path file : files) {
            int lines = Files.readAllLines(file).size();
            if (lines > longestFile()) {
                tooLong.add(sources.relativize(file) + ": " + lines + " lines");
            }
        }
        assertThat(tooLong).as("files of more than %d lines", longestFile()).isEmpty();
    }

    private Map<String, Set<String>> dependencies() throws URISyntaxException {
        Path tests = Path.of(
                getClass().getProtectionDomain().getCodeSource().getLocation().toURI());
        Map<String, Set<String>> needs = Dependencies.between(tests.resolveSibling("classes"));
        assertThat(needs).as("classes beside " + tests).isNotEmpty();
        return needs;
    }
}
