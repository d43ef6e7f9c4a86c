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
 * <p>Read are the options, the client of OpenAI or Anthropic and the {@code RetryTemplate} of a model of Spring AI. What the options
 * of single calls say, and what another release keeps elsewhere, is not seen.
 */
public final class ModelWarnings {
    /** A healthy answer may take this long to write. */
    private static final Duration SHORTEST_LIMIT = Duration.ofMinutes(5);

    /** Spring AI 2.0.1 takes the limit of each call from its options, which no property reaches. */
    private static final String LIMIT_OF_OPENAI = "spring.ai.openai.timeout does not change that: set it with"
            + " ChatClient.Builder.defaultOptions(OpenAiChatOptions.builder().timeout(Duration.ofMinutes(30)))";

    private static final int MOST_RETRIES_COUNTED = 1_000;
    private static final String MODELS = "org.springframework.ai.";

    private ModelWarnings() {}

    /**
     * Looks at a model.
     *
     * @param name how the warnings call it, such as the name of its bean
     * @param model of Spring AI; about others nothing is known
     * @return a sentence for each thing to change, with the property to set; none if nothing has to change
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
        if (read(client(model), "maxRetries") instanceof Integer retries && retries > 0) {
            warnings.add(retries(name, retries, "spring.ai." + provider + ".max-retries=0"));
        }
    }

    private static void limitOfClient(String name, ChatModel model, String provider, List<String> warnings) {
        Object ofCalls = read(model.getOptions(), "getTimeout");
        Object limit = ofCalls != null ? ofCalls : read(read(client(model), "timeout"), "request");
        if (limit instanceof Duration set && set.compareTo(SHORTEST_LIMIT) < 0) {
            warnings.add("The model " + name + " gives a whole call " + set.toSeconds()
                    + " s: a longer stream is cut, though all is well with it, and counts as TIMEOUT. "
                    + (provider.equals("openai") ? LIMIT_OF_OPENAI : "Set spring.ai." + provider + ".timeout=30m")
                    + ", and leave a provider that stalls to the limits of GuardedModelAdvisor");
        }
    }

    /** The settings of the client of a model of OpenAI or Anthropic; null in a release that has others. */
    private static @Nullable Object client(ChatModel model) {
        Object client = field(model, "openAiClient");
        client = client == null ? field(model, "anthropicClient") : client;
        return client == null ? null : field(client, "clientOptions");
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

    private static @Nullable Object read(@Nullable Object from, String method) {
        try {
            return from == null ? null : from.getClass().getMethod(method).invoke(from);
        } catch (ReflectiveOperationException | RuntimeException otherRelease) {
            return null;
        }
    }

    private static @Nullable Object field(Object of, String name) {
        return value(of, ReflectionUtils.findField(of.getClass(), name));
    }

    private static @Nullable RetryTemplate template(ChatModel model) {
        return (RetryTemplate) value(model, ReflectionUtils.findField(model.getClass(), null, RetryTemplate.class));
    }

    private static @Nullable Object value(Object of, @Nullable Field field) {
        if (field == null) {
            return null;
        }
        try {
            field.setAccessible(true);
            return field.get(of);
        } catch (ReflectiveOperationException | RuntimeException notReadable) {
            return null;
        }
    }
}
