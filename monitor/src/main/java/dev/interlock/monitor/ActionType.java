package dev.interlock.monitor;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an agent did. */
public enum ActionType {
    /** It asked a model. */
    LLM_INFERENCE,
    /** It called a tool. */
    TOOL_CALL,
    /** It decided something. */
    DECISION,
    /** Something went wrong that was no single call. */
    ERROR,
    /** Anything else. */
    CUSTOM;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /**
     * The name on the wire and in the database.
     *
     * @return such as {@code llm_inference}
     */
    public String wireName() {
        return wireName;
    }

    /**
     * Whether entries of this type say how a call ended, as inferences and tool calls do.
     *
     * @return true if they are outcomes
     */
    public boolean isCall() {
        return this == LLM_INFERENCE || this == TOOL_CALL;
    }

    /**
     * The type of a name on the wire.
     *
     * @param name such as {@code tool_call}
     * @return the type, or null if there is none of that name
     */
    public static @Nullable ActionType ofWireName(String name) {
        for (ActionType type : values()) {
            if (type.wireName.equals(name)) {
                return type;
            }
        }
        return null;
    }
}
