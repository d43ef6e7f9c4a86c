package dev.interlock.server.config;

import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.server.security.SecuritySettings;
import dev.interlock.server.security.TrustedProxies;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one server: flags over environment over file over defaults. Immutable, checked; prints no value.
 */
public final class Config {
    private final Map<Setting<?>, Object> values;

    Config(Map<Setting<?>, Object> values) {
        this.values = Map.copyOf(values);
    }

    /**
     * Reads the settings from everywhere.
     *
     * @param flags name in kebab-case to value, as given on the command line
     * @param environment the process's variables; those with the prefix {@code INTERLOCK_} count
     * @param file the YAML file, or null if there is none
     * @return the settings
     * @throws ConfigException with all mistakes
     */
    public static Config read(Map<String, String> flags, Map<String, String> environment, @Nullable Path file) {
        return new ConfigReader(flags, environment, file).read();
    }

    /**
     * The value of a setting that has a default.
     *
     * @param setting one of {@link Settings}
     * @return its value
     * @throws NullPointerException if it has neither value nor default
     */
    public <T> T get(Setting<T> setting) {
        return Objects.requireNonNull(find(setting), setting.name());
    }

    /**
     * The value of a setting.
     *
     * @param setting one of {@link Settings}
     * @return its value, or null if it has neither value nor default
     */
    @SuppressWarnings("unchecked") // the reader puts what the setting's own parser made
    public <T> @Nullable T find(Setting<T> setting) {
        return (T) values.get(setting);
    }

    /** How callers are known and limited. */
    public SecuritySettings security() {
        return new SecuritySettings(
                find(Settings.ADMIN_KEY),
                get(Settings.DATA_DIR),
                get(Settings.JWT_ISSUERS),
                get(Settings.REQUESTS_PER_SECOND),
                get(Settings.REQUEST_BURST),
                get(Settings.FAILURES_PER_MINUTE),
                get(Settings.FAILURE_BURST),
                get(Settings.ORGANIZATION_REQUESTS_PER_SECOND),
                get(Settings.ORGANIZATION_REQUEST_BURST),
                Objects.requireNonNullElse(find(Settings.TRUSTED_PROXIES), TrustedProxies.none()));
    }

    /** Where the database is. */
    public DatabaseSettings database() {
        String url = find(Settings.DATABASE_URL);
        return url == null
                ? DatabaseSettings.sqlite(get(Settings.DATA_DIR).resolve("interlock.db"))
                : new DatabaseSettings(url, find(Settings.DATABASE_USER), find(Settings.DATABASE_PASSWORD));
    }

    /** Whether the server speaks TLS. */
    public boolean isTls() {
        return find(Settings.TLS_CERT) != null;
    }

    /** The address to listen on: without TLS this machine only, unless somebody said otherwise. */
    public String host() {
        String host = find(Settings.HOST);
        return host != null ? host : isTls() ? "0.0.0.0" : "127.0.0.1";
    }
}
