package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.InvalidSettingsException;
import dev.interlock.ManualTimeSource;
import dev.interlock.jdbc.ApiKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyAdministrationTest {
    private final InMemoryKeys store = new InMemoryKeys();
    private final ManualTimeSource time = new ManualTimeSource();
    private final KeyRing ring = new KeyRing(store, time);
    private final KeyAdministration keys = new KeyAdministration(ring, time);
    private final Caller root = new ConfiguredKey("configured-key").caller();

    @BeforeEach
    void read() {
        ring.reload();
    }

    @Test
    void a_key_is_shown_once_and_only_its_hash_is_kept() {
        CreatedKey made = keys.create(root, new KeyRequest("billing", "agent", null, "billing-*"));

        ApiKey kept = store.all().get(0);
        assertThat(kept.hash()).isEqualTo(ApiKeyText.hash(made.key()));
        assertThat(kept.organization()).isEqualTo("default");
        assertThat(kept.createdBy()).isEqualTo("admin (configured key)");
        assertThat(kept.installation()).isFalse();
        assertThat(made.toString() + kept).doesNotContain(made.key());
        Caller caller = Objects.requireNonNull(find(made));
        assertThat(caller.role()).isEqualTo(Role.AGENT);
        assertThat(caller.mayTouch("billing-1")).isTrue();
        assertThat(caller.mayTouch("planner")).isFalse();
        assertThat(caller.actor()).isEqualTo("billing (key " + kept.id() + ")");
    }

    @Test
    void a_key_counts_until_it_expires_also_for_who_was_let_in() {
        CreatedKey made = keys.create(
                root,
                new KeyRequest(
                        "visitor", "viewer", null, null, null, time.wallTime().plusSeconds(60)));
        String id = made.stored().id();
        time.advance(Duration.ofMillis(59_999));
        assertThat(find(made)).isNotNull();
        assertThat(ring.counts(id)).isTrue();

        time.advance(Duration.ofMillis(1));
        assertThat(find(made)).isNull();
        assertThat(ring.counts(id)).isFalse();
        assertThat(keys.list(root, null)).extracting(ApiKey::id).contains(id);
    }

    @Test
    void an_end_that_has_passed_is_refused() {
        assertThatThrownBy(
                        () -> keys.create(root, new KeyRequest("visitor", "viewer", null, null, null, time.wallTime())))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining("expires_at: must be later than now");
    }

    @Test
    void the_last_use_is_shown_at_once_and_stored_once_a_minute() {
        CreatedKey made = keys.create(root, new KeyRequest("visitor", "viewer", null, null));
        assertThat(keys.list(root, null).get(0).lastUsedAt()).isNull();
        time.advance(Duration.ofMinutes(5));
        Instant used = time.wallTime();
        find(made);
        assertThat(keys.list(root, null).get(0).lastUsedAt()).isEqualTo(used);

        ring.storeUses();
        assertThat(store.uses).containsExactly(Map.entry(made.stored().id(), used));
        time.advance(Duration.ofSeconds(30));
        find(made);
        ring.reload();
        ring.storeUses();
        assertThat(store.uses).hasSize(1);
        assertThat(keys.list(root, null).get(0).lastUsedAt()).isEqualTo(used);
    }

    @Test
    void the_installations_admin_makes_keys_of_any_organization_and_others_of_their_own() {
        Caller acme = admin("acme");

        assertThat(keys.create(acme, new KeyRequest("ours", "viewer", null, null))
                        .stored()
                        .organization())
                .isEqualTo("acme");
        assertThat(keys.create(acme, new KeyRequest("ours", "viewer", "acme", null))
                        .stored()
                        .organization())
                .isEqualTo("acme");
        assertThatThrownBy(() -> keys.create(acme, new KeyRequest("theirs", "viewer", "default", null)))
                .isInstanceOf(ForbiddenException.class);
        assertThat(keys.list(acme, null)).extracting(ApiKey::organization).containsOnly("acme");
        assertThatThrownBy(() -> keys.list(acme, "default")).isInstanceOf(ForbiddenException.class);
        assertThat(keys.list(root, "acme")).hasSize(3);
    }

    @Test
    void the_refusal_is_the_same_whether_the_other_organization_exists_or_not() {
        Caller acme = admin("acme");
        String refusal = "An admin handles the keys of its own organization; those of others need the installation's "
                + "admin key";

        for (String other : new String[] {"default", "no-such-organization"}) {
            assertThatThrownBy(() -> keys.list(acme, other)).hasMessage(refusal);
        }
    }

    @Test
    void a_removed_key_counts_no_more_at_once() {
        CreatedKey made = keys.create(root, new KeyRequest("ops", "operator", null, null));
        assertThat(find(made)).isNotNull();

        assertThat(keys.remove(root, null, made.stored().id())).isEqualTo(KeyRemoval.REMOVED);

        assertThat(find(made)).isNull();
        assertThat(keys.remove(root, null, made.stored().id())).isEqualTo(KeyRemoval.UNKNOWN);
    }

    @Test
    void no_admin_removes_the_key_it_holds_nor_anothers_organizations_nor_the_installations() {
        Caller acme = admin("acme");
        CreatedKey foreign = keys.create(root, new KeyRequest("x", "viewer", "globex", null));
        Caller plainAdmin = admin("default");
        ring.add(new ApiKey(
                "installation",
                "default",
                "first",
                "admin",
                null,
                new byte[32],
                true,
                new ManualTimeSource().wallTime(),
                null));

        assertThat(keys.remove(acme, null, Objects.requireNonNull(acme.keyId())))
                .isEqualTo(KeyRemoval.OWN);
        assertThat(keys.remove(acme, null, foreign.stored().id())).isEqualTo(KeyRemoval.UNKNOWN);
        assertThat(keys.remove(plainAdmin, null, "installation")).isEqualTo(KeyRemoval.UNKNOWN);
        assertThatThrownBy(() -> keys.remove(acme, "globex", foreign.stored().id()))
                .isInstanceOf(ForbiddenException.class);
        assertThat(keys.remove(root, null, foreign.stored().id())).isEqualTo(KeyRemoval.UNKNOWN);
        assertThat(keys.remove(root, "globex", foreign.stored().id())).isEqualTo(KeyRemoval.REMOVED);
        assertThat(keys.remove(root, null, "installation")).isEqualTo(KeyRemoval.REMOVED);
    }

    @Test
    void all_that_is_wrong_with_a_wanted_key_is_reported_at_once() {
        assertThatThrownBy(() -> keys.create(root, new KeyRequest(" ", "root", "\u0000", "")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContainingAll("name: ", "role: ", "organization_id: ", "agents: ");
        assertThatThrownBy(() -> keys.create(root, new KeyRequest("x", "viewer", null, "a*")))
                .hasMessageContaining("agents: limits keys of the role agent only");
        assertThat(store.all()).isEmpty();
    }

    @Test
    void an_organization_has_at_most_a_thousand_keys() {
        for (int i = 0; i < KeyAdministration.MOST_EACH; i++) {
            keys.create(root, new KeyRequest("key " + i, "viewer", "acme", null));
        }

        assertThatThrownBy(() -> keys.create(root, new KeyRequest("one more", "viewer", "acme", null)))
                .isInstanceOf(TooManyKeysException.class);
        assertThat(keys.create(root, new KeyRequest("elsewhere", "viewer", "globex", null)))
                .isNotNull();
    }

    private Caller admin(String organization) {
        return Objects.requireNonNull(find(keys.create(root, new KeyRequest("admin", "admin", organization, null))));
    }

    private Caller find(CreatedKey made) {
        return ring.find(Objects.requireNonNull(ApiKeyText.parse(made.key())));
    }
}
