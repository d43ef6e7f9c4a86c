package dev.interlock.server.outbound;

import dev.interlock.server.text.Secrets;
import dev.interlock.server.text.Texts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secrets that requests may bear, written {@code ${secret:NAME}}. Each goes only to the hosts of its own list, for the
 * organizations of its own list, and over TLS, but on this machine. Values are held in memory alone, and hidden in all
 * messages and logs. Safe for use by any thread.
 */
public final class OutboundSecrets implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutboundSecrets.class);
    private static final String BEGIN = "${secret:";
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{secret:([A-Za-z0-9_-]{1,64})}");

    /** Shorter ones would be found, and hidden, in texts that do not hold them. */
    private static final int SHORTEST = 8;

    private static final int LONGEST = 4_096;

    private final List<SecretSource> sources;
    private final UnaryOperator<@Nullable String> environment;
    private final Map<String, String> values = new ConcurrentHashMap<>();
    private volatile int version;

    /**
     * Reads all. Blocks.
     *
     * @param sources where they lie
     * @param environment gives the value of a variable, or null
     */
    public OutboundSecrets(List<SecretSource> sources, UnaryOperator<@Nullable String> environment) {
        this.sources = List.copyOf(sources);
        this.environment = environment;
        refresh();
    }

    /** Reads all again, since a file may hold another value. Blocks. */
    public synchronized void refresh() {
        boolean isChanged = false;
        for (SecretSource each : sources) {
            String value = read(each);
            String before = value == null ? values.remove(each.name()) : values.get(each.name());
            if (value != null && !value.equals(before)) {
                Secrets.hide(value);
                values.put(each.name(), value);
            }
            if (before != null && !before.equals(value)) {
                Secrets.forget(before);
            }
            isChanged |= !Objects.equals(before, value);
        }
        if (isChanged) {
            version++;
        }
    }

    /**
     * Which values these are.
     *
     * @return another number once one of them is another: what was filled in before holds no longer
     */
    public int version() {
        return version;
    }

    /**
     * Why a text cannot be filled in.
     *
     * @param text may refer to secrets
     * @param organization whose request it is
     * @param target where it goes
     * @return what is wrong and what would be right, or null if nothing is wrong
     */
    public @Nullable String problem(String text, String organization, Target target) {
        int from = text.indexOf(BEGIN);
        while (from >= 0) {
            Matcher reference = REFERENCE.matcher(text).region(from, text.length());
            if (!reference.lookingAt()) {
                return "a reference to a secret is written ${secret:NAME}";
            }
            String problem = problemOf(reference.group(1), organization, target);
            if (problem != null) {
                return problem;
            }
            from = text.indexOf(BEGIN, reference.end());
        }
        return null;
    }

    /**
     * Whether a text refers to a secret.
     *
     * @param text any
     * @return whether it does, well-formed or not
     */
    public static boolean isIn(String text) {
        return text.contains(BEGIN);
    }

    /**
     * Fills secrets in.
     *
     * @param text may refer to secrets
     * @param organization whose request it is
     * @param target where it goes
     * @return the text with the secrets, to be sent there and kept nowhere
     * @throws OutboundException if a secret may not be used so
     */
    public String fill(String text, String organization, Target target) {
        String problem = problem(text, organization, target);
        if (problem != null) {
            throw new OutboundException(problem);
        }
        return REFERENCE
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(values.getOrDefault(found.group(1), "")));
    }

    /** Hides the secrets no longer, since this server has none any more. */
    @Override
    public synchronized void close() {
        values.values().forEach(Secrets::forget);
        values.clear();
        version++;
    }

    /** What another organization has is not there: both are answered the same. */
    private @Nullable String problemOf(String name, String organization, Target target) {
        SecretSource source = sources.stream()
                .filter(each -> each.name().equals(name) && each.organizations().contains(organization))
                .findFirst()
                .orElse(null);
        if (source == null) {
            return "there is no secret '" + name
                    + "' for this organization; secrets are listed in the server's file, as outbound-secrets";
        }
        if (!source.hosts().contains(target.host())) {
            return "the secret '" + name + "' does not go to the host " + Texts.shown(target.host())
                    + "; the server's file says where it goes";
        }
        if (!target.tls() && !target.isThisMachine()) {
            return "the secret '" + name + "' goes over https only (over http to this machine alone)";
        }
        return values.containsKey(name)
                ? null
                : "the secret '" + name + "' has no value: its variable or file is missing, or holds none of "
                        + SHORTEST + " to " + LONGEST + " printable characters";
    }

    private @Nullable String read(SecretSource source) {
        String value = source.variable() != null ? environment.apply(source.variable()) : read(source.file());
        if (value != null
                && value.length() >= SHORTEST
                && value.length() <= LONGEST
                && value.chars().allMatch(each -> each >= ' ' && each < 0x7f)) {
            return value;
        }
        if (values.containsKey(source.name())) {
            LOG.atWarn().addKeyValue("secret", source.name()).log("A secret has no usable value any more");
        }
        return null;
    }

    private static @Nullable String read(@Nullable Path file) {
        try {
            if (file == null || Files.size(file) > LONGEST + 2) {
                return null;
            }
            return Files.readString(file, StandardCharsets.US_ASCII).stripTrailing();
        } catch (IOException away) {
            return null;
        }
    }
}
