package dev.interlock.cli.demo;

import java.util.List;
import java.util.function.Consumer;

/** Who permits calls and hears how they ended. For the stage's thread. */
interface Gate {
    /**
     * Asks for permission to make one call.
     *
     * @param agent who asks
     * @param dependsOn on which circuits the call depends, in addition to the agent's own
     * @param then receives the answer, on the stage
     */
    void ask(String agent, List<String> dependsOn, Consumer<Answer> then);

    /**
     * Hears of a call, by the agent's log.
     *
     * @param call the call
     * @param ending how it ended, just now
     * @param guarded whether it was made with a permit, and so has been counted; if not, only the log shows it
     */
    void log(Call call, Ending ending, boolean guarded);
}
