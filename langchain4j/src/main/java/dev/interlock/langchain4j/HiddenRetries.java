package dev.interlock.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import java.lang.reflect.Field;

/** Says when a model that is to be guarded repeats failing calls by itself, which its guard cannot see. */
final class HiddenRetries {
    private static final String MODELS = "dev.langchain4j.";
    private static final String SETTING = "maxRetries";

    private HiddenRetries() {}

    /** Logs what to set, if there is something; what another release keeps elsewhere is not seen. */
    static void warn(ChatModel model) {
        int retries = of(model);
        if (retries > 0) {
            System.getLogger(GuardedChatModel.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "The model " + model.getClass().getSimpleName() + " repeats a failing call up to " + retries
                                    + " times by itself: its guard sees one call for " + (retries + 1)
                                    + ". Build it with maxRetries(0), and let GuardedChatModel.withRetry repeat it");
        }
    }

    private static int of(ChatModel model) {
        for (Class<?> type = model.getClass(); type.getName().startsWith(MODELS); type = type.getSuperclass()) {
            try {
                Field field = type.getDeclaredField(SETTING);
                field.setAccessible(true);
                return field.get(model) instanceof Integer retries ? retries : 0;
            } catch (NoSuchFieldException inherited) {
                // by the class above, perhaps
            } catch (IllegalAccessException | RuntimeException notReadable) {
                return 0;
            }
        }
        return 0;
    }
}
