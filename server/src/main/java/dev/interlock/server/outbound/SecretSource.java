package dev.interlock.server.outbound;

import dev.interlock.InvalidSettingsException;
import dev.interlock.server.text.Texts;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a secret lies, who may use it, and where it may go. Holds no secret itself. Immutable.
 *
 * @param name by which requests refer to it
 * @param variable the variable of the environment that holds it, or null
 * @param file the file that holds it, or null; exactly one of the two is given
 * @param organizations those whose requests may bear it; at least one
 * @param hosts names and addresses that it may be sent to; at least one
 */
public record SecretSource(
        String name, @Nullable String variable, @Nullable Path file, Set<String> organizations, Set<String> hosts) {
    private static final Set<String> SETTINGS = Set.of("name", "env", "file", "organizations", "hosts");
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");

    /** Variables of the server's own settings, some of which are secrets that go nowhere. */
    private static final String OWN = "INTERLOCK_";

    /** Copies the lists. */
    public SecretSource {
        organizations = Set.copyOf(organizations);
        hosts = Set.copyOf(hosts);
    }

    /**
     * Reads one as {@code interlock.yaml} writes it: {@code name}, {@code env} or {@code file}, {@code organizations},
     * {@code hosts}.
     *
     * @param settings names and values; lists may also be written with commas
     * @return the source
     * @throws InvalidSettingsException with all that is wrong, unknown names included
     */
    public static SecretSource from(Map<String, ?> settings) {
        List<String> wrong = new ArrayList<>();
        for (String each : new TreeSet<>(settings.keySet())) {
            if (!SETTINGS.contains(each)) {
                wrong.add(Texts.shown(each) + ": no setting of a secret; those are "
                        + String.join(", ", new TreeSet<>(SETTINGS)));
            }
        }
        String name = text(settings, "name");
        if (name == null || !NAME.matcher(name).matches()) {
            wrong.add("name: must be 1 to 64 letters, digits, hyphens and underscores");
        }
        String variable = text(settings, "env");
        String file = text(settings, "file");
        if ((variable == null) == (file == null)) {
            wrong.add("env, file: a secret needs exactly one of them");
        }
        if (variable != null && (!VARIABLE.matcher(variable).matches() || variable.startsWith(OWN))) {
            wrong.add("env: must be the name of a variable that does not begin with " + OWN
                    + ", and not the secret itself");
        }
        Set<String> hosts = hosts(settings, wrong);
        Set<String> organizations = list(settings, "organizations");
        if (organizations.isEmpty()) {
            wrong.add("organizations: must name at least one, such as [default]");
        }
        Path path = path(file, wrong);
        if (!wrong.isEmpty()) {
            throw new InvalidSettingsException(wrong);
        }
        return new SecretSource(String.valueOf(name), variable, path, organizations, hosts);
    }

    private static Set<String> hosts(Map<String, ?> settings, List<String> wrong) {
        Set<String> hosts = new TreeSet<>();
        for (String each : list(settings, "hosts")) {
            String host = Target.canonicalHost(each);
            if (host == null) {
                wrong.add("hosts = " + Texts.shown(each) + ": must be a name such as api.example.com, or an address");
            } else {
                hosts.add(host);
            }
        }
        if (hosts.isEmpty() && wrong.isEmpty()) {
            wrong.add("hosts: must name at least one, such as [api.example.com]");
        }
        return hosts;
    }

    private static @Nullable Path path(@Nullable String file, List<String> wrong) {
        try {
            return file == null ? null : Path.of(file);
        } catch (InvalidPathException e) {
            wrong.add("file: must be the name of a file");
            return null;
        }
    }

    private static @Nullable String text(Map<String, ?> settings, String name) {
        Object value = settings.get(name);
        return value == null || value.toString().isBlank() ? null : value.toString();
    }

    private static Set<String> list(Map<String, ?> settings, String name) {
        Object value = settings.get(name);
        Stream<String> parts;
        if (value == null) {
            return Set.of();
        } else if (value instanceof Collection<?> several) {
            parts = several.stream().map(String::valueOf);
        } else {
            parts = Stream.of(value.toString().split(",", -1));
        }
        return parts.map(String::strip).filter(part -> !part.isEmpty()).collect(Collectors.toUnmodifiableSet());
    }
}
