package dev.interlock.cli.demo;

import java.util.List;
import java.util.function.Consumer;

/** Who gives leave to make calls and hears how they ended. For the stage's thread. */
interface Gate {
    /**
     * Asks for leave to make one call.
     *
     * @param agent who asks
     * @param dependsOn on which circuits the call depends, beside the agent's own
     * @param then is told, on the stage
     */
    void ask(String agent, List<String> dependsOn, Consumer<Answer> then);

    /**
     * Hears of a call, by the agent's log.
     *
     * @param call the call
     * @param ending how it ended, just now
     * @param guarded whether it was made with leave, and so has been counted; if not, the log is all that tells of it
     */
    void log(Call call, Ending ending, boolean guarded);
}
