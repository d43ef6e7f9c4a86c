package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Looks at a page as it is: narrow and wide, in light and dark. */
final class Looks {
    private Looks() {}

    /**
     * Fails if axe finds something serious, or the page is wider than the window. For those who want to look themselves,
     * pictures lie in the folder {@code interlock.pictures}.
     */
    static void at(Browser browser, String name) {
        for (boolean dark : List.of(false, true)) {
            for (int width : new int[] {380, 1_600}) {
                browser.emulate(width, 900, dark);
                assertThat(browser.run(
                                "const page = document.documentElement; return page.scrollWidth - page.clientWidth"))
                        .as(name + " at " + width)
                        .isEqualTo(0L);
                DashboardAccessibilityTest.judge(browser);
                picture(browser, name + (dark ? "-dark-" : "-light-") + width);
            }
        }
        browser.emulate(1_280, 900, false);
    }

    private static void picture(Browser browser, String name) {
        String folder = System.getProperty("interlock.pictures");
        if (folder == null) {
            return;
        }
        try {
            Files.write(Path.of(folder, name + ".png"), browser.screenshot());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
