package dev.interlock.threads;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/**
 * Makes named daemon threads that keep nothing of the caller who happened to be the first to need one: no inheritable
 * thread locals, no class loader, no thread group (so an interrupt of the caller's group does not reach them), no
 * priority, and on Java 17 no protection domains of the classes on the caller's stack.
 */
public final class OwnThreads {
    private static final ThreadGroup TOP = top();

    private OwnThreads() {}

    /**
     * How all threads that were made here do, and those of {@linkplain Worker workers}.
     *
     * @return one entry a name, in their order
     */
    public static List<ThreadFigures> figures() {
        return Census.all();
    }

    /**
     * A factory for executors.
     *
     * @param name of each of its threads
     * @return a factory, to be used by any thread
     */
    public static ThreadFactory factory(String name) {
        return task -> make(name, task);
    }

    /**
     * A thread that has not been started.
     *
     * @param name what it is called
     * @param task what it runs
     * @return a new daemon thread
     */
    @SuppressWarnings("removal") // does nothing from Java 24 on; on 17 a thread keeps the domains of all its makers
    public static Thread make(String name, Runnable task) {
        try {
            return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> bare(name, task));
        } catch (LinkageError removed) { // in a Java to come
            return bare(name, task);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // the usual one, whatever that of its maker
    private static Thread bare(String name, Runnable task) {
        Thread thread = new Thread(TOP, Census.of(name).around(task), name, 0, false);
        thread.setDaemon(true);
        thread.setPriority(Thread.NORM_PRIORITY);
        thread.setContextClassLoader(OwnThreads.class.getClassLoader());
        return thread;
    }

    private static ThreadGroup top() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        for (ThreadGroup parent = group.getParent(); parent != null; parent = group.getParent()) {
            group = parent;
        }
        return group;
    }
}
