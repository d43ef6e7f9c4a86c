package dev.interlock.server.security;

import dev.interlock.CircuitId;
import dev.interlock.InvalidSettingsException;
import dev.interlock.NamePattern;
import dev.interlock.PrintableText;
import dev.interlock.TimeSource;
import dev.interlock.jdbc.ApiKey;
import dev.interlock.jdbc.Author;
import dev.interlock.server.text.Alike;
import dev.interlock.server.text.Texts;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes, lists and removes API keys on behalf of admins. An admin handles the keys of its own organization, the
 * installation's admin also those of others. No key removes itself. Blocks; any thread may call.
 */
public final class KeyAdministration {
    private static final Logger LOG = LoggerFactory.getLogger(KeyAdministration.class);

    static final int MOST_EACH = 1_000;
    private static final int LONGEST_NAME = 128;

    private final KeyRing keys;
    private final TimeSource time;

    KeyAdministration(KeyRing keys, TimeSource time) {
        this.keys = keys;
        this.time = time;
    }

    /**
     * Makes a key; it counts on this server when this returns, on others a few seconds later.
     *
     * @param by who asks
     * @param wanted the key
     * @return the key with its text
     * @throws InvalidSettingsException with all that is wrong with what is wanted
     * @throws ForbiddenException if the caller may not make this key
     * @throws TooManyKeysException if the organization has 1,000 keys
     */
    public CreatedKey create(Caller by, KeyRequest wanted) {
        String organization = organizationFor(by, wanted.organization());
        Role role = check(wanted, organization, alike(organization), time.wallTime());
        if (keys.of(organization).size() >= MOST_EACH) {
            throw new TooManyKeysException(MOST_EACH);
        }
        ApiKeyText text = ApiKeyText.random();
        ApiKey stored = new ApiKey(
                text.id(),
                organization,
                wanted.name(),
                role.text(),
                wanted.agents(),
                wanted.speaksFor(),
                text.hash(),
                false,
                time.wallTime().truncatedTo(ChronoUnit.MILLIS),
                by.actor(),
                wanted.expiresAt(),
                null);
        keys.add(stored);
        LOG.info("API key {} for role {} was made by {}", stored.id(), stored.role(), by.actor());
        return new CreatedKey(text.reveal(), stored);
    }

    /**
     * The keys of an organization, oldest first; their hashes are not to be passed on.
     *
     * @param by who asks
     * @param organization whose keys, or null for the caller's own
     * @return what is kept of them
     * @throws ForbiddenException if it is another's and the caller may not see it
     */
    public List<ApiKey> list(Caller by, @Nullable String organization) {
        return keys.of(organizationFor(by, organization));
    }

    /**
     * Removes a key; it counts on this server no more when this returns, on others a few seconds later.
     *
     * @param by who asks
     * @param organization whose key, or null for the caller's own organization's
     * @param id the key's id
     * @return what became of it
     * @throws ForbiddenException if it is another organization's and the caller may not handle those
     */
    public KeyRemoval remove(Caller by, @Nullable String organization, String id) {
        String owner = organizationFor(by, organization);
        ApiKey key = keys.get(id);
        if (key == null || !key.organization().equals(owner) || (key.installation() && !by.installationAdmin())) {
            return KeyRemoval.UNKNOWN;
        }
        if (id.equals(by.keyId())) {
            return KeyRemoval.OWN;
        }
        if (!keys.remove(key, new Author(by.actor(), time.wallTime().truncatedTo(ChronoUnit.MILLIS)))) {
            return KeyRemoval.UNKNOWN;
        }
        LOG.info("API key {} was revoked by {}", id, by.actor());
        return KeyRemoval.REMOVED;
    }

    private static String organizationFor(Caller by, @Nullable String wanted) {
        if (wanted == null || wanted.equals(by.organization())) {
            return by.organization();
        }
        if (!by.installationAdmin()) {
            throw new ForbiddenException("An admin handles the keys of its own organization; those of others need the "
                    + "installation's admin key");
        }
        return wanted;
    }

    /** The organization itself if it has a key, else another that people would take for it; null if there is none. */
    private @Nullable String alike(String organization) {
        if (!keys.of(organization).isEmpty()) {
            return organization;
        }
        String form = Alike.form(organization);
        return keys.organizations().stream()
                .filter(each -> Alike.form(each).equals(form))
                .findFirst()
                .orElse(null);
    }

    /** Reports everything that is wrong at once. */
    private static Role check(KeyRequest wanted, String organization, @Nullable String alike, Instant now) {
        List<String> wrong = new ArrayList<>();
        String name = wanted.name();
        if (name.isBlank() || name.length() > LONGEST_NAME || PrintableText.unprintableAt(name) >= 0) {
            wrong.add("name: must have 1 to " + LONGEST_NAME + " printable characters");
        }
        try {
            new CircuitId(organization, "any");
        } catch (IllegalArgumentException e) {
            wrong.add("organization_id: must have 1 to 128 printable characters");
        }
        if (!organization.equals(alike) && PrintableText.unprintableAt(organization) >= 0) {
            wrong.add("organization_id: must have printable characters alone, but has "
                    + PrintableText.describe(organization, PrintableText.unprintableAt(organization)));
        }
        if (alike != null && !alike.equals(organization)) {
            wrong.add("organization_id: is new, and looks like '" + Texts.shown(alike) + "', which there is");
        }
        Instant end = wanted.expiresAt();
        if (end != null && !end.isAfter(now)) {
            wrong.add("expires_at: must be later than now, which is " + now.truncatedTo(ChronoUnit.SECONDS));
        }
        Role role = null;
        try {
            role = Role.of(wanted.role());
        } catch (IllegalArgumentException e) {
            wrong.add("role: must be viewer, operator, admin or agent");
        }
        checkAgents(wanted.agents(), role, wrong);
        checkSpeaksFor(wanted.speaksFor(), role, wrong);
        if (role == null || !wrong.isEmpty()) {
            throw new InvalidSettingsException(wrong);
        }
        return role;
    }

    private static void checkSpeaksFor(@Nullable String callers, @Nullable Role role, List<String> wrong) {
        if (callers == null) {
            return;
        }
        if (role != Role.AGENT && role != Role.ADMIN) {
            wrong.add("speaks_for: belongs to keys that make calls, of the roles agent and admin");
        }
        try {
            new NamePattern(callers);
        } catch (IllegalArgumentException e) {
            wrong.add("speaks_for: must be a name pattern of 1 to 256 characters, in which * stands for any");
        }
    }

    private static void checkAgents(@Nullable String agents, @Nullable Role role, List<String> wrong) {
        if (agents == null) {
            return;
        }
        if (role != Role.AGENT) {
            wrong.add("agents: limits keys of the role agent only");
        }
        try {
            new NamePattern(agents);
        } catch (IllegalArgumentException e) {
            wrong.add("agents: must be a name pattern of 1 to 256 characters, in which * stands for any");
        }
    }
}
