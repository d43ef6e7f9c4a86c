package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.Keys;

/** A person without a mouse: goes from one thing to the next, and must always see where the focus is. */
final class Keyboard {
    private static final int MOST_STEPS = 120;

    private static final String FOCUS = """
        const focus = document.activeElement;
        const box = focus.getBoundingClientRect();
        const style = getComputedStyle(focus);
        return {
          name: (focus.getAttribute('aria-label') ?? (focus.id ? '#' + focus.id : focus.innerText)).replace(/\\s+/g, ' ').trim(),
          text: focus.innerText.replace(/\\s+/g, ' ').trim(),
          lost: focus === document.body,
          isHeading: /^H[123]$/.test(focus.tagName),
          isMarked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
          isInView: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
          inDialog: Boolean(focus.closest('dialog')),
        };
        """;

    private final Browser browser;

    Keyboard(Browser browser) {
        this.browser = browser;
    }

    /** Goes on until the focus is on what is called so, or has such an id or text. */
    Keyboard tabTo(String name) {
        return stepTo(name, () -> browser.keys(Keys.TAB));
    }

    /** Goes back until it is there. */
    Keyboard backTo(String name) {
        return stepTo(name, () -> browser.keysWith(Keys.SHIFT, Keys.TAB));
    }

    private Keyboard stepTo(String name, Runnable step) {
        List<String> seen = new ArrayList<>();
        int lost = 0;
        for (int i = 0; i < MOST_STEPS; i++) {
            step.run();
            Map<String, Object> focus = focus();
            seen.add((String) focus.get("name"));
            if (Boolean.TRUE.equals(focus.get("lost"))) { // once: beyond the end of the page lies the browser
                assertThat(++lost)
                        .as("the focus leaves the page, after %s", seen)
                        .isLessThanOrEqualTo(1);
                continue;
            }
            assertThat(focus)
                    .as("after %s", seen)
                    .containsEntry("isMarked", true)
                    .containsEntry("isInView", true);
            if (is(focus, name)) {
                return this;
            }
        }
        return fail("No '" + name + "' on the way: " + seen);
    }

    Keyboard press(CharSequence... keys) {
        browser.keys(keys);
        return this;
    }

    /** Sends the form that has the focus. */
    Keyboard send() {
        browser.keysWith(Keys.CONTROL, Keys.ENTER);
        return this;
    }

    /** Waits until the focus is on what is called so. */
    Keyboard isOn(String name) {
        browser.until("the focus on " + name + ", not on " + focus(), () -> is(focus(), name) ? true : null);
        return this;
    }

    /** Waits until a dialog has the focus, or none is there and the focus is somewhere else. */
    Keyboard isInDialog(boolean dialog) {
        browser.until(
                dialog ? "a dialog with the focus" : "the dialog to be gone, and the focus to be somewhere", () -> {
                    Map<String, Object> focus = focus();
                    boolean isThere = browser.count("dialog") > 0;
                    boolean isRight = isThere == dialog
                            && focus.get("inDialog").equals(dialog)
                            && focus.get("lost").equals(false);
                    return isRight ? true : null;
                });
        return this;
    }

    private static boolean is(Map<String, Object> focus, String name) {
        return ((String) focus.get("name")).startsWith(name) || ((String) focus.get("text")).startsWith(name);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> focus() {
        return (Map<String, Object>) browser.run(FOCUS);
    }
}
