package dev.interlock.monitor;

import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Takes secrets and personal data out of log entries, and cuts long values: keys, tokens, passwords, private keys, mail
 * addresses, phone, card and social security numbers, and home folders.
 *
 * <p>It knows them by shape, or by the name next to them; it cannot know what neither shows. The time it takes is
 * linear in the length of a text, and to redact twice changes nothing. Immutable and safe for use by any thread.
 */
public final class Redactor {
    private static final String RULE_FAILED = "[redacted: a rule failed]";
    private static final Redactor STANDARD = new Redactor(text -> text);

    private final UnaryOperator<String> more;

    private Redactor(UnaryOperator<String> more) {
        this.more = more;
    }

    /**
     * The redactor that loggers use by default.
     *
     * @return the shared redactor
     */
    public static Redactor standard() {
        return STANDARD;
    }

    /**
     * This redactor with one more rule: each text goes through it after all others.
     *
     * @param rule answers the text without what must not leave; if it throws, the whole text goes
     * @return another redactor
     */
    public Redactor and(UnaryOperator<String> rule) {
        return new Redactor(text -> rule.apply(more.apply(text)));
    }

    /**
     * A text without secrets and personal data, not cut.
     *
     * @param text any text
     * @return the text itself if there is nothing to take out
     */
    public String redact(String text) {
        String clean = TextRedactor.redact(text);
        try {
            return Objects.requireNonNull(more.apply(clean), "A rule must answer a text");
        } catch (RuntimeException broken) {
            return RULE_FAILED;
        }
    }

    /**
     * An entry without secrets and personal data in any field, with long values cut.
     *
     * @param entry any entry
     * @return a clean one
     */
    public LogEntry redact(LogEntry entry) {
        Map<String, @Nullable Object> metadata = entry.metadata();
        String agentId = clean(Clip.NAME, entry.agentId());
        return LogEntry.builder(agentId.isBlank() ? RULE_FAILED : agentId, entry.actionType(), entry.timestamp())
                .entryId(cleanOrNull(Clip.NAME, entry.entryId()))
                .executionId(cleanOrNull(Clip.NAME, entry.executionId()))
                .actionName(cleanOrNull(Clip.NAME, entry.actionName()))
                .inputSummary(cleanOrNull(Clip.TEXT, entry.inputSummary()))
                .outputSummary(cleanOrNull(Clip.TEXT, entry.outputSummary()))
                .status(entry.status())
                .errorMessage(cleanOrNull(Clip.TEXT, entry.errorMessage()))
                .errorKind(entry.errorKind())
                .retryAfterMs(entry.retryAfterMs())
                .latencyMs(entry.latencyMs())
                .tokenCount(entry.tokenCount())
                .costUsd(entry.costUsd())
                .metadata(metadata.isEmpty() ? metadata : Values.redacted(metadata, this::value, this::key))
                .dependsOn(entry.dependsOn().stream().map(this::key).toList())
                .caller(cleanOrNull(Clip.NAME, entry.caller()))
                .guarded(entry.guarded())
                .permit(entry.permit())
                .build();
    }

    /** A text in metadata; what reads like a stack trace may be longer. */
    private String value(String text) {
        return clean(text.contains("\n\tat ") ? Clip.STACK_TRACE : Clip.TEXT, text);
    }

    private String key(String text) {
        return clean(Clip.NAME, text);
    }

    private @Nullable String cleanOrNull(int limit, @Nullable String text) {
        return text == null ? null : clean(limit, text);
    }

    /** Shortened first, which bounds the work, then redacted, then cut. */
    private String clean(int limit, String text) {
        String kept = Clip.captured(text);
        return Clip.to(limit, redact(kept == null ? "" : kept));
    }
}
