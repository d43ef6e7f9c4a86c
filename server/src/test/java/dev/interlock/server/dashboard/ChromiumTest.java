package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The tests' own tool: who gets a Chromium that others have used notices nothing of them. */
@Tag("heavy")
class ChromiumTest {
    private static final String TRACES = """
        return [document.cookie, localStorage.length, sessionStorage.length, history.length > 2, window.left ?? '', innerWidth,
          matchMedia('(prefers-color-scheme: dark)').matches, Intl.DateTimeFormat().resolvedOptions().timeZone,
          document.hasFocus()].join(' ');
        """;

    @Test
    void the_next_one_has_the_focus_and_no_trace_of_the_one_before() {
        Chromium.assumeThereIsOne();
        try (RunningServer server = new RunningServer()) {
            String traces;
            Object session;
            try (Browser first = Browser.open(server)) {
                first.visit("").see("#key");
                traces = (String) first.run(TRACES);
                assertThat(traces).endsWith(" true");
                session = first.session();
                first.devTools("Page.addScriptToEvaluateOnNewDocument", Map.of("source", "window.left = 'a script'"));
                first.devTools("Emulation.setTimezoneOverride", Map.of("timezoneId", "Asia/Kathmandu"));
                first.emulate(380, 800, true);
                first.newTab().visit("#/events").see("#key");
                first.tab(0).visit("?again").see("#key");
                first.run("document.cookie = 'left=1'; localStorage.left = 1; sessionStorage.left = 1;"
                        + " console.error('left')");
                assertThat(first.run(TRACES)).isNotEqualTo(traces);
            }
            try (Browser next = Browser.open(server).visit("")) {
                next.see("#key");
                assertThat(next.session()).isEqualTo(session);
                assertThat(next.run(TRACES)).isEqualTo(traces);
                assertThat(next.complaints()).isEmpty();
            }
        }
    }
}
