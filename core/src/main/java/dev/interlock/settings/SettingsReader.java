package dev.interlock.settings;

import dev.interlock.InvalidSettingsException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes settings by name out of a map and hands them on with their type. What is missing is left alone; what is wrong
 * becomes a problem that names the setting in full, with the value and what is allowed.
 */
final class SettingsReader {
    private static final Pattern AMOUNT_AND_UNIT = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");
    private static final String MS = "_ms";
    private static final String DURATIONS = "a duration with its unit, such as 500ms, 60s, 4m, 1h or 1d";
    private static final Object NULL = new Object() {
        @Override
        public String toString() {
            return "null";
        }
    };

    private final String prefix;
    private final List<String> problems;
    private final Map<String, Object> left = new TreeMap<>();

    /** All names that were asked for, in order. */
    private final Set<String> known = new LinkedHashSet<>();

    SettingsReader(String prefix, Map<?, ? extends @Nullable Object> settings, List<String> problems) {
        this.prefix = prefix;
        this.problems = problems;
        settings.forEach((name, value) -> left.put(String.valueOf(name), value == null ? NULL : value));
    }

    void whole(String name, Consumer<Integer> setting) {
        wholeOrNull(name, value -> {
            if (value == null) {
                problem(name, NULL, "a whole number");
            } else {
                setting.accept(value);
            }
        });
    }

    void wholeOrNull(String name, Consumer<@Nullable Integer> setting) {
        Object value = take(name);
        if (value == NULL) {
            setting.accept(null);
        } else if (value instanceof Number number && number.doubleValue() == number.intValue()) {
            setting.accept(number.intValue());
        } else if (value != null) {
            problem(name, value, "a whole number");
        }
    }

    void decimal(String name, Consumer<Double> setting) {
        decimalOrNull(name, value -> {
            if (value == null) {
                problem(name, NULL, "a number");
            } else {
                setting.accept(value);
            }
        });
    }

    void decimalOrNull(String name, Consumer<@Nullable Double> setting) {
        Object value = take(name);
        if (value == NULL) {
            setting.accept(null);
        } else if (value instanceof Number number) {
            setting.accept(number.doubleValue());
        } else if (value != null) {
            problem(name, value, "a number");
        }
    }

    void duration(String name, Consumer<Duration> setting) {
        durationOrNull(name, value -> {
            if (value == null) {
                problem(name, NULL, DURATIONS);
            } else {
                setting.accept(value);
            }
        });
    }

    void durationOrNull(String name, Consumer<@Nullable Duration> setting) {
        Object millis = take(name + MS);
        Object value = take(name);
        if (millis != null && value != null) {
            problem(name, value, "given once, but there is " + name + MS + " = " + millis + " as well");
        } else if (millis == NULL || value == NULL) {
            setting.accept(null);
        } else if (millis instanceof Number number && number.doubleValue() == number.longValue()) {
            setting.accept(Duration.ofMillis(number.longValue()));
        } else if (millis != null) {
            problem(name + MS, millis, "a whole number of milliseconds");
        } else if (value != null) {
            Duration parsed = parse(value.toString());
            if (parsed == null) {
                problem(name, value, DURATIONS);
            } else {
                setting.accept(parsed);
            }
        }
    }

    void yesOrNo(String name, Consumer<Boolean> setting) {
        Object value = take(name);
        String text = String.valueOf(value);
        if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
            setting.accept(Boolean.valueOf(text));
        } else if (value != null) {
            problem(name, value, "true or false");
        }
    }

    /** A map of names to durations, each with its unit, or, with {@code _ms} after the map's name, in milliseconds. */
    void durations(String name, List<String> names, BiConsumer<String, @Nullable Duration> setting, Runnable none) {
        Object millis = left.get(name + MS);
        if (millis != null && left.containsKey(name)) {
            problem(name, left.get(name), "given once, but there is " + name + MS + " = " + millis + " as well");
        }
        section(name, each -> names.forEach(one -> each.durationOrNull(one, time -> setting.accept(one, time))), none);
        section(
                name + MS,
                each -> names.forEach(one -> each.millisOrNull(one, time -> setting.accept(one, time))),
                none);
    }

    private void millisOrNull(String name, Consumer<@Nullable Duration> setting) {
        Object millis = take(name);
        if (millis == NULL) {
            setting.accept(null);
        } else if (millis instanceof Number number && number.doubleValue() == number.longValue()) {
            setting.accept(Duration.ofMillis(number.longValue()));
        } else if (millis != null) {
            problem(name, millis, "a whole number of milliseconds");
        }
    }

    <E extends Enum<E>> void choice(String name, E[] allowed, Consumer<E> setting) {
        Object value = take(name);
        if (value == null) {
            return;
        }
        for (E each : allowed) {
            if (each.name().equalsIgnoreCase(value.toString())) {
                setting.accept(each);
                return;
            }
        }
        problem(name, value, Arrays.stream(allowed).map(Enum::name).collect(Collectors.joining(", ", "one of ", "")));
    }

    /** A list of names; null is an empty one. */
    void names(String name, Consumer<String[]> setting) {
        Object value = take(name);
        if (value == NULL) {
            setting.accept(new String[0]);
        } else if (value instanceof List<?> names && names.stream().allMatch(String.class::isInstance)) {
            setting.accept(names.toArray(String[]::new));
        } else if (value != null) {
            problem(name, value, "a list of names of circuits, such as [\"model:kimi-k2-mini\"]");
        }
    }

    @Nullable
    String text(String name) {
        Object value = take(name);
        return value == null ? null : value.toString();
    }

    /** A map of its own settings, all of which must be known. */
    void section(String name, Consumer<SettingsReader> settings, Runnable none) {
        Object value = take(name);
        if (value == NULL) {
            none.run();
        } else if (value instanceof Map<?, ?> map) {
            SettingsReader section = new SettingsReader(prefix + name + ".", map, problems);
            settings.accept(section);
            section.refuseTheRest();
        } else if (value != null) {
            problem(name, value, "a map of settings");
        }
    }

    void refuseTheRest() {
        left.forEach((name, value) -> {
            String meant = Spelling.nearest(name, known);
            problem(
                    name,
                    value,
                    meant == null
                            ? "left out, since there is no setting of this name"
                            : "called " + prefix + meant
                                    + ", if that is what is meant; there is no setting of this name");
        });
    }

    private @Nullable Object take(String name) {
        known.add(name);
        return left.remove(name);
    }

    private void problem(String name, Object value, String allowed) {
        problems.add(InvalidSettingsException.problem(prefix + name, value, allowed));
    }

    private static @Nullable Duration parse(String text) {
        Matcher matcher = AMOUNT_AND_UNIT.matcher(text.trim().toLowerCase(Locale.ROOT));
        try {
            if (!matcher.matches()) {
                return Duration.parse(text.trim());
            }
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
        } catch (DateTimeParseException unreadable) {
            return null;
        }
    }
}
