package dev.interlock.checks;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes every test red during which a promise that production watches was broken, whatever the test itself looks at.
 * JUnit finds it by itself in each module that has this one; those that {@linkplain BreaksPromises break promises} are let
 * be. The count is that of the process, so a thread that an earlier test left behind shows in a later one.
 */
public final class KeptPromises implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(KeptPromises.class);
    private static final @Nullable Method COUNTS = counts();

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(OURS).put("before", seen());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        String before = String.valueOf(context.getStore(OURS).get("before"));
        String after = seen();
        boolean mayBreak = context.getTestClass().map(KeptPromises::mayBreak).orElse(false);
        if (!mayBreak && !after.equals(before)) {
            throw new AssertionError(
                    "A promise was broken during this test; broken before it: " + before + ", after it: " + after);
        }
    }

    private static boolean mayBreak(Class<?> test) {
        return test.isAnnotationPresent(BreaksPromises.class)
                || test.getEnclosingClass() != null && mayBreak(test.getEnclosingClass());
    }

    private static String seen() {
        try {
            return COUNTS == null ? "" : String.valueOf(COUNTS.invoke(null));
        } catch (IllegalAccessException | InvocationTargetException changed) {
            throw new IllegalStateException("The counts of broken promises cannot be read", changed);
        }
    }

    /** By name, since core is tested with this module; null in the few modules without core. */
    private static @Nullable Method counts() {
        try {
            return Class.forName("dev.interlock.promises.BrokenPromises").getMethod("counts");
        } catch (ClassNotFoundException withoutCore) {
            return null;
        } catch (NoSuchMethodException changed) {
            throw new IllegalStateException("BrokenPromises has no method counts() any more", changed);
        }
    }
}
