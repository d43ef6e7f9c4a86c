package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** What axe finds wrong with a page as it is, for people who do not see it as others do. */
final class Axe {
    private static final String SCRIPT = script();

    private static final String IS_THERE = "return typeof window.axe === 'object'";

    /** The first argument: the names of rules, or none for all. Whatever they find is wrong, however small. */
    private static final String JUDGE = """
        const [rules, done] = arguments;
        const options = { resultTypes: ['violations'], selectors: false };
        if (rules.length > 0) options.runOnly = { type: 'rule', values: rules };
        axe.run(document, options).then(
            found => done(found.violations.map(each =>
                `${each.id} (${each.impact}): ${each.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | ')}`)),
            error => done([String(error)]));
        """;

    private static final List<String> ALL_RULES = List.of();

    /** All that another theme of the same page can break. */
    private static final List<String> COLOUR_RULES = List.of("color-contrast", "link-in-text-block");

    private Axe() {}

    /** Fails if there is anything. */
    static void judge(Browser browser) {
        assertThat(found(browser)).isEmpty();
    }

    /** All of it, however small. */
    static List<String> found(Browser browser) {
        return found(browser, ALL_RULES);
    }

    /** All of it that is about colours, for a page that was looked at in another theme. */
    static List<String> foundInColours(Browser browser) {
        return found(browser, COLOUR_RULES);
    }

    private static List<String> found(Browser browser, List<String> rules) {
        if (Boolean.FALSE.equals(browser.run(IS_THERE))) {
            browser.run(SCRIPT);
        }
        return ((List<?>) browser.runLater(JUDGE, rules))
                .stream().map(String::valueOf).toList();
    }

    private static String script() {
        try (InputStream in = Axe.class.getResourceAsStream("/vendor/axe.min.js")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
