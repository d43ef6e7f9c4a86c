package dev.interlock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoryTest {
    private static final Cast CAST = new Cast();

    @Test
    void the_cast_is_some_forty_agents_on_three_models_and_a_dozen_tools() {
        assertThat(CAST.members()).hasSizeBetween(38, 44);
        assertThat(CAST.members().stream().map(Member::name)).doesNotHaveDuplicates();
        assertThat(CAST.models()).hasSize(3);
        assertThat(CAST.tools()).hasSize(12);
        assertThat(CAST.members()).allMatch(member -> !member.model().equals(member.spareModel()));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 1_000, -7})
    void
            in_the_first_round_an_overloaded_model_a_looping_agent_an_exhausted_key_and_a_slow_tool_begin_within_half_a_minute(
                    long seed) {
        List<Trouble> early = new Story(seed, CAST)
                .round(0).stream()
                        .filter(incident -> incident.from() < 30_000)
                        .map(Incident::trouble)
                        .toList();
        assertThat(early)
                .contains(Trouble.OVERLOADED_MODEL, Trouble.LOOPING_AGENT, Trouble.EXHAUSTED_KEY, Trouble.SLOW_TOOL);
    }

    @Test
    void every_incident_ends_well_before_its_round_does() {
        for (int round = 0; round < 50; round++) {
            for (Incident incident : new Story(5, CAST).round(round)) {
                assertThat(incident.from()).isGreaterThanOrEqualTo(round * Story.ROUND);
                assertThat(incident.until()).isBetween(incident.from() + 10_000, (round + 1) * Story.ROUND - 20_000);
            }
        }
    }

    @Test
    void each_round_hits_others_until_all_have_been_hit() {
        Story story = new Story(9, CAST);
        for (Trouble trouble : Trouble.values()) {
            Set<String> hit = new HashSet<>();
            for (int round = 0; round < 3; round++) {
                story.round(round).stream()
                        .filter(incident -> incident.trouble() == trouble)
                        .forEach(incident -> hit.add(incident.target()));
            }
            assertThat(hit).as(trouble.name()).hasSize(3);
        }
    }

    @Test
    void the_same_seed_gives_the_same_story_and_another_seed_another() {
        try (Play one = new Play(7).until(3 * Story.ROUND);
                Play same = new Play(7).until(3 * Story.ROUND);
                Play other = new Play(8).until(3 * Story.ROUND)) {
            assertThat(same.text()).isEqualTo(one.text()).hasSizeGreaterThan(60);
            assertThat(other.text()).isNotEqualTo(one.text());
        }
    }

    @Test
    void how_a_call_ends_depends_on_the_call_alone_and_not_on_those_before() {
        Story story = new Story(3, CAST);
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            calls.add(new Call("planner", i, "model:atlas-large", "key:product", i, i * 100L));
            calls.add(new Call("researcher", i, "tool:browser", "", i, i * 100L));
        }
        World forwards = new World(3, story);
        List<Ending> endings = calls.stream().map(forwards::end).toList();
        World backwards = new World(3, story);
        for (int i = calls.size() - 1; i >= 0; i--) {
            assertThat(backwards.end(calls.get(i))).isEqualTo(endings.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void each_incident_opens_the_circuit_of_whom_it_hits_and_it_closes_again_within_the_round(long seed) {
        try (Play play = new Play(seed).until(Story.ROUND)) {
            for (Incident incident : new Story(seed, CAST).round(0)) {
                assertThat(times(play, incident.target(), Line.Tone.OPEN))
                        .as("openings at " + incident + " in " + play.text())
                        .anyMatch(incident::isOn);
                assertThat(times(play, incident.target(), Line.Tone.CLOSED))
                        .as("closings after " + incident + " in " + play.text())
                        .anyMatch(closed -> closed > incident.from() && closed < Story.ROUND);
            }
            assertThat(play.lines.stream().filter(line -> line.tone() == Line.Tone.OPEN))
                    .as("the first red line in " + play.text())
                    .first()
                    .satisfies(line -> assertThat(line.at()).isLessThanOrEqualTo(30_000));
        }
    }

    @Test
    void each_line_says_what_to_look_at_and_the_first_of_its_kind_in_a_sentence() {
        try (Play play = new Play(1).until(Story.ROUND)) {
            Set<Line.Tone> seen = EnumSet.noneOf(Line.Tone.class);
            assertThat(play.lines).hasSizeGreaterThan(40).allSatisfy(line -> {
                String look =
                        seen.add(line.tone()) ? line.tone().look() : line.tone().glance();
                assertThat(line.text()).endsWith(" (look: " + look + ")");
            });
            assertThat(seen)
                    .contains(
                            Line.Tone.TROUBLE,
                            Line.Tone.OVER,
                            Line.Tone.OPEN,
                            Line.Tone.FALLBACK,
                            Line.Tone.HALF_OPEN,
                            Line.Tone.CLOSED);
        }
        assertThat(Line.Tone.values())
                .allSatisfy(tone -> assertThat(tone.glance())
                        .isNotBlank()
                        .hasSizeLessThan(28)
                        .hasSizeLessThan(tone.look().length()));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void no_circuit_opens_but_of_those_hit_and_of_the_unguarded_and_none_stays_open(long seed) {
        try (Play play = new Play(seed).until(6 * Story.ROUND)) {
            Set<String> hit = new HashSet<>(CAST.agents(true)); // they have nothing but their own circuits
            for (int round = 0; round < 6; round++) {
                new Story(seed, CAST).round(round).forEach(incident -> hit.add(incident.target()));
            }
            Set<String> opened = play.transitions.stream()
                    .filter(transition -> transition.to() == CircuitState.OPEN)
                    .map(transition -> transition.id().name())
                    .collect(Collectors.toSet());
            assertThat(hit).containsAll(opened);
            assertThat(play.circuits.snapshotsNotClosed()).isEmpty();
        }
    }

    @Test
    void agents_fall_back_while_a_model_or_a_key_is_not_to_be_had() {
        try (Play play = new Play(1).until(Story.ROUND)) {
            assertThat(play.lines.stream().filter(line -> line.tone() == Line.Tone.FALLBACK))
                    .extracting(Line::text)
                    .anyMatch(text -> text.contains("instead of model:"))
                    .anyMatch(text -> text.contains("uses key:reserve instead of key:"));
            assertThat(play.tally.fallbacks()).isGreaterThan(20);
            assertThat(play.tally.refusals()).isGreaterThanOrEqualTo(play.tally.fallbacks());
        }
    }

    @Test
    void a_line_is_read_without_colours() {
        assertThat(new Line(67_400, Line.Tone.HALF_OPEN, "model:x: on trial").plain())
                .isEqualTo("  1:07  half-open  model:x: on trial");
        assertThat(Arrays.stream(Line.Tone.values()).map(Line.Tone::word)).doesNotHaveDuplicates();
    }

    private static List<Long> times(Play play, String circuit, Line.Tone tone) {
        return play.lines.stream()
                .filter(line -> line.tone() == tone && line.text().startsWith(circuit + ": "))
                .map(Line::at)
                .toList();
    }
}
