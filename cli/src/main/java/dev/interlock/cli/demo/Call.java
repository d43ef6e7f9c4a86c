package dev.interlock.cli.demo;

/**
 * One call that an agent makes. Immutable.
 *
 * @param agent who
 * @param run in the how-manieth run of its work
 * @param target which model or tool
 * @param key with which key; empty for a tool
 * @param number the how-manieth call of the agent
 * @param at when it begins, in milliseconds of the story
 */
record Call(String agent, long run, String target, String key, long number, long at) {

    boolean isOfModel() {
        return !key.isEmpty();
    }
}
