package dev.interlock.server.probes;

import dev.interlock.server.outbound.OutboundSecrets;
import dev.interlock.server.outbound.Target;
import dev.interlock.server.text.Secrets;
import dev.interlock.server.text.Texts;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes the HTTP request out of the settings of a probe, and leaves what says when it is made. Values are not repeated in
 * messages where somebody may have written a credential.
 */
public final class HttpProbeReader {
    private static final List<String> METHODS = List.of("GET", "HEAD", "OPTIONS", "POST");
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final int MOST_HEADERS = 32;
    private static final int LONGEST_VALUE = 4_096;
    private static final int LONGEST_BODY = 16 * 1024;
    private static final int MOST_STATUSES = 32;
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m)");

    /** What frames a request, names its host or speaks for this server is not for a policy to say. */
    private static final Set<String> NOT_ALLOWED = Set.of(
            "host",
            "content-length",
            "transfer-encoding",
            "connection",
            "keep-alive",
            "upgrade",
            "te",
            "trailer",
            "expect",
            "forwarded",
            "via");

    private static final Set<String> CREDENTIALS =
            Set.of("authorization", "x-api-key", "api-key", "x-goog-api-key", "x-auth-token", "cookie");

    private final Map<String, @Nullable Object> settings;
    private final List<String> problems;

    private HttpProbeReader(Map<String, @Nullable Object> settings, List<String> problems) {
        this.settings = settings;
        this.problems = problems;
    }

    /**
     * Takes the request out of the settings of a probe.
     *
     * @param settings of {@code probe}; what belongs to the request is removed
     * @param problems gets a sentence for each setting that is wrong
     * @return the request, or null if there is no {@code url}, or something is wrong
     */
    public static @Nullable HttpProbe take(Map<String, @Nullable Object> settings, List<String> problems) {
        return new HttpProbeReader(settings, problems).take();
    }

    private @Nullable HttpProbe take() {
        int before = problems.size();
        boolean any = settings.keySet().stream().anyMatch(HttpProbeReader::isOfRequest);
        String url = text("url");
        String method = method();
        Map<String, String> headers = headers();
        String body = text("body");
        List<Integer> expect = expect();
        Duration timeout = timeout();
        Target target = url == null ? null : target(url);
        if (url == null && any && problems.size() == before) {
            problem(
                    "url",
                    "given, since there is more of a request; an address such as https://api.example.com/v1/models");
        }
        if (body != null && !method.equals("POST")) {
            problem("body", "left out, since the method is " + method + "; or the method must be POST");
        }
        if (body != null && body.length() > LONGEST_BODY) {
            problem("body", "at most " + LONGEST_BODY + " characters");
        }
        if (url == null || target == null || problems.size() > before) {
            return null;
        }
        return new HttpProbe(url, target, method, headers, body, expect, timeout);
    }

    private static boolean isOfRequest(String name) {
        return Set.of("url", "method", "headers", "body", "expect", "timeout", "timeout_ms")
                .contains(name);
    }

    private @Nullable Target target(String url) {
        if (OutboundSecrets.isIn(url) || !Secrets.hidden(url).equals(url)) {
            problem(
                    "url",
                    "without a credential, since addresses are logged on their way; write it into headers, as"
                            + " ${secret:NAME}");
            return null;
        }
        try {
            return Target.of(url);
        } catch (IllegalArgumentException wrong) {
            problem("url", String.valueOf(wrong.getMessage()));
            return null;
        }
    }

    private String method() {
        String method = text("method");
        if (method == null) {
            return METHODS.get(0);
        }
        String upper = method.toUpperCase(Locale.ROOT);
        if (!METHODS.contains(upper)) {
            problem("method", "one of " + String.join(", ", METHODS));
        }
        return upper;
    }

    private Map<String, String> headers() {
        Object given = settings.remove("headers");
        Map<String, String> headers = new LinkedHashMap<>();
        if (given == null) {
            return headers;
        }
        if (!(given instanceof Map<?, ?> map) || map.size() > MOST_HEADERS) {
            problem("headers", "a map of at most " + MOST_HEADERS + " names and values");
            return headers;
        }
        Set<String> lower = new TreeSet<>();
        map.forEach((key, value) -> {
            String name = String.valueOf(key);
            if (isHeader(name, value) && lower.add(name.toLowerCase(Locale.ROOT))) {
                headers.put(name, String.valueOf(value));
            }
        });
        return headers;
    }

    private boolean isHeader(String name, @Nullable Object value) {
        String lower = name.toLowerCase(Locale.ROOT);
        String setting = "headers." + Texts.shown(name);
        if (!HEADER.matcher(name).matches()) {
            problem("headers", "named by 1 to 64 letters, digits and hyphens, but one is '" + Texts.shown(name) + "'");
        } else if (NOT_ALLOWED.contains(lower) || lower.startsWith("proxy-") || lower.startsWith("x-forwarded-")) {
            problem(setting, "left out: the server itself says what frames and routes a request");
        } else if (!(value instanceof String text) || text.length() > LONGEST_VALUE || !isPrintable(text)) {
            problem(setting, "a text of at most " + LONGEST_VALUE + " printable ASCII characters, without line breaks");
        } else if (CREDENTIALS.contains(lower) && !OutboundSecrets.isIn(text)) {
            problem(setting, "filled with a secret, as ${secret:NAME}, since policies are stored and shown");
        } else {
            return true;
        }
        return false;
    }

    private List<Integer> expect() {
        Object given = settings.remove("expect");
        if (given == null) {
            return List.of(200);
        }
        Collection<?> all = given instanceof Collection<?> several ? several : List.of(given);
        Set<Integer> statuses = new TreeSet<>();
        for (Object each : all) {
            if (each instanceof Number number
                    && number.doubleValue() == number.intValue()
                    && number.intValue() >= 200
                    && number.intValue() <= 599) {
                statuses.add(number.intValue());
            } else {
                statuses.clear();
                break;
            }
        }
        if (statuses.isEmpty() || statuses.size() > MOST_STATUSES) {
            problem("expect", "a list of 1 to " + MOST_STATUSES + " statuses, each 200 to 599, such as [200, 204]");
        }
        return List.copyOf(statuses);
    }

    /** At most the interval, after which the probe would be interrupted. */
    private Duration timeout() {
        Object millis = settings.remove("timeout_ms");
        Object text = settings.remove("timeout");
        Duration timeout = millis instanceof Number number ? Duration.ofMillis(number.longValue()) : parse(text);
        if (millis == null && text == null) {
            return HttpProbe.USUAL_TIMEOUT;
        }
        if (timeout == null
                || (millis != null && text != null)
                || timeout.compareTo(SHORTEST) < 0
                || timeout.compareTo(LONGEST) > 0) {
            problem(
                    "timeout",
                    "a duration with its unit, 10ms to 1m, such as 5s; or timeout_ms a number of milliseconds");
            return HttpProbe.USUAL_TIMEOUT;
        }
        return timeout;
    }

    private static @Nullable Duration parse(@Nullable Object text) {
        Matcher matcher = DURATION.matcher(String.valueOf(text).strip().toLowerCase(Locale.ROOT));
        if (text == null || !matcher.matches()) {
            return null;
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            default -> Duration.ofMinutes(amount);
        };
    }

    private @Nullable String text(String name) {
        Object value = settings.remove(name);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        problem(name, "a text");
        return null;
    }

    private static boolean isPrintable(String text) {
        return text.chars().allMatch(each -> each >= ' ' && each < 0x7f);
    }

    /** Without the value, which may be a credential. */
    private void problem(String setting, String allowed) {
        problems.add("probe." + setting + ": must be " + allowed);
    }
}
