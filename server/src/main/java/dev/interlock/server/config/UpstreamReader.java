package dev.interlock.server.config;

import dev.interlock.InvalidSettingsException;
import dev.interlock.NamePattern;
import dev.interlock.proxy.Api;
import dev.interlock.proxy.ProxyLimits;
import dev.interlock.proxy.Upstream;
import dev.interlock.server.outbound.OutboundSecrets;
import dev.interlock.server.outbound.Target;
import dev.interlock.server.text.Texts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one upstream of the proxy, and collects every mistake. */
final class UpstreamReader {
    private static final Set<String> SETTINGS = Set.of(
            "name",
            "api",
            "url",
            "key",
            "key-header",
            "key-circuit",
            "organizations",
            "agents",
            "models",
            "paths",
            "circuit-suffix",
            "interlock",
            "first-byte",
            "idle",
            "total",
            "fallbacks",
            "alternatives");
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?");
    private static final Pattern HEADER = Pattern.compile("[a-z0-9-]{1,64}");
    private static final Pattern PREFIX = Pattern.compile("/[A-Za-z0-9._~/-]{0,200}");
    private static final Pattern SUFFIX = Pattern.compile("[A-Za-z0-9@._-]{0,32}");

    private final Map<String, Object> settings;
    private final List<String> wrong = new ArrayList<>();

    private UpstreamReader(Map<String, Object> settings) {
        this.settings = settings;
    }

    /** Reads one; throws an {@link InvalidSettingsException} with all that is wrong. */
    static Upstream read(Map<String, Object> settings) {
        return new UpstreamReader(settings).read();
    }

    private Upstream read() {
        for (String each : new TreeSet<>(settings.keySet())) {
            if (!SETTINGS.contains(each)) {
                wrong.add(Texts.shown(each) + ": no setting of an upstream; those are "
                        + String.join(", ", new TreeSet<>(SETTINGS)));
            }
        }
        String name = matching("name", NAME, "", "1 to 64 lower-case letters, digits and hyphens");
        Api api = api();
        Target target = target();
        String key = key(target);
        String keyCircuit = keyCircuit(name, key);
        String keyHeader = matching(
                "key-header",
                HEADER,
                api == Api.ANTHROPIC ? "x-api-key" : "authorization",
                "the name of a header in lower case");
        List<String> paths = paths(api);
        Upstream upstream = target == null
                ? null
                : new Upstream(
                        name,
                        api,
                        address(target),
                        key,
                        keyHeader,
                        keyCircuit,
                        new HashSet<>(list("organizations")),
                        patterns("agents", list("agents")),
                        patterns("models", list("models")),
                        paths,
                        matching("circuit-suffix", SUFFIX, "", "letters, digits and @ . _ - , at most 32"),
                        flag("interlock"),
                        limits(),
                        fallbacks(),
                        list("alternatives"));
        if (upstream == null || !wrong.isEmpty()) {
            throw new InvalidSettingsException(wrong);
        }
        return upstream;
    }

    private Api api() {
        String text = text("api", "");
        for (Api each : Api.values()) {
            if (each.name().equalsIgnoreCase(text)) {
                return each;
            }
        }
        wrong.add("api: must be openai, anthropic, mcp or other");
        return Api.OTHER;
    }

    private @Nullable Target target() {
        try {
            Target target = Target.of(text("url", ""));
            if (target.path().indexOf('?') >= 0) {
                wrong.add("url: must have no query");
            }
            return target;
        } catch (IllegalArgumentException e) {
            wrong.add("url: must be " + e.getMessage());
            return null;
        }
    }

    private static Upstream.Address address(Target target) {
        String path = target.path();
        boolean isIpv6 = target.host().indexOf(':') >= 0;
        return new Upstream.Address(
                target.tls(),
                isIpv6 ? "[" + target.host() + "]" : target.host(),
                target.port(),
                path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
    }

    private @Nullable String key(@Nullable Target target) {
        String key = text("key", "");
        if (key.isEmpty()) {
            return null;
        }
        if (!key.matches("\\$\\{secret:[A-Za-z0-9_-]{1,64}}") || !OutboundSecrets.isIn(key)) {
            wrong.add("key: must be ${secret:NAME} with a name of outbound-secrets, and not the key itself");
        } else if (target != null && !target.tls() && !target.isThisMachine()) {
            wrong.add("key: goes over https only (over http to this machine alone)");
        }
        return key;
    }

    private @Nullable String keyCircuit(String name, @Nullable String key) {
        String circuit = text("key-circuit", key == null ? "" : "key:" + name);
        if (circuit.isEmpty()) {
            return null;
        }
        if (!circuit.startsWith("key:") || circuit.length() > 128) {
            wrong.add("key-circuit: must begin with key: and have at most 128 characters");
        }
        return circuit;
    }

    private List<String> paths(Api api) {
        List<String> paths = list("paths");
        if (paths.isEmpty()) {
            if (api == Api.OTHER) {
                wrong.add("paths: must name what a path may begin with, such as [/v2/search]");
            }
            return List.of(api == Api.MCP ? "/mcp" : "/v1");
        }
        for (String each : paths) {
            if (!PREFIX.matcher(each).matches() || each.contains("//") || each.contains("/.")) {
                wrong.add("paths = " + Texts.shown(each) + ": must begin with a slash, such as /v1");
            }
        }
        return paths;
    }

    private ProxyLimits limits() {
        ProxyLimits defaults = ProxyLimits.defaults();
        return new ProxyLimits(
                duration("first-byte", defaults.firstByte()),
                duration("idle", defaults.idle()),
                duration("total", defaults.total()));
    }

    private Duration duration(String name, Duration otherwise) {
        String text = text(name, "");
        try {
            return text.isEmpty()
                    ? otherwise
                    : Parsers.duration(Duration.ofMillis(100), Duration.ofHours(6))
                            .apply(text);
        } catch (IllegalArgumentException e) {
            wrong.add(name + ": must be " + e.getMessage());
            return otherwise;
        }
    }

    private List<Upstream.Fallback> fallbacks() {
        List<Upstream.Fallback> all = new ArrayList<>();
        Object value = settings.get("fallbacks");
        if (value == null) {
            return all;
        }
        for (Object each : value instanceof Collection<?> several ? several : List.of(value)) {
            if (each instanceof Map<?, ?> map
                    && map.get("to") != null
                    && map.get("models") instanceof Collection<?> models
                    && !models.isEmpty()) {
                all.add(new Upstream.Fallback(
                        patterns(
                                "fallbacks: models",
                                models.stream().map(String::valueOf).toList()),
                        String.valueOf(map.get("to"))));
            } else {
                wrong.add("fallbacks: must be a list of maps such as {models: [gpt-5], to: azure}");
            }
        }
        return all;
    }

    private List<NamePattern> patterns(String what, List<String> texts) {
        List<NamePattern> patterns = new ArrayList<>();
        for (String each : texts) {
            try {
                patterns.add(new NamePattern(each));
            } catch (IllegalArgumentException e) {
                wrong.add(what + ": " + e.getMessage());
            }
        }
        return patterns;
    }

    private boolean flag(String name) {
        String text = text(name, "false").toLowerCase(Locale.ROOT);
        if (!text.equals("true") && !text.equals("false")) {
            wrong.add(name + ": must be true or false");
        }
        return text.equals("true");
    }

    private String matching(String name, Pattern pattern, String otherwise, String right) {
        String text = text(name, otherwise);
        if (!pattern.matcher(text).matches()) {
            wrong.add(name + ": must be " + right);
        }
        return text;
    }

    private String text(String name, String otherwise) {
        Object value = settings.get(name);
        return value == null || value.toString().isBlank()
                ? otherwise
                : value.toString().strip();
    }

    private List<String> list(String name) {
        Object value = settings.get(name);
        if (value == null) {
            return List.of();
        }
        List<String> parts = value instanceof Collection<?> several
                ? several.stream().map(String::valueOf).toList()
                : List.of(value.toString().split(",", -1));
        return parts.stream()
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .distinct()
                .toList();
    }
}
