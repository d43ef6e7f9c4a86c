package dev.interlock.spring;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.InvalidSettingsException;
import dev.interlock.Mode;
import dev.interlock.NamePattern;
import dev.interlock.settings.PolicySettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.core.env.Environment;

/**
 * The policies as the properties have them at one moment.
 *
 * @param defaults of circuits that no pattern matches
 * @param patterns pattern to settings
 */
record BoundPolicies(CircuitBreakerConfig defaults, Map<String, CircuitBreakerConfig> patterns) {
    private static final String PREFIX = "interlock.";

    /**
     * Reads them.
     *
     * @throws InvalidSettingsException naming every property that cannot be, with what would be right
     */
    static BoundPolicies read(Environment environment) {
        Binder binder = Binder.get(environment);
        NoUnboundElementsBindHandler strict =
                new NoUnboundElementsBindHandler(BindHandler.DEFAULT, new UnboundElementsSourceFilter());
        Mode mode = binder.bind(PREFIX + "mode", Mode.class).orElse(null);
        PolicyProperties common = binder.bind(PREFIX + "default-policy", Bindable.of(PolicyProperties.class), strict)
                .orElseGet(PolicyProperties::new);
        List<PolicyProperties> listed = binder.bind(
                        PREFIX + "policies", Bindable.listOf(PolicyProperties.class), strict)
                .orElseGet(List::of);
        List<String> problems = new ArrayList<>();
        CircuitBreakerConfig defaults = config(PREFIX + "default-policy", common, mode, problems);
        Map<String, CircuitBreakerConfig> patterns = new LinkedHashMap<>();
        for (int i = 0; i < listed.size(); i++) {
            String place = PREFIX + "policies[" + i + "]";
            CircuitBreakerConfig config = config(place, listed.get(i), mode, problems);
            String pattern = pattern(place, listed.get(i), problems);
            if (pattern != null && patterns.put(pattern, config) != null) {
                problems.add(InvalidSettingsException.problem(
                        place + ".pattern", pattern, "a pattern that no other policy has"));
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        return new BoundPolicies(defaults, patterns);
    }

    private static @Nullable String pattern(String place, PolicyProperties policy, List<String> problems) {
        String pattern = policy.getPattern();
        try {
            if (pattern != null) {
                return new NamePattern(pattern).text();
            }
            problems.add(place + ".pattern: must be set: a name, or a pattern with *");
        } catch (IllegalArgumentException invalid) {
            problems.add(place + ".pattern: " + invalid.getMessage());
        }
        return null;
    }

    private static CircuitBreakerConfig config(
            String place, PolicyProperties policy, @Nullable Mode mode, List<String> problems) {
        try {
            return PolicySettings.read(policy.settings(mode));
        } catch (InvalidSettingsException invalid) {
            invalid.problems().forEach(problem -> problems.add(place + "." + inProperties(problem)));
            return CircuitBreakerConfig.defaults();
        }
    }

    /** Names of settings as properties have them. */
    private static String inProperties(String sentence) {
        return sentence.replaceAll("(?<=[a-z])_(?=[a-z])", "-");
    }
}
