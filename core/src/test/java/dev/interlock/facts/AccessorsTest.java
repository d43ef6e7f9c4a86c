package dev.interlock.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.openai.errors.StandIns;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Accessors are found by their names, on classes that were never seen before; and what is remembered of a class keeps
 * neither its loader nor ours, whichever of the two is the application's own.
 */
class AccessorsTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    @Test
    void getters_and_lookups_by_a_text_are_found() throws Exception {
        Object mixed = unseen("Mixed");

        assertThat(Accessors.get(mixed, "number")).isEqualTo(7);
        assertThat(Accessors.get(mixed, "header", "a")).isEqualTo("header a");
        assertThat(Accessors.follow(mixed, "number.toString")).isEqualTo("7");
    }

    @Test
    void nothing_else_is_called() throws Exception {
        Object mixed = unseen("Mixed");

        assertThat(Accessors.get(mixed, "nothing")).isNull();
        assertThat(Accessors.get(mixed, "ofClass")).isNull();
        assertThat(Accessors.get(mixed, "header")).isNull();
        assertThat(Accessors.get(mixed, "all")).isNull();
        assertThat(Accessors.get(mixed, "number", "a")).isNull();
        assertThat(Accessors.get(mixed, "all", "a")).isNull();
        assertThat(Accessors.get(mixed, "broken", "a")).isNull();
        assertThat(mixed.getClass().getField("asked").getInt(mixed)).isZero();
    }

    @Test
    void a_hidden_class_is_asked_by_what_it_extends_or_implements() throws Exception {
        assertThat(Accessors.get(madeBy("hidden"), "statusCode")).isEqualTo(503);
        assertThat(Accessors.get(madeBy("behindAnInterface"), "statusCode")).isEqualTo(418);
    }

    @Test
    void a_path_ends_where_a_step_is_missing() throws Exception {
        assertThat(Accessors.follow(unseen("WithResponse"), "getResponse.getStatusCode"))
                .isEqualTo(429);
        assertThat(Accessors.follow(unseen("WithResponse"), "getResponse.none.getStatusCode"))
                .isNull();
        assertThat(Accessors.follow(unseen("WithResponse"), "none")).isNull();
    }

    @Test
    void an_application_that_brought_us_along_can_be_unloaded_although_the_library_stays() throws Exception {
        Throwable failure = new StandIns.Service(429, null, "", Map.of("retry-after", List.of("7")));

        awaitUnloaded(readByClassesOfAnApplication(failure));
    }

    @Test
    void an_application_that_brought_a_library_along_can_be_unloaded_although_we_stay() throws Exception {
        awaitUnloaded(readOfALibraryOfAnApplication());
    }

    private static WeakReference<ClassLoader> readByClassesOfAnApplication(Throwable failure) throws Exception {
        URL ours = Facts.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {ours}, ClassLoader.getPlatformClassLoader())) {
            Object facts = loader.loadClass(Facts.class.getName())
                    .getMethod("of", Object.class, Instant.class)
                    .invoke(null, failure, NOW);
            if (!facts.toString().contains("status=429")) {
                throw new AssertionError("Read " + facts + ".");
            }
            return new WeakReference<>(loader);
        }
    }

    private static WeakReference<ClassLoader> readOfALibraryOfAnApplication() throws Exception {
        URL library = StandIns.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {library}, ClassLoader.getPlatformClassLoader())) {
            Object failure = loader.loadClass(StandIns.WithResponse.class.getName())
                    .getConstructor()
                    .newInstance();
            if (Facts.of(failure, NOW).status() != 429) {
                throw new AssertionError("Read " + Facts.of(failure, NOW) + ".");
            }
            return new WeakReference<>(loader);
        }
    }

    /** Of a class that was loaded just now. */
    private static Object unseen(String type) throws Exception {
        return new Library()
                .loadClass(StandIns.class.getName() + "$" + type)
                .getConstructor()
                .newInstance();
    }

    private static Object madeBy(String method) throws Exception {
        return new Library()
                .loadClass(StandIns.class.getName())
                .getMethod(method)
                .invoke(null);
    }

    /** Loads the stand-ins once more. */
    private static final class Library extends URLClassLoader {
        Library() {
            super(
                    new URL[] {
                        StandIns.class.getProtectionDomain().getCodeSource().getLocation()
                    },
                    ClassLoader.getPlatformClassLoader());
        }
    }

    private static void awaitUnloaded(WeakReference<ClassLoader> application) {
        await().until(() -> {
            System.gc();
            return application.get() == null;
        });
    }
}
