package dev.interlock.server.dashboard;

import static org.awaitility.Awaitility.await;

import dev.interlock.server.RunningServer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import org.awaitility.core.ConditionTimeoutException;
import org.openqa.selenium.ElementClickInterceptedException;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/** A Chromium that nobody else uses, with nothing stored, and small verbs of what a person does with it. */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String HURRY = """
        for (const name of ['setTimeout', 'setInterval']) {
          const own = window[name];
          window[name] = (work, millis, ...rest) => own(work, millis / %d, ...rest);
        }
        """;

    /** Whether something is to be seen; the options of a list are if the list is. One script, where Selenium asks often. */
    private static final String SHOWN = """
        const shown = element => {
          const box = element.closest('select') ?? element;
          return box.checkVisibility({ opacityProperty: true, visibilityProperty: true })
            && [box, ...box.querySelectorAll('*')].some(each => {
              const { width, height } = each.getBoundingClientRect();
              return width > 0 && height > 0;
            });
        };
        """;

    private static final String BUTTON = """
        return [...document.querySelectorAll('button, a')].find(each =>
          (each.innerText ?? '').replaceAll('\\u00a0', ' ').trim().startsWith(arguments[0]) && shown(each)) ?? null;
        """;

    private final Chromium chromium;
    private final ChromeDriver driver;
    private URI base;

    private Browser(RunningServer server, Chromium chromium) {
        this.base = server.uri("/");
        this.chromium = chromium;
        this.driver = chromium.driver();
    }

    static Browser open(RunningServer server) {
        return open(server, 1280, 900, false);
    }

    static Browser open(RunningServer server, int width, int height, boolean dark) {
        Browser browser = new Browser(server, Chromium.take());
        browser.emulate(width, height, dark);
        return browser;
    }

    /** Goes on at another address of the same server. */
    Browser at(URI address) {
        base = address;
        return this;
    }

    /** A window of any size, however narrow, and what the person prefers. */
    void emulate(int width, int height, boolean dark) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    /** Opens the dashboard and enters a key. */
    Browser signIn(String key) {
        driver.get(base.toString());
        type("#key", key);
        click(".sign-in button[type=submit]");
        see(".top");
        return this;
    }

    /** Opens another tab, and looks at it from now on. */
    Browser newTab() {
        driver.switchTo().newWindow(WindowType.TAB);
        return this;
    }

    /** Looks at a tab, by the order in which they were opened. */
    Browser tab(int number) {
        driver.switchTo().window(List.copyOf(driver.getWindowHandles()).get(number));
        return this;
    }

    Browser visit(String place) {
        driver.get(base.resolve(place).toString());
        return this;
    }

    /** Waits until there is such an element to be seen. */
    WebElement see(String selector) {
        return until("to see " + selector, () -> {
            Object found = run(
                    SHOWN
                            + "const found = document.querySelector(arguments[0]); return found && shown(found) ?"
                            + " found : null",
                    selector);
            return (WebElement) found;
        });
    }

    /** Lets time pass for what the page measures itself; what it waits for comes with the next thing that it hears. */
    void pass(Duration time) {
        run("const now = performance.now.bind(performance); performance.now = () => now() + " + time.toMillis());
    }

    /** Waits until such an element holds a text. */
    void see(String selector, String text) {
        until("'" + text + "' in " + selector, () -> textOf(selector).contains(text) ? true : null);
    }

    /** What can be read in all such elements at the moment. */
    String textOf(String selector) {
        Object text = run(
                "return [...document.querySelectorAll(arguments[0])].map(each => each.innerText).join('\\n')",
                selector);
        return String.valueOf(text).replace('\u00a0', ' ');
    }

    long count(String selector) {
        return (Long) run("return document.querySelectorAll(arguments[0]).length", selector);
    }

    /** Clicks what is wholly in view then: of a part, the driver clicks the middle, which a dialog's edge may cover. */
    void click(String selector) {
        WebElement element = see(selector);
        run("arguments[0].scrollIntoView({block: 'nearest'})", element);
        element.click();
    }

    /** Clicks the button or link that bears a text. */
    void press(String text) {
        until("a button '" + text + "'", () -> {
            WebElement found = (WebElement) run(SHOWN + BUTTON, text);
            if (found != null) {
                found.click();
            }
            return found;
        });
    }

    void type(String selector, CharSequence... keys) {
        see(selector).sendKeys(keys);
    }

    /** Types to whatever has the focus. */
    Browser keys(CharSequence... keys) {
        new Actions(driver).sendKeys(keys).perform();
        return this;
    }

    /** Types a key while another one is held down. */
    Browser keysWith(Keys held, Keys key) {
        new Actions(driver).keyDown(held).sendKeys(key).keyUp(held).perform();
        return this;
    }

    /** Moves the pointer over something. */
    void pointAt(String selector) {
        new Actions(driver).moveToElement(see(selector)).perform();
    }

    /** Moves the pointer by a pixel and back. */
    void movePointer() {
        new Actions(driver).moveByOffset(1, 0).moveByOffset(-1, 0).perform();
    }

    /** Lets the clocks of pages that come run faster, so that what waits comes sooner. */
    Browser hurry(int times) {
        devTools("Page.addScriptToEvaluateOnNewDocument", Map.of("source", HURRY.formatted(times)));
        return this;
    }

    Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    Object runLater(String script, Object... arguments) {
        return driver.executeAsyncScript(script, arguments);
    }

    Object devTools(String command, Map<String, Object> parameters) {
        return driver.executeCdpCommand(command, parameters);
    }

    /** Waits until nothing fades or moves any more. */
    void settle() {
        until("the page to settle", () -> ((Number) run("return performance.now()")).longValue() > 6_000 ? true : null);
    }

    /** Which Chromium it is. */
    Object session() {
        return driver.getSessionId();
    }

    byte[] screenshot() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    /** Mistakes that the browser wrote to its console since the last call: of scripts, of the policy, of loading. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    /** Waits for something that is null until it is there. */
    <T> T until(String what, Callable<T> look) {
        try {
            return await(what)
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .ignoreExceptionsMatching(failure -> failure instanceof StaleElementReferenceException
                            || failure instanceof ElementClickInterceptedException)
                    .until(look, found -> found != null);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "Waited too long for " + what + "; the page reads:\n" + textOf("body") + "\n" + complaints(), e);
        }
    }

    @Override
    public void close() {
        chromium.giveBack();
    }
}
