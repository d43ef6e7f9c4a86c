package dev.interlock.issues;

import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureClassifier;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Threads that the first call started inherited the caller's thread locals and class loader and kept them for ever: the
 * context of one request, or all of an application that is closed later.
 */
class FirstCallerTest {
    private static final InheritableThreadLocal<byte[]> CONTEXT = new InheritableThreadLocal<>();

    @Test
    void what_the_first_caller_carried_is_released_while_the_manager_lives() throws InterruptedException {
        AtomicReference<CircuitBreakerManager> circuits = new AtomicReference<>();
        WeakReference<?>[] carried = firstCall(circuits);

        await().until(() -> {
            System.gc();
            return carried[0].get() == null && carried[1].get() == null;
        });
        circuits.get().close();
    }

    private static WeakReference<?>[] firstCall(AtomicReference<CircuitBreakerManager> circuits)
            throws InterruptedException {
        WeakReference<?>[] carried = new WeakReference<?>[2];
        Thread request = new Thread(() -> {
            byte[] context = new byte[10_000_000];
            CONTEXT.set(context);
            ClassLoader loader = new URLClassLoader(new URL[0]);
            Thread.currentThread().setContextClassLoader(loader);
            carried[0] = new WeakReference<>(context);
            carried[1] = new WeakReference<>(loader);
            circuits.set(CircuitBreakerManager.create(CircuitBreakerConfig.defaults()));
            circuits.get().guard("agent").run(() -> {});
        });
        request.start();
        request.join();
        return carried;
    }

    /** What is known of a class of the JDK must not hang on it: that would keep our classes, and their loader, for ever. */
    @Test
    void an_application_that_brought_our_classes_along_can_be_unloaded() throws Exception {
        WeakReference<ClassLoader> application = classifyInAnApplication();

        await().until(() -> {
            System.gc();
            return application.get() == null;
        });
    }

    private static WeakReference<ClassLoader> classifyInAnApplication() throws Exception {
        URL own = FailureClassifier.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {own}, ClassLoader.getPlatformClassLoader())) {
            Class<?> type = loader.loadClass(FailureClassifier.class.getName());
            Object classifier = type.getMethod("standard").invoke(null);
            type.getMethod("ofException", Throwable.class).invoke(classifier, new TimeoutException());
            return new WeakReference<>(loader);
        }
    }
}
