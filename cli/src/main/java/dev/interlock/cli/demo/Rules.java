package dev.interlock.cli.demo;

import java.util.LinkedHashMap;
import java.util.Map;

/** The fleet's policies: those of the house with cooldowns of seconds, so that nobody has to wait to see one end. */
final class Rules {
    private Rules() {}

    /**
     * Pattern to settings, as files write them.
     *
     * @param speed how much faster than the clock the story goes
     */
    static Map<String, Map<String, Object>> of(int speed) {
        Map<String, Map<String, Object>> policies = new LinkedHashMap<>();
        policies.put("*", policy("recommended", 4_000, 6_000, speed));
        policies.put("model:*", policy("upstream", 4_000, 6_000, speed));
        Map<String, Object> keys = policy("upstream", 4_000, 6_000, speed);
        keys.put("min_callers", 1); // a key that is used up is so for all
        policies.put("key:*", keys);
        Map<String, Object> tools = policy("upstream", 4_000, 6_000, speed);
        tools.put("window_calls", 6);
        tools.put("min_requests_for_rate", 4);
        tools.put("slow_call_duration_ms", 2_500 / speed);
        tools.put("slow_call_rate_threshold", 0.5);
        policies.put("tool:*", tools);
        return policies;
    }

    private static Map<String, Object> policy(String base, int cooldown, int longest, int speed) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("base", base);
        settings.put("cooldown_ms", cooldown / speed);
        settings.put("cooldown_multiplier", 1.5);
        settings.put("cooldown_max_ms", longest / speed);
        settings.put("cooldown_jitter", 0);
        settings.put("cooldowns_ms", Map.of("QUOTA_EXHAUSTED", cooldown / speed, "AUTHENTICATION", cooldown / speed));
        return settings;
    }
}
