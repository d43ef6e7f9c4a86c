package dev.interlock.monitor.spans;

import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.facts.ErrorMark;
import dev.interlock.facts.ErrorMarks;
import dev.interlock.facts.RetryAfter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kind of a failure that other tools recorded, from what they noted of it: a code, a status, the name of a class, a
 * text. A circuit's refusal comes before all of them. Texts are looked at and kept by nobody. For one thread at a time.
 */
public final class RecordedError {
    private static final int LEAST_FAILED_STATUS = 400;
    private static final int MOST_STATUS = 599;
    private static final int LONGEST_LOOKED_AT = 200;

    /** Words in names of classes and codes, in the order in which they are looked for, without case and separators. */
    private static final Map<FailureKind, List<String>> WORDS = new LinkedHashMap<>();

    static {
        WORDS.put(FailureKind.CANCELLED, List.of("cancelled", "canceled", "interrupted", "aborterror"));
        WORDS.put(FailureKind.RATE_LIMITED, List.of("ratelimit", "throttl", "toomanyrequests"));
        WORDS.put(FailureKind.QUOTA_EXHAUSTED, List.of("quota", "billing", "insufficientfunds"));
        WORDS.put(FailureKind.OVERLOADED, List.of("overload", "serviceunavailable", "capacity"));
        WORDS.put(FailureKind.TIMEOUT, List.of("timeout", "timedout", "deadline"));
        WORDS.put(
                FailureKind.AUTHENTICATION,
                List.of("authentication", "unauthorized", "unauthenticated", "invalidapikey"));
        WORDS.put(FailureKind.FORBIDDEN, List.of("permissiondenied", "forbidden", "accessdenied"));
        WORDS.put(FailureKind.CONTEXT_LENGTH, List.of("contextlength", "contextwindow", "prompttoolong"));
        WORDS.put(FailureKind.CONTENT_FILTERED, List.of("contentfilter", "contentpolicy", "refusal"));
        WORDS.put(FailureKind.MODEL_NOT_FOUND, List.of("modelnotfound"));
        WORDS.put(
                FailureKind.INVALID_REQUEST,
                List.of("badrequest", "invalidrequest", "unprocessable", "validation", "notfound"));
        WORDS.put(
                FailureKind.CONNECTION,
                List.of("connect", "socket", "dns", "unknownhost", "econn", "network", "protocolerror"));
        WORDS.put(FailureKind.MALFORMED_OUTPUT, List.of("jsondecode", "outputpars", "modelbehavior"));
        WORDS.put(FailureKind.SERVER_ERROR, List.of("internalserver", "servererror", "apierror", "badgateway"));
    }

    /** Names of classes that say a circuit refused the call, ours and others', without case and separators. */
    private static final List<String> REFUSALS =
            List.of("circuitopen", "circuitbreakeropen", "callnotpermitted", "brokencircuit", "gateclosed");

    /** For what is not recognised. */
    private final FailureKind otherwise;

    private boolean refused;
    private @Nullable Duration wait;
    private @Nullable FailureKind byCode;
    private @Nullable FailureKind byStatus;
    private @Nullable FailureKind byName;
    private @Nullable FailureKind byText;

    /**
     * An error with nothing known yet.
     *
     * @param otherwise its kind if nothing is recognised
     */
    public RecordedError(FailureKind otherwise) {
        this.otherwise = otherwise;
    }

    /**
     * Notes what the error is called.
     *
     * @param name a code, a status in digits, or the name of a class; null or empty says nothing
     * @return this
     */
    public RecordedError named(@Nullable String name) {
        if (name == null || name.isBlank()) {
            return this;
        }
        refused |= ErrorMarks.ofCode(name) == ErrorMark.CIRCUIT_OPEN
                || contains(plain(name.substring(name.lastIndexOf('.') + 1)), REFUSALS);
        if (name.chars().allMatch(each -> each >= '0' && each <= '9')) {
            return status(name.length() == 3 ? Integer.parseInt(name) : -1);
        }
        byCode = byCode == null ? ofClassifier('"' + name + '"') : byCode;
        byName = byName == null ? ofWords(name.substring(name.lastIndexOf('.') + 1)) : byName;
        return this;
    }

    /**
     * Notes an HTTP status.
     *
     * @param status what is no failed one, 400 to 599, says nothing
     * @return this
     */
    public RecordedError status(int status) {
        if (byStatus == null && status >= LEAST_FAILED_STATUS && status <= MOST_STATUS) {
            byStatus = FailureClassifier.ofHttpStatus(status).kind();
        }
        return this;
    }

    /**
     * Notes a message for people.
     *
     * @param text the message; null says nothing
     * @return this
     */
    public RecordedError text(@Nullable String text) {
        if (text != null && !text.isEmpty()) {
            refused |= ErrorMarks.ofText(text) == ErrorMark.CIRCUIT_OPEN;
            byText = byText == null ? ofText(text) : byText;
            wait = wait == null ? RetryAfter.ofText(text) : wait;
        }
        return this;
    }

    /**
     * Notes that a circuit of ours refused the call, whatever else is said of it.
     *
     * @return this
     */
    public RecordedError refused() {
        refused = true;
        return this;
    }

    /** {@return when the failing side asked to be called again, if a text says so; null for no wait} */
    public @Nullable Duration retryAfter() {
        return wait;
    }

    /** {@return the kind, by a refusal, its code, its status, its name, its text, in this order} */
    public FailureKind kind() {
        if (refused) {
            return FailureKind.DOWNSTREAM_OPEN;
        }
        if (byStatus != null && (byCode == FailureKind.SERVER_ERROR || byCode == FailureKind.INVALID_REQUEST)) {
            return byStatus; // these codes say less
        }
        for (FailureKind each : new @Nullable FailureKind[] {byCode, byStatus, byName, byText}) {
            if (each != null) {
                return each;
            }
        }
        return otherwise;
    }

    private static @Nullable FailureKind ofText(String text) {
        FailureKind kind = ofClassifier(text);
        if (kind != null) {
            return kind;
        }
        FailureKind ofStatus = statusInText(text);
        return ofStatus != null ? ofStatus : ofWords(text.substring(0, Math.min(text.length(), LONGEST_LOOKED_AT)));
    }

    private static @Nullable FailureKind ofClassifier(String text) {
        FailureKind kind =
                FailureClassifier.standard().ofException(new Said(text)).kind();
        return kind == FailureKind.ERROR ? null : kind;
    }

    /** A status as a word of its own, as in {@code API Error: 529 Overloaded}. */
    private static @Nullable FailureKind statusInText(String text) {
        for (String word :
                text.substring(0, Math.min(text.length(), LONGEST_LOOKED_AT)).split("[^0-9A-Za-z]+", -1)) {
            if (word.length() == 3 && word.chars().allMatch(each -> each >= '0' && each <= '9')) {
                int status = Integer.parseInt(word);
                if (status >= LEAST_FAILED_STATUS && status <= MOST_STATUS) {
                    return FailureClassifier.ofHttpStatus(status).kind();
                }
            }
        }
        return null;
    }

    private static @Nullable FailureKind ofWords(String name) {
        String plain = plain(name);
        for (Map.Entry<FailureKind, List<String>> entry : WORDS.entrySet()) {
            if (contains(plain, entry.getValue())) {
                return entry.getKey();
            }
        }
        return null;
    }

    private static boolean contains(String text, List<String> words) {
        for (String word : words) {
            if (text.contains(word)) {
                return true;
            }
        }
        return false;
    }

    /** In lower case, letters and digits alone. */
    private static String plain(String name) {
        StringBuilder plain = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char each = name.charAt(i);
            if (each >= 'A' && each <= 'Z') {
                plain.append((char) (each + 'a' - 'A'));
            } else if (each >= 'a' && each <= 'z' || each >= '0' && each <= '9') {
                plain.append(each);
            }
        }
        return plain.toString();
    }

    /** A text as the classifier takes it. */
    private static final class Said extends Exception {
        private static final long serialVersionUID = 1;

        Said(String text) {
            super(text, null, false, false);
        }
    }
}
