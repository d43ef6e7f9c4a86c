package dev.interlock.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The measure itself, on a graph and on a knot of five classes next to it. */
class CirclesTest {
    private static final String KNOT = "dev.interlock.checks.knot.";

    @Test
    void circles_are_found_the_biggest_first() {
        Map<String, Set<String>> needs = Map.of(
                "a", Set.of("b"),
                "b", Set.of("a", "c"),
                "c", Set.of("d"),
                "d", Set.of("e", "f"),
                "e", Set.of("c"),
                "f", Set.of());

        assertThat(Circles.in(needs)).containsExactly(List.of("c", "d", "e"), List.of("a", "b"));
    }

    @Test
    void what_only_points_down_has_no_circle() {
        assertThat(Circles.in(Map.of("a", Set.of("b", "c"), "b", Set.of("c"), "c", Set.of())))
                .isEmpty();
    }

    @Test
    void a_knot_is_named_with_all_its_classes_nested_ones_with_their_outer_one() throws URISyntaxException {
        assertThat(Circles.in(dependencies()).get(0))
                .containsExactly(
                        KNOT + "Entry", KNOT + "First", KNOT + "Second", KNOT + "Third", KNOT + "inner.Fourth");
    }

    @Test
    void packages_that_need_each_other_are_named() throws URISyntaxException {
        assertThat(Circles.in(Dependencies.betweenPackages(dependencies())))
                .contains(List.of("dev.interlock.checks.knot", "dev.interlock.checks.knot.inner"));
    }

    @Test
    void a_folder_that_is_not_there_is_named() {
        assertThatThrownBy(() -> Dependencies.between(Path.of("no-such-folder")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no-such-folder");
    }

    private static Map<String, Set<String>> dependencies() throws URISyntaxException {
        return Dependencies.between(Path.of(CirclesTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI()));
    }
}
