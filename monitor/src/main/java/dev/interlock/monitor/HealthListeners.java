package dev.interlock.monitor;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** The listeners, each with a bounded queue that is served on an executor, one event at a time. */
final class HealthListeners {
    private static final int CAPACITY = 10_000;

    private static final class Box implements Runnable {
        private final HealthListener listener;
        private final Executor executor;
        private final Queue<Consumer<HealthListener>> events = new ArrayDeque<>();
        private boolean running;
        private long missed;

        Box(HealthListener listener, Executor executor) {
            this.listener = listener;
            this.executor = executor;
        }

        void offer(Consumer<HealthListener> event) {
            synchronized (this) {
                if (events.size() >= CAPACITY) {
                    missed++;
                    return;
                }
                events.add(event);
                if (running) {
                    return;
                }
                running = true;
            }
            try {
                executor.execute(this);
            } catch (RejectedExecutionException closed) {
                synchronized (this) {
                    running = false;
                    missed += events.size();
                    events.clear();
                }
            }
        }

        @Override
        public void run() {
            while (true) {
                Consumer<HealthListener> event;
                long dropped;
                synchronized (this) {
                    event = events.poll();
                    if (event == null) {
                        running = false;
                        return;
                    }
                    dropped = missed;
                    missed = 0;
                }
                if (dropped > 0) {
                    deliver(each -> each.onMissed(dropped));
                }
                deliver(event);
            }
        }

        private void deliver(Consumer<HealthListener> event) {
            try {
                event.accept(listener);
            } catch (Throwable thrown) {
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
            }
        }
    }

    private final List<Box> boxes = new CopyOnWriteArrayList<>();
    private final Executor executor;

    HealthListeners(Executor executor) {
        this.executor = executor;
    }

    void add(HealthListener listener) {
        boxes.add(new Box(listener, executor));
    }

    void remove(HealthListener listener) {
        boxes.removeIf(box -> box.listener == listener);
    }

    void deliver(Consumer<HealthListener> event) {
        boxes.forEach(box -> box.offer(event));
    }
}
