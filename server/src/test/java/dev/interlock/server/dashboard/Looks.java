package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Looks at a page as it is: narrow and wide, in light and dark. */
final class Looks {
    private static final List<Integer> WIDTHS = List.of(380, 1_600);

    /** What reaches beyond the window, if the page can be moved sideways. */
    private static final String TOO_WIDE = """
        const page = document.documentElement;
        return page.scrollWidth === page.clientWidth ? '' : [...document.querySelectorAll('main *')]
          .filter(each => each.getBoundingClientRect().right > page.clientWidth + 1)
          .map(each => `${each.tagName}.${each.className}: ${each.textContent.slice(0, 40)}`).join('; ') || 'something';
        """;

    private Looks() {}

    /** Fails if axe finds anything, or the page is wider than the window. */
    static void at(Browser browser, String name) {
        assertThat(faults(browser, name)).isEmpty();
    }

    /**
     * What axe finds, of any impact; fails if the page is wider than the window. For those who want to look themselves,
     * pictures lie in the folder {@code interlock.pictures}.
     */
    static List<String> faults(Browser browser, String name) {
        List<String> faults = new ArrayList<>();
        for (int width : WIDTHS) {
            browser.emulate(width, 900, false);
            fits(browser, name + " at " + width);
            Axe.found(browser).forEach(each -> faults.add(name + " at " + width + ": " + each));
            picture(browser, name + "-light-" + width);
            browser.emulate(width, 900, true);
            Axe.foundInColours(browser).forEach(each -> faults.add(name + " at " + width + ", dark: " + each));
            picture(browser, name + "-dark-" + width);
        }
        browser.emulate(1_280, 900, false);
        return faults;
    }

    /** Fails if the page stays wider than the window once what follows a change of the window's size has been drawn. */
    static void fits(Browser browser, String page) {
        try {
            browser.until(
                    page + " to fit into its window",
                    () -> browser.run(TOO_WIDE).equals("") ? true : null);
        } catch (AssertionError e) {
            throw new AssertionError(page + " is too wide: " + browser.run(TOO_WIDE), e);
        }
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
