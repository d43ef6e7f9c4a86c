package dev.interlock.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Settings by name. */
class SettingsReaderTest {
    @Test
    void that_are_null_are_not_missing() {
        Map<String, @Nullable Object> settings = new HashMap<>();
        settings.put("duration", null);
        settings.put("millis_ms", null);
        settings.put("section", null);
        List<String> seen = new ArrayList<>();
        List<String> problems = new ArrayList<>();

        SettingsReader reader = new SettingsReader("", settings, problems);
        reader.durationOrNull("duration", value -> seen.add("duration " + value));
        reader.durationOrNull("millis", value -> seen.add("millis " + value));
        reader.durationOrNull("missing", value -> seen.add("missing " + value));
        reader.section("section", section -> seen.add("section"), () -> seen.add("no section"));
        reader.section("missing", section -> seen.add("section"), () -> seen.add("missing section"));
        reader.refuseTheRest();

        assertThat(problems).isEmpty();
        assertThat(seen).containsExactly("duration null", "millis null", "no section");
    }
}
