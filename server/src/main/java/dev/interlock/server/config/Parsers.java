package dev.interlock.server.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interlock.InvalidSettingsException;
import dev.interlock.proxy.Upstream;
import dev.interlock.redis.RedisSettings;
import dev.interlock.server.outbound.OutboundHosts;
import dev.interlock.server.outbound.SecretSource;
import dev.interlock.server.security.JwtIssuer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Makes values of texts; each mistake says what would be right. */
final class Parsers {
    private static final Pattern AMOUNT_AND_UNIT = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");

    private Parsers() {}

    static Function<String, Integer> whole(int least, int most) {
        return text -> {
            try {
                int value = Integer.parseInt(text);
                if (value >= least && value <= most) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // reported below
            }
            throw new IllegalArgumentException("a whole number, " + least + " to " + most);
        };
    }

    static <E extends Enum<E>> Function<String, E> choice(Class<E> type) {
        return text -> {
            for (E each : type.getEnumConstants()) {
                if (each.name().equalsIgnoreCase(text)) {
                    return each;
                }
            }
            throw new IllegalArgumentException(Arrays.stream(type.getEnumConstants())
                    .map(each -> each.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", ", "one of ", "")));
        };
    }

    static Boolean yesOrNo(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("true or false");
        };
    }

    static Path path(String text) {
        try {
            if (!text.isBlank()) {
                return Path.of(text);
            }
        } catch (InvalidPathException e) {
            // reported below
        }
        throw new IllegalArgumentException("the name of a file or folder");
    }

    static String text(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("not empty");
        }
        return text;
    }

    /** Whose tokens count. */
    static List<JwtIssuer> jwtIssuers(String text) {
        return listOfMaps(text, "issuer", "[{issuer: …, jwks-url: …, audience: …}]", JwtIssuer::from);
    }

    /** What requests of the server may bear, each secret by a name of its own. */
    static List<SecretSource> outboundSecrets(String text) {
        List<SecretSource> secrets =
                listOfMaps(text, "secret", "[{name: …, env: …, organizations: […], hosts: […]}]", SecretSource::from);
        if (secrets.stream().map(SecretSource::name).distinct().count() < secrets.size()) {
            throw new IllegalArgumentException("a list of secrets, each with a name of its own");
        }
        return secrets;
    }

    /** What is behind the proxy; fallbacks lead to others of the list, through other circuits. */
    static List<Upstream> upstreams(String text) {
        List<Upstream> all = listOfMaps(
                text,
                "upstream",
                "[{name: openai, api: openai, url: …, key: …, organizations: […], agents: […], models: […]}]",
                UpstreamReader::read);
        Map<String, Upstream> byName = new HashMap<>();
        all.forEach(each -> byName.put(each.name(), each));
        if (byName.size() < all.size()) {
            throw new IllegalArgumentException("a list of upstreams, each with a name of its own");
        }
        for (Upstream each : all) {
            for (Upstream.Fallback fallback : each.fallbacks()) {
                Upstream other = byName.get(fallback.to());
                if (other == null || other.api() != each.api() || other.suffix().equals(each.suffix())) {
                    throw new IllegalArgumentException("a list of upstreams, but the fallback of '" + each.name()
                            + "' must lead to another of the list that has the same api and another circuit-suffix, so"
                            + " that each has circuits of its own");
                }
            }
        }
        return all;
    }

    /** Hosts with commas, or as a list in JSON or YAML. */
    static OutboundHosts outboundHosts(String text) {
        if (!text.startsWith("[")) {
            return OutboundHosts.of(Arrays.asList(text.split(",", -1)));
        }
        try {
            List<Object> hosts = new YAMLMapper().readValue(text, new TypeReference<>() {});
            return OutboundHosts.of(hosts.stream().map(String::valueOf).toList());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a list of hosts, such as [api.example.com, 10.1.0.0/16]");
        }
    }

    /** A list of maps, as JSON or YAML; each map's mistakes are reported together. */
    private static <T> List<T> listOfMaps(
            String text, String what, String example, Function<Map<String, Object>, T> parser) {
        if (text.equals("[]")) {
            return List.of(); // the default: a start need not wait for a parser
        }
        List<Map<String, Object>> maps;
        try {
            maps = new YAMLMapper().readValue(text, new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a list of maps, such as " + example);
        }
        if (maps == null || maps.contains(null)) {
            throw new IllegalArgumentException("a list of maps, such as " + example);
        }
        List<T> all = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < maps.size(); i++) {
            String place = what + " " + (i + 1) + ": ";
            try {
                all.add(parser.apply(maps.get(i)));
            } catch (InvalidSettingsException e) {
                e.problems().forEach(problem -> wrong.add(place + problem));
            }
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("a list of " + what + "s, but " + String.join("; ", wrong));
        }
        return List.copyOf(all);
    }

    /** The value is shown to nobody, since it may hold a password. */
    static String databaseUrl(String text) {
        if (!text.startsWith("jdbc:postgresql:") && !text.startsWith("jdbc:sqlite:")) {
            throw new IllegalArgumentException("an address that begins with jdbc:postgresql: or jdbc:sqlite:");
        }
        return text;
    }

    static String redisUrl(String text) {
        RedisSettings.of(text);
        return text;
    }

    static Function<String, Duration> duration(Duration least, Duration most) {
        return text -> {
            Matcher matcher = AMOUNT_AND_UNIT.matcher(text.strip().toLowerCase(Locale.ROOT));
            if (matcher.matches()) {
                long amount = Long.parseLong(matcher.group(1));
                Duration value = switch (matcher.group(2)) {
                    case "ms" -> Duration.ofMillis(amount);
                    case "s" -> Duration.ofSeconds(amount);
                    case "m" -> Duration.ofMinutes(amount);
                    case "h" -> Duration.ofHours(amount);
                    default -> Duration.ofDays(amount);
                };
                if (value.compareTo(least) >= 0 && value.compareTo(most) <= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException(
                    "a duration with its unit, such as 500ms, 10s or 2m, " + words(least) + " to " + words(most));
        };
    }

    private static String words(Duration duration) {
        if (!duration.isZero() && duration.equals(Duration.ofDays(duration.toDays()))) {
            return duration.toDays() + "d";
        }
        if (!duration.isZero() && duration.equals(Duration.ofHours(duration.toHours()))) {
            return duration.toHours() + "h";
        }
        return duration.toMillis() % 1_000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
