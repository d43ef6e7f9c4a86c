package dev.interlock.server.dashboard;

import dev.interlock.checks.Needed;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * The system's Chromium without a screen. To start one takes longer than most tests, so the next test of the same JVM gets
 * it, with a fresh tab and nothing of what was before; the last ones end with the JVM.
 */
final class Chromium {
    private static final List<Path> PROGRAMS = List.of(
            Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"), Path.of("/usr/bin/google-chrome"));
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

    private static final int MOST_IDLE = 2;
    private static final Deque<Chromium> IDLE = new ArrayDeque<>();
    private static final Set<Chromium> ALL = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Chromium::quitAll, "chromium-quit"));
    }

    private final Path profile;
    private final ChromeDriver driver;

    private Chromium(Path profile, ChromeDriver driver) {
        this.profile = profile;
        this.driver = driver;
    }

    /** Without a Chromium the test is skipped and says so; in CI that is a mistake. */
    static void assumeThereIsOne() {
        boolean found = PROGRAMS.stream().anyMatch(Files::isExecutable) && Files.isExecutable(DRIVER);
        if (!found) {
            throw Needed.missing(
                    "no Chromium with its driver here (apt-get install chromium chromium-driver)", "the dashboard");
        }
    }

    /** One that nobody else uses until it is given back. */
    static Chromium take() {
        Chromium idle;
        synchronized (IDLE) {
            idle = IDLE.poll();
        }
        Chromium taken = idle == null ? start() : idle;
        // The window's own focus comes late on a busy machine, and in a new tab the address has it.
        taken.driver.executeCdpCommand("Emulation.setFocusEmulationEnabled", Map.of("enabled", true));
        return taken;
    }

    ChromeDriver driver() {
        return driver;
    }

    /** Makes it as good as new for the next test, or ends it if there are enough. */
    void giveBack() {
        try {
            forget();
        } catch (WebDriverException e) {
            quit();
            throw e;
        }
        synchronized (IDLE) {
            if (IDLE.size() < MOST_IDLE) {
                IDLE.push(this);
                return;
            }
        }
        quit();
    }

    /** What a test has set, emulated or injected is its tabs'; the rest is what sites have stored. */
    private void forget() {
        driver.resetInputState();
        Set<String> used = driver.getWindowHandles();
        String fresh = driver.switchTo().newWindow(WindowType.TAB).getWindowHandle();
        for (String each : used) {
            driver.switchTo().window(each).close();
        }
        driver.switchTo().window(fresh);
        driver.executeCdpCommand("Network.clearBrowserCookies", Map.of());
        driver.executeCdpCommand("Network.clearBrowserCache", Map.of());
        driver.executeCdpCommand("Storage.clearDataForOrigin", Map.of("origin", "*", "storageTypes", "all"));
        driver.manage().logs().get(LogType.BROWSER);
    }

    private static Chromium start() {
        Path profile;
        try {
            profile = Files.createTempDirectory("interlock-browser");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(PROGRAMS.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow()
                .toFile());
        options.setCapability("goog:loggingPrefs", logs);
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--lang=en-GB",
                "--user-data-dir=" + profile);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .build();
        Chromium chromium = new Chromium(profile, new ChromeDriver(service, options));
        ALL.add(chromium);
        return chromium;
    }

    private static void quitAll() {
        for (Chromium each : ALL) {
            try {
                each.quit();
            } catch (WebDriverException e) {
                System.err.println("A Chromium did not end as it was asked to: " + e.getRawMessage());
            }
        }
    }

    private void quit() {
        ALL.remove(this);
        driver.quit();
        try (Stream<Path> files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
