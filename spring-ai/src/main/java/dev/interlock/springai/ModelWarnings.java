package dev.interlock.springai;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.backoff.BackOffExecution;

/**
 * What is set at a model that a guard around it cannot see: retries of its own, and a time limit for whole calls that cuts
 * long streams. With Spring Boot each model is looked at when it is created, and what is found is logged.
 *
 * <p>Read are the options and the {@code RetryTemplate} of Spring AI's models; a client that was made elsewhere keeps what it
 * does to itself.
 */
public final class ModelWarnings {
    /** A healthy answer may take so long to write. */
    private static final Duration SHORTEST_LIMIT = Duration.ofMinutes(5);

    /** Of the clients of OpenAI and Anthropic, where nothing is set. */
    private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(60);

    private static final int DEFAULT_RETRIES_OF_ANTHROPIC = 2;
    private static final int MOST_RETRIES_COUNTED = 1_000;
    private static final String MODELS = "org.springframework.ai.";

    private ModelWarnings() {}

    /**
     * Looks at a model.
     *
     * @param name how the warnings call it, such as the name of its bean
     * @param model of Spring AI; about others nothing is known
     * @return a sentence for each thing to change, with the property to set; none if all is well
     */
    public static List<String> of(String name, ChatModel model) {
        List<String> warnings = new ArrayList<>();
        String type = model.getClass().getName();
        if (!type.startsWith(MODELS)) {
            return warnings;
        }
        String provider = type.substring(MODELS.length(), type.indexOf('.', MODELS.length()));
        if (provider.equals("openai") || provider.equals("anthropic")) {
            retriesOfClient(name, model, provider, warnings);
            limitOfClient(name, model, provider, warnings);
        }
        retriesOfTemplate(name, model, warnings);
        return List.copyOf(warnings);
    }

    private static void retriesOfClient(String name, ChatModel model, String provider, List<String> warnings) {
        Object set = option(model, "getMaxRetries");
        int retries = set instanceof Integer number ? number : DEFAULT_RETRIES_OF_ANTHROPIC;
        if (retries > 0) {
            warnings.add(retries(name, retries, "spring.ai." + provider + ".max-retries=0"));
        }
    }

    private static void limitOfClient(String name, ChatModel model, String provider, List<String> warnings) {
        Duration limit = option(model, "getTimeout") instanceof Duration set ? set : DEFAULT_LIMIT;
        if (limit.compareTo(SHORTEST_LIMIT) < 0) {
            warnings.add("The model " + name + " gives a whole call " + limit.toSeconds()
                    + " s: a longer stream is cut, though all is well with it, and counts as TIMEOUT. Set spring.ai."
                    + provider + ".timeout=30m, and leave a provider that stalls to the limits of GuardedModelAdvisor");
        }
    }

    private static void retriesOfTemplate(String name, ChatModel model, List<String> warnings) {
        RetryTemplate template = template(model);
        if (template == null) {
            return;
        }
        BackOffExecution execution = template.getRetryPolicy().getBackOff().start();
        int retries = 0;
        while (retries < MOST_RETRIES_COUNTED && execution.nextBackOff() != BackOffExecution.STOP) {
            retries++;
        }
        if (retries > 0) {
            warnings.add(retries(name, retries, "spring.ai.retry.max-attempts=0"));
        }
    }

    private static String retries(String name, int retries, String property) {
        return "The model " + name + " repeats a failing call up to " + retries
                + " times by itself: a guard sees one call for " + (retries + 1) + ". Set " + property
                + ", and let GuardedModelAdvisor.withRetry repeat it";
    }

    private static @Nullable Object option(ChatModel model, String getter) {
        Object options = model.getOptions();
        try {
            return options == null ? null : options.getClass().getMethod(getter).invoke(options);
        } catch (ReflectiveOperationException | RuntimeException otherRelease) {
            return null;
        }
    }

    private static @Nullable RetryTemplate template(ChatModel model) {
        try {
            Field field = ReflectionUtils.findField(model.getClass(), null, RetryTemplate.class);
            if (field == null) {
                return null;
            }
            field.setAccessible(true);
            return (RetryTemplate) field.get(model);
        } catch (ReflectiveOperationException | RuntimeException notReadable) {
            return null;
        }
    }
}
