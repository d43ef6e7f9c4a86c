package dev.interlock.server.config;

import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One setting: what it is called, what it may be, what it is for. Immutable.
 *
 * @param <T> what its value becomes
 * @param name in kebab-case, as flags and YAML write it
 * @param value what a value looks like, for help
 * @param otherwise the default as somebody would write it, or null for none
 * @param defaultWords the default in words, where it is none or not the same everywhere
 * @param secret whether its value must never be shown
 * @param description what it is for, in one or two sentences
 * @param parser makes a value of a text; its {@link IllegalArgumentException} says what would be right
 */
public record Setting<T>(
        String name,
        String value,
        @Nullable String otherwise,
        @Nullable String defaultWords,
        boolean secret,
        String description,
        Function<String, T> parser) {

    /** The flag on the command line. */
    public String flag() {
        return "--" + name;
    }

    /** The variable in the environment. */
    public String variable() {
        return "INTERLOCK_" + name.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** The default as help and documents show it. */
    public String defaultText() {
        if (defaultWords != null) {
            return defaultWords;
        }
        return otherwise == null ? "none" : otherwise;
    }

    /** The name, so that no value can be printed by accident. */
    @Override
    public String toString() {
        return name;
    }
}
