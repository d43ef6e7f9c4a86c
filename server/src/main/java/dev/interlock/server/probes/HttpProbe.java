package dev.interlock.server.probes;

import dev.interlock.InvalidSettingsException;
import dev.interlock.server.outbound.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP request that a policy's probe makes, as it was written: references to secrets are not filled in. Immutable.
 *
 * @param url where to, as it was written
 * @param target the same, taken apart
 * @param method GET, HEAD, OPTIONS or POST; default GET
 * @param headers name to value, in order; default none
 * @param body what a POST sends, or null
 * @param expect the statuses of a good answer; default 200
 * @param timeout how long the answer may take; default 5 s, or the probe's interval if that is shorter
 */
public record HttpProbe(
        String url,
        Target target,
        String method,
        Map<String, String> headers,
        @Nullable String body,
        List<Integer> expect,
        Duration timeout) {

    /** The time that an answer may take where a policy does not say. */
    static final Duration USUAL_TIMEOUT = Duration.ofSeconds(5);

    /** Where it goes, so that no credential is printed by accident. */
    @Override
    public String toString() {
        return method + " " + target.host();
    }

    /**
     * Adds the request to the settings of a probe, as the API and the database write them.
     *
     * @param settings of {@code probe}
     */
    public void writeTo(Map<String, @Nullable Object> settings) {
        settings.put("url", url);
        settings.put("method", method);
        settings.put("headers", new LinkedHashMap<>(headers));
        settings.put("body", body);
        settings.put("expect", List.copyOf(expect));
        settings.put("timeout_ms", timeout.toMillis());
    }

    /**
     * The same, but answered within the interval of its probe, after which it would be interrupted.
     *
     * @param interval of the probe
     * @param problems gets a sentence if the policy asks for a longer time
     * @return this, or the usual time made shorter
     */
    public HttpProbe within(Duration interval, List<String> problems) {
        if (timeout.compareTo(interval) <= 0) {
            return this;
        }
        if (!timeout.equals(USUAL_TIMEOUT)) {
            problems.add(InvalidSettingsException.problem(
                    "probe.timeout", timeout, "at most probe.interval = " + InvalidSettingsException.text(interval)));
        }
        return new HttpProbe(url, target, method, headers, body, expect, interval);
    }

    /** All texts in which secrets may be referred to. */
    Collection<String> texts() {
        List<String> texts = new ArrayList<>(headers.values());
        if (body != null) {
            texts.add(body);
        }
        return texts;
    }
}
