package dev.interlock.springai;

import dev.interlock.StreamPermit;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.model.tool.internal.ToolCallReactiveContextHolder;

/**
 * The stream within which a tool is called: the tools of a stream run on threads that know nothing of it, for which Spring AI
 * keeps Reactor's context.
 */
final class EnclosingStream {
    private static final boolean IS_KNOWN = isKnown();

    private EnclosingStream() {}

    static @Nullable StreamPermit current() {
        return IS_KNOWN ? Context.current() : null;
    }

    private static boolean isKnown() {
        try {
            Context.current();
            return true;
        } catch (LinkageError otherRelease) { // the class is internal to Spring AI
            return false;
        }
    }

    /** Apart, so that the class above can be loaded without it. */
    private static final class Context {
        static @Nullable StreamPermit current() {
            return GuardedStream.enclosing(ToolCallReactiveContextHolder.getContext());
        }
    }
}
