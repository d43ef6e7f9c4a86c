package dev.interlock.replay;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** All circuits of one policy, which lets calls through or refuses them, on a clock of its own. */
interface Circuits extends AutoCloseable {

    /** A call that was let through and has not ended. */
    interface Pass {
        /** It ends as the log says, now. */
        void settle(Call call);
    }

    /** It is now so late, in nanoseconds since 1970; never earlier than it was. */
    void advance(long now);

    /** Asks the call's circuits and counts it in their tallies; null if one refuses. */
    @Nullable
    Pass ask(Call call);

    /** Those that have been asked. */
    Collection<? extends Circuit> all();

    /** How many probes have been made. */
    default long probes() {
        return 0;
    }

    @Override
    void close();
}
