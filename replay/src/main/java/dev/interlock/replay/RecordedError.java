package dev.interlock.replay;

import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kind of a failure that other tools recorded, from what they noted of it: a code, a status, the name of a class, a
 * text. Texts are looked at and kept by nobody.
 */
final class RecordedError {
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

    /** For what is not recognised. */
    private final FailureKind otherwise;

    private @Nullable FailureKind byCode;
    private @Nullable FailureKind byStatus;
    private @Nullable FailureKind byName;
    private @Nullable FailureKind byText;

    RecordedError(FailureKind otherwise) {
        this.otherwise = otherwise;
    }

    /** A code, a status in digits, or the name of a class; null or empty says nothing. */
    RecordedError named(@Nullable String name) {
        if (name == null || name.isBlank()) {
            return this;
        }
        if (name.chars().allMatch(each -> each >= '0' && each <= '9')) {
            return status(name.length() == 3 ? Integer.parseInt(name) : -1);
        }
        byCode = byCode == null ? ofClassifier('"' + name + '"') : byCode;
        byName = byName == null ? ofWords(name.substring(name.lastIndexOf('.') + 1)) : byName;
        return this;
    }

    /** An HTTP status; what is none says nothing. */
    RecordedError status(int status) {
        if (byStatus == null && status >= LEAST_FAILED_STATUS && status <= MOST_STATUS) {
            byStatus = FailureClassifier.ofHttpStatus(status).kind();
        }
        return this;
    }

    /** A message for people; null says nothing. */
    RecordedError text(@Nullable String text) {
        byText = byText == null && text != null ? ofText(text) : byText;
        return this;
    }

    /** By its code, its status, its name, its text, in this order. */
    FailureKind kind() {
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

    /** A status that stands by itself, as in {@code API Error: 529 Overloaded}. */
    private static @Nullable FailureKind statusInText(String text) {
        for (String word :
                text.substring(0, Math.min(text.length(), LONGEST_LOOKED_AT)).split("[^0-9A-Za-z]+")) {
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
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
        for (Map.Entry<FailureKind, List<String>> entry : WORDS.entrySet()) {
            if (entry.getValue().stream().anyMatch(plain::contains)) {
                return entry.getKey();
            }
        }
        return null;
    }

    /** A text as the classifier takes it. */
    private static final class Said extends Exception {
        private static final long serialVersionUID = 1;

        Said(String text) {
            super(text, null, false, false);
        }
    }
}
