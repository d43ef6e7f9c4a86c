package dev.interlock.server.sync;

import dev.interlock.server.security.Caller;
import io.vertx.core.Context;

/**
 * A request whose answer is held back until there is news, or its time is over; it is answered once. On its event loop, but
 * for {@link #run}, which any thread may call.
 */
final class Poll implements Runnable {
    private final Context loop;
    private final Caller caller;
    private final Runnable answer;
    private long timer = -1;
    private boolean over;

    /**
     * A poll.
     *
     * @param loop where it is answered
     * @param caller who waits
     * @param answer answers, with whatever there is then
     */
    Poll(Context loop, Caller caller, Runnable answer) {
        this.loop = loop;
        this.caller = caller;
        this.answer = answer;
    }

    Caller caller() {
        return caller;
    }

    /** Waits this long at most. */
    void waitFor(long millis) {
        timer = loop.owner().setTimer(millis, late -> end(true));
    }

    /** There is news. */
    @Override
    public void run() {
        loop.runOnContext(now -> end(true));
    }

    /** Nobody waits any more. */
    void gone() {
        end(false);
    }

    private void end(boolean answers) {
        if (over) {
            return;
        }
        over = true;
        loop.owner().cancelTimer(timer);
        if (answers) {
            answer.run();
        }
    }
}
