package dev.interlock.server.security;

import dev.interlock.InvalidSettingsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads a {@link SignIn} from names and values, and reports all mistakes at once, never a secret. */
final class SignInReader {
    private static final Set<String> NAMES = Set.of(
            "name",
            "client-id",
            "client-secret",
            "scopes",
            "organization",
            "groups-claim",
            "roles",
            "name-claim",
            "session-minutes");

    private final Map<?, ?> settings;
    private final List<String> wrong = new ArrayList<>();

    private SignInReader(Map<?, ?> settings) {
        this.settings = settings;
    }

    /**
     * Reads it.
     *
     * @throws InvalidSettingsException with all that is wrong
     */
    static SignIn read(Object written) {
        if (!(written instanceof Map<?, ?> settings)) {
            throw new InvalidSettingsException(
                    List.of("sign-in: must be names and values, such as name, client-id and roles"));
        }
        return new SignInReader(settings).read();
    }

    private SignIn read() {
        for (Object name : settings.keySet()) {
            if (!NAMES.contains(String.valueOf(name))) {
                wrong.add("sign-in." + name + ": no setting of a sign-in; those are "
                        + String.join(", ", new TreeSet<>(NAMES)));
            }
        }
        try {
            SignIn read = new SignIn(
                    text("name", ""),
                    text("client-id", ""),
                    optional("client-secret"),
                    scopes(),
                    optional("organization"),
                    text("groups-claim", "groups"),
                    roles(),
                    text("name-claim", "sub"),
                    Duration.ofMinutes(minutes()));
            if (wrong.isEmpty()) {
                return read;
            }
        } catch (InvalidSettingsException e) {
            wrong.addAll(e.problems());
        }
        throw new InvalidSettingsException(wrong);
    }

    private @Nullable String optional(String name) {
        Object value = settings.get(name);
        return value == null || value.toString().isBlank() ? null : value.toString();
    }

    private String text(String name, String otherwise) {
        String value = optional(name);
        return value == null ? otherwise : value;
    }

    private Set<String> scopes() {
        Object value = settings.get("scopes");
        if (value == null) {
            return Set.of("profile", "email");
        }
        Set<String> scopes = new HashSet<>();
        Collection<?> several = value instanceof Collection<?> list
                ? list
                : List.of(value.toString().split(",", -1));
        several.forEach(each -> scopes.add(String.valueOf(each).strip()));
        scopes.remove("");
        scopes.remove("openid");
        return scopes;
    }

    private Map<String, Role> roles() {
        Object value = settings.get("roles");
        Map<String, Role> roles = new HashMap<>();
        if (value instanceof Map<?, ?> given) {
            given.forEach((group, role) -> {
                try {
                    roles.put(String.valueOf(group), Role.of(String.valueOf(role)));
                } catch (IllegalArgumentException none) {
                    wrong.add("sign-in.roles." + group + " = " + role + ": must be viewer, operator or admin");
                }
            });
        } else if (value != null) {
            wrong.add("sign-in.roles: must be groups and their roles, such as {on-call: operator}");
        }
        return roles;
    }

    private long minutes() {
        String value = text("session-minutes", "60");
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            wrong.add("sign-in.session-minutes = " + value + ": must be whole minutes, 1 to "
                    + SignIn.LONGEST.toMinutes());
            return 1;
        }
    }
}
