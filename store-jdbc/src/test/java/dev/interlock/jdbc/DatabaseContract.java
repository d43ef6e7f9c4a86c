package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.TransitionRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a database keeps in addition to circuits, and a manager over it through restarts; each dialect's test extends
 * this.
 */
abstract class DatabaseContract {
    private static final Author ADA = new Author("ada", Instant.parse("2026-01-01T12:00:00Z"));
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456Z");

    private DatabaseSettings settings;
    private Database database;

    /** An empty database. */
    abstract DatabaseSettings empty();

    @BeforeEach
    void start() {
        settings = empty();
        database = Database.open(settings);
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void keysComeBackAsTheyWereAdded() {
        ApiKey anna = key("k1", "acme", "planner-*", "anna");
        ApiKey ben = key("k2", "beta", null, null);
        database.keys().add(anna, "{}");
        database.keys().add(ben, "{}");
        reopen();

        assertThat(database.keys().all()).containsExactly(anna, ben);
        assertThat(database.keys().of("acme")).containsExactly(anna);
        assertThatThrownBy(() -> database.keys().add(anna, "{}")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anInstallationHasOneKeyOfItsOwn() {
        ApiKey first = key("k1", "default", null, null);
        ApiKey second = new ApiKey("k2", "default", "second", "admin", null, bytes("k2"), true, NOON, null);
        database.keys().add(first, "{}");

        assertThatThrownBy(() -> database.keys().add(second, "{}")).isInstanceOf(IllegalArgumentException.class);
        assertThat(database.keys().remove("default", "k1", "{}", ADA)).isTrue();
        database.keys().add(second, "{}");
        assertThat(database.keys().all()).containsExactly(second);
    }

    @Test
    void aKeysEndAndItsLastUseAreKept() {
        ApiKey key = new ApiKey(
                "k1",
                "acme",
                "name",
                "viewer",
                null,
                null,
                bytes("k1"),
                false,
                NOON,
                "ada",
                NOON.plusSeconds(60),
                null);
        database.keys().add(key, "{}");
        database.keys().add(key("k2", "acme", null, null), "{}");
        assertThat(database.keys().of("acme")).contains(key);

        database.keys().used(Map.of("k1", NOON.plusSeconds(9), "gone", NOON));
        database.keys().used(Map.of("k1", NOON.plusSeconds(5))); // another server, whose news is older
        database.keys().used(Map.of());
        reopen();
        assertThat(database.keys().of("acme"))
                .contains(key.usedAt(NOON.plusSeconds(9)))
                .anySatisfy(other -> assertThat(other.lastUsedAt()).isNull());
    }

    @Test
    void aKeyIsRemovedOnlyByItsOwnOrganization() {
        database.keys().add(key("k1", "acme", null, null), "{}");

        assertThat(database.keys().remove("beta", "k1", "{}", ADA)).isFalse();
        assertThat(database.keys().all()).hasSize(1);
        assertThat(database.keys().remove("acme", "k1", "{}", ADA)).isTrue();
        assertThat(database.keys().remove("acme", "k1", "{}", ADA)).isFalse();
        assertThat(database.keys().all()).isEmpty();
    }

    @Test
    void policiesArePutInPlaceOfEachOtherAndCounted() {
        assertThat(database.policies().put("acme", "model:*", "{\"cooldown\":\"30s\"}", ADA, shown -> shown))
                .isEqualTo(1);
        assertThat(database.policies().put("acme", "model:*", "{}", ADA, shown -> shown))
                .isEqualTo(2);
        assertThat(database.policies().put("beta", "model:*", "{}", ADA, shown -> shown))
                .isEqualTo(1);
        reopen();

        assertThat(database.policies().all())
                .containsExactly(
                        new StoredPolicy("acme", "model:*", "{}", 2), new StoredPolicy("beta", "model:*", "{}", 1));
        assertThat(database.policies().remove("acme", "planner", ADA, shown -> shown))
                .isFalse();
        assertThat(database.policies().remove("acme", "model:*", ADA, shown -> shown))
                .isTrue();
        assertThat(database.policies().all()).hasSize(1);
    }

    @Test
    void changesOfKeysAndPoliciesLeaveLines() {
        Author ben = new Author("ben", NOON.plusSeconds(60));
        database.policies().put("acme", "model:*", "{\"cooldown\":\"30s\"}", ADA, shown -> "<" + shown + ">");
        database.keys().add(key("k1", "acme", null, "anna"), "{\"name\":\"k1\"}");
        database.policies().put("acme", "model:*", "{}", ben, shown -> "<" + shown + ">");
        database.policies().put("beta", "model:*", "{}", ADA, shown -> shown);
        database.keys().remove("acme", "k1", "{}", ben);
        database.keys().remove("acme", "k1", "{}", ben);
        database.policies().remove("acme", "model:*", ben, shown -> "<" + shown + ">");
        database.policies().remove("acme", "model:*", ben, shown -> shown);
        assertThatThrownBy(() -> {
                    database.keys().add(key("k2", "acme", null, null), "{}");
                    database.keys().add(key("k2", "acme", null, null), "{}");
                })
                .as("what fails leaves no line")
                .isInstanceOf(IllegalArgumentException.class);
        reopen();

        assertThat(lines("acme", AdministrationChanges.Filter.ALL))
                .containsExactly(
                        "created key k2 by the server: null -> {}",
                        "removed policy model:* by ben: <{}> -> null",
                        "removed key k1 by ben: {} -> null",
                        "changed policy model:* by ben: <{\"cooldown\":\"30s\"}> -> <{}>",
                        "created key k1 by anna: null -> {\"name\":\"k1\"}",
                        "created policy model:* by ada: null -> <{\"cooldown\":\"30s\"}>");
        assertThat(lines("beta", AdministrationChanges.Filter.ALL)).hasSize(1);
        Instant later = ben.at();
        assertThat(lines("acme", new AdministrationChanges.Filter(later, null, null, null, null)))
                .hasSize(3);
        assertThat(lines("acme", new AdministrationChanges.Filter(null, later, "key", null, null)))
                .hasSize(2);
        assertThat(lines("acme", new AdministrationChanges.Filter(null, null, null, "model:*", "b*")))
                .hasSize(2);

        assertThat(database.purge(later)).isEqualTo(4);
        assertThat(lines("acme", AdministrationChanges.Filter.ALL)).hasSize(3);
    }

    private List<String> lines(String organization, AdministrationChanges.Filter filter) {
        return database.administrationChanges().of(organization, filter, AdministrationChanges.NEWEST, 100).stream()
                .map(line -> line.action() + " " + line.subject() + " " + line.name() + " by " + line.actor() + ": "
                        + line.before() + " -> " + line.after())
                .toList();
    }

    @Test
    void ofManyChangesTheNewestStay() {
        database.policies().put("beta", "p", "{}", ADA, shown -> shown);
        database.connections()
                .write(handle -> handle.createUpdate("""
                        INSERT INTO administration_change (organization_id, at, actor, action, subject, name)
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)
                        SELECT 'acme', :at, 'ada', 'removed', 'policy', 'p' || i FROM n
                        """)
                        .bind("most", AdministrationChanges.MOST_EACH + 3)
                        .bind("at", database.connections().dialect().time(NOON))
                        .execute());
        database.policies().put("acme", "newest", "{}", ADA, shown -> shown);
        AdministrationChanges changes = database.administrationChanges();
        assertThat(changes.of("acme", AdministrationChanges.Filter.ALL, AdministrationChanges.NEWEST, 20_000))
                .hasSize(AdministrationChanges.MOST_EACH)
                .first()
                .satisfies(line -> assertThat(line.name()).isEqualTo("newest"));
        assertThat(lines("beta", AdministrationChanges.Filter.ALL)).hasSize(1);
    }

    @Test
    void aSettingIsMadeOnce() {
        byte[] first = database.settings().getOrCreate("permit-signing-key", () -> bytes("first"));
        reopen();

        assertThat(first).isEqualTo(bytes("first"));
        assertThat(database.settings().getOrCreate("permit-signing-key", () -> bytes("second")))
                .isEqualTo(bytes("first"));
        assertThat(database.settings().getOrCreate("another", () -> bytes("third")))
                .isEqualTo(bytes("third"));
    }

    @Test
    void theAuditTrailOfAnOrganizationIsNarrowedDown() {
        ManualTimeSource time = new ManualTimeSource(NOON);
        try (CircuitBreakerManager manager = manager(time)) {
            manager.override(CircuitId.of("model:a_1"), order(OverrideAction.OPEN, "anna (key)"));
            assertThat(manager.flush(SOON)).isTrue();
            time.advance(Duration.ofMinutes(1));
            manager.override(CircuitId.of("model:ab1"), order(OverrideAction.OPEN, "ben"));
            manager.override(PLANNER, order(OverrideAction.OPEN, "anna (key)"));
            assertThat(manager.flush(SOON)).isTrue();
        }
        Instant later = NOON.plusSeconds(60);
        assertThat(found(Transitions.Filter.ALL)).hasSize(3);
        assertThat(found(Transitions.Filter.of("model:*"))).containsExactlyInAnyOrder("model:a_1", "model:ab1");
        assertThat(found(Transitions.Filter.of("*a_1"))).containsExactly("model:a_1");
        assertThat(found(new Transitions.Filter(later, null, null, null, null, null)))
                .containsExactlyInAnyOrder("model:ab1", "planner");
        assertThat(found(new Transitions.Filter(null, later, null, null, null, null)))
                .containsExactly("model:a_1");
        assertThat(found(new Transitions.Filter(null, null, null, null, "override", "anna*")))
                .containsExactlyInAnyOrder("model:a_1", "planner");
        assertThat(found(new Transitions.Filter(null, null, null, "TIMEOUT", null, null)))
                .isEmpty();
    }

    private List<String> found(Transitions.Filter filter) {
        return database.transitions().of("default", filter, Transitions.NEWEST, 100).stream()
                .map(line -> line.transition().name())
                .toList();
    }

    @Test
    void anAuditTrailIsReadByPages() {
        ManualTimeSource time = new ManualTimeSource(NOON);
        try (CircuitBreakerManager manager = manager(time)) {
            for (int i = 0; i < 5; i++) {
                manager.override(
                        PLANNER, order(OverrideAction.RESET, "anna " + i).because("round " + i));
                manager.override(CircuitId.of("other"), order(OverrideAction.RESET, "ben"));
            }
            assertThat(manager.flush(SOON)).isTrue();
        }

        List<Transitions.Line> first =
                database.transitions().of("default", Transitions.Filter.of("planner"), Transitions.NEWEST, 3);
        List<Transitions.Line> second = database.transitions()
                .of("default", Transitions.Filter.of("planner"), first.get(2).id(), 3);
        assertThat(first).extracting(line -> line.transition().actor()).containsExactly("anna 4", "anna 3", "anna 2");
        assertThat(second).extracting(line -> line.transition().actor()).containsExactly("anna 1", "anna 0");
        assertThat(first.get(0).transition()).satisfies(line -> {
            assertThat(line.at()).isEqualTo(NOON);
            assertThat(line.action()).isEqualTo("reset");
            assertThat(line.reason()).isEqualTo("round 4");
            assertThat(line.cause()).isEqualTo("override");
        });
        assertThat(database.transitions().of("acme", Transitions.Filter.of("planner"), Transitions.NEWEST, 3))
                .isEmpty();
    }

    @Test
    void aTripIsAuditedWithWhatWasCounted() {
        try (CircuitBreakerManager manager = manager(new ManualTimeSource(NOON))) {
            trip(manager);
            assertThat(manager.flush(SOON)).isTrue();
        }

        assertThat(lines()).singleElement().satisfies(line -> {
            assertThat(line.from()).isEqualTo("closed");
            assertThat(line.to()).isEqualTo("open");
            assertThat(line.cause()).isEqualTo("failure_streak");
            assertThat(line.kind()).isEqualTo("TIMEOUT");
            assertThat(line.cooldownMillis()).isEqualTo(60_000);
            assertThat(line.consecutiveFailures()).isEqualTo(5);
            assertThat(line.actor()).isNull();
        });
    }

    @Test
    void aRestartKeepsTheCooldownThatIsLeft() {
        try (CircuitBreakerManager manager = manager(new ManualTimeSource(NOON))) {
            trip(manager);
            assertThat(manager.stored(PLANNER).toCompletableFuture().orTimeout(30, TimeUnit.SECONDS))
                    .succeedsWithin(SOON);
        }
        reopen();

        try (CircuitBreakerManager manager = manager(new ManualTimeSource(NOON.plusSeconds(45)))) {
            assertThat(manager.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
            assertThat(manager.snapshot(PLANNER).retryAfter()).isEqualTo(Duration.ofSeconds(15));
        }
    }

    @Test
    void aClockThatStepsBackAcrossARestartNeverLengthensACooldown() {
        try (CircuitBreakerManager manager = manager(new ManualTimeSource(NOON))) {
            trip(manager);
        }
        reopen();

        try (CircuitBreakerManager manager = manager(new ManualTimeSource(NOON.minus(1, ChronoUnit.HOURS)))) {
            assertThat(manager.snapshot(PLANNER).retryAfter()).isEqualTo(Duration.ofSeconds(60));
        }
    }

    @Test
    void anEpochNeverComesTwiceOverRestartsAndEvictions() {
        List<Long> epochs = new ArrayList<>();
        for (int life = 0; life < 3; life++) {
            ManualTimeSource time = new ManualTimeSource(NOON.plus(life, ChronoUnit.DAYS));
            try (CircuitBreakerManager manager = manager(time)) {
                CircuitBreaker circuit = manager.getOrCreate(PLANNER);
                epochs.add(circuit.snapshot().epoch());
                circuit.override(order(OverrideAction.RESET, "anna"));
                epochs.add(circuit.snapshot().epoch());
                assertThat(manager.flush(SOON))
                        .as("nothing waits for the store")
                        .isTrue();
                time.advance(Duration.ofHours(26));
                assertThat(manager.size()).as("circuits after a day").isZero();
                epochs.add(manager.getOrCreate(PLANNER).snapshot().epoch());
                trip(manager);
                epochs.add(manager.snapshot(PLANNER).epoch());
            }
            reopen();
        }

        assertThat(epochs).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void whatIsOldIsForgottenAndWhatMattersIsNot() {
        ManualTimeSource time = new ManualTimeSource(NOON);
        try (CircuitBreakerManager manager = manager(time)) {
            manager.override(CircuitId.of("closed"), order(OverrideAction.RESET, "anna"));
            manager.override(CircuitId.of("held"), order(OverrideAction.HOLD_CLOSED, "anna"));
            manager.override(CircuitId.of("open"), order(OverrideAction.OPEN, "anna"));
            assertThat(manager.flush(SOON)).isTrue();
            time.advance(Duration.ofHours(1));
            manager.override(CircuitId.of("young"), order(OverrideAction.RESET, "anna"));
        }

        assertThat(database.purge(NOON.plusSeconds(1))).isEqualTo(3 + 1);

        List<String> kept = new ArrayList<>();
        database.circuits().readNotClosed(record -> kept.add(record.name()));
        assertThat(kept).containsExactlyInAnyOrder("held", "open");
        assertThat(database.circuits().find("default", "closed")).isNull();
        assertThat(database.circuits().find("default", "young")).isNotNull();
        assertThat(database.purge(NOON.plusSeconds(1))).isZero();
    }

    @Test
    void whatTheDatabaseRefusesIsDistinguishedFromADatabaseThatIsAway() {
        CircuitRecord record = new CircuitRecord(
                "default", "planner", "open", 1, 0, 0, 0, 1, 0, null, NOON, NOON, NOON, false, null, null, null,
                "default", 1);
        database.circuits().write(List.of(dev.interlock.store.CircuitChange.of(record)));

        assertThat(database.isAvailable()).isTrue();
        assertThatThrownBy(() -> database.connections()
                        .write(handle -> handle.execute("INSERT INTO setting (name) SELECT 'x' UNION ALL SELECT 'x'")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("The database refuses what it was given");
    }

    private List<TransitionRecord> lines() {
        return database.transitions().of("default", Transitions.Filter.of("planner"), Transitions.NEWEST, 100).stream()
                .map(Transitions.Line::transition)
                .toList();
    }

    private void reopen() {
        database.close();
        database = Database.open(settings);
    }

    private CircuitBreakerManager manager(ManualTimeSource time) {
        return CircuitBreakerManager.builder()
                .time(time)
                .store(database.circuits())
                .executor(Runnable::run)
                .build();
    }

    private static void trip(CircuitBreakerManager manager) {
        for (int i = 0; i < 5; i++) {
            manager.getOrCreate(PLANNER).acquire().fail(FailureKind.TIMEOUT);
        }
    }

    private static ManualOverride order(OverrideAction action, String actor) {
        return ManualOverride.of(action, actor);
    }

    private static ApiKey key(String id, String organization, String agents, String creator) {
        return new ApiKey(
                id, organization, "name of " + id, "operator", agents, bytes(id), id.equals("k1"), NOON, creator);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
