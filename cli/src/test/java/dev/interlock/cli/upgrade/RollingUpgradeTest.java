package dev.interlock.cli.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.jdbc.Postgres;
import dev.interlock.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fleet of four servers on one Redis and one PostgreSQL, under load, of which half are of an earlier commit: forwards,
 * back again, and forwards to the end. At each stage every node hears what every other one opens and closes, and at the
 * end everything that was acknowledged is there. {@code -Dinterlock.before=COMMIT} takes another earlier commit.
 */
@Tag("heavy")
@Tag("thorough")
class RollingUpgradeTest {
    private static final int NODES = 4;

    /** From a breach or an override to every other node: the promise is under 1 s, and never more than this. */
    private static final Duration BOUND = Duration.ofSeconds(10);

    private static final int STREAK = 5;

    @TempDir
    Path folder;

    /** What was acknowledged: the agent, and what each node must show of it from then on. */
    private record Expected(String state, boolean held, String reason) {}

    private final List<Node> all = new ArrayList<>();
    private final List<Node> fleet = new CopyOnWriteArrayList<>();
    private final Map<String, Expected> acknowledged = new LinkedHashMap<>();
    /** The latest epoch of each agent at each node: there it only rises. */
    private final Map<String, Long> epochs = new HashMap<>();

    private final Map<String, String> settings = new HashMap<>();
    private RedisServer redis;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        settings.put("INTERLOCK_DATABASE_URL", Postgres.empty().url());
        settings.put("INTERLOCK_REDIS_URL", redis.url());
        settings.put("INTERLOCK_REDIS_SLOW_AFTER", "2s");
        settings.put("INTERLOCK_ADMIN_KEY", "an-admin-key-for-tests");
        settings.put("INTERLOCK_EVENT_LOOPS", "1");
        settings.put("INTERLOCK_REQUESTS_PER_SECOND", "1000000");
        settings.put("INTERLOCK_REQUEST_BURST", "1000000");
    }

    @AfterEach
    void stop() {
        all.forEach(Node::close);
        redis.close();
    }

    @Test
    void nothing_is_lost_and_nobody_is_deaf_forwards_back_and_forwards() throws IOException {
        Release before = Release.before();
        Release present = Release.present();
        for (int i = 0; i < NODES; i++) {
            join(before);
        }
        try (Load load = new Load(() -> List.copyOf(fleet))) {
            stage("all before", load);
            replace(before, present, NODES / 2);
            stage("half and half", load);
            replaceKilled(present, before, NODES / 2);
            stage("rolled back", load);
            replace(before, present, NODES / 2);
            stage("half and half again", load);
            replace(before, present, NODES / 2);
            stage("all present", load);
        }
    }

    private Node join(Release release) throws IOException {
        Node node = new Node(release, Files.createDirectory(folder.resolve("node-" + all.size())), settings);
        all.add(node);
        await().atMost(BOUND)
                .untilAsserted(() ->
                        assertThat(node.readiness()).as("readiness of " + node).doesNotContain("detached"));
        fleet.add(node);
        return node;
    }

    /** One after the other, as an operator does: the new one comes, callers leave the old one, it ends in order. */
    private void replace(Release from, Release to, int nodes) throws IOException {
        for (Node old : of(from).subList(0, nodes)) {
            join(to);
            fleet.remove(old);
            old.stop();
        }
    }

    /** In a hurry. */
    private void replaceKilled(Release from, Release to, int nodes) throws IOException {
        for (Node old : of(from).subList(0, nodes)) {
            fleet.remove(old);
            old.kill();
            join(to);
        }
    }

    private List<Node> of(Release release) {
        return fleet.stream()
                .filter(node -> node.toString().endsWith(release.name()))
                .toList();
    }

    private void stage(String stage, Load load) {
        assertThat(fleet).hasSize(NODES);
        long callsBefore = load.calls();
        assertThatNothingIsLost(stage);
        String name = stage.replace(' ', '-');
        for (int i = 0; i < NODES; i++) {
            Node one = fleet.get(i);
            Node other = fleet.get((i + 1) % NODES);
            String where = stage + ", " + one;
            override(one, name + "-held-" + i, "hold_open", new Expected("open", true, "held at " + name));
            override(one, name + "-opened-" + i, "open", new Expected("open", false, "opened at " + name));
            failAStreak(one, name + "-failed-" + i);
            awaitRefusal(name + "-failed-" + i, where);
            override(other, name + "-failed-" + i, "close", new Expected("closed", false, "closed at " + name));
            settleEverywhere(one, name + "-settled-" + i);
        }
        await().atMost(BOUND)
                .untilAsserted(
                        () -> assertThat(load.calls()).as("calls of " + stage).isGreaterThan(callsBefore + 100));
        assertThat(load.wrong()).as("answers under load, " + stage).isEmpty();
        assertThatNothingIsLost(stage);
    }

    /** An override that is acknowledged, and is soon in effect at each node. */
    private void override(Node node, String agent, String action, Expected expected) {
        Node.Answer answer = node.override(agent, action, expected.reason);
        // 202 where the database is slow: in effect, and written soon
        assertThat(answer.status())
                .as("%s at %s: %s%n%s", action, node, answer, node.lastWords())
                .isIn(200, 202);
        acknowledged.put(agent, expected);
        await().atMost(BOUND).untilAsserted(() -> fleet.forEach(each -> assertThatItShows(each, agent, expected)));
    }

    private void failAStreak(Node node, String agent) {
        for (int i = 0; i < STREAK; i++) {
            Node.Answer permit = node.permit(agent);
            assertThat(permit.status())
                    .as("permit %d of %s at %s: %s", i, agent, node, permit)
                    .isEqualTo(200);
            Node.Answer settled =
                    node.settle(agent, permit.body().path("permit").asText(), false);
            assertThat(settled.status()).as("outcome at %s: %s", node, settled).isEqualTo(200);
        }
    }

    private void awaitRefusal(String agent, String where) {
        await().atMost(BOUND)
                .untilAsserted(() ->
                        fleet.forEach(node -> assertThat(node.permit(agent).status())
                                .as("%s at %s, opened by calls in %s", agent, node, where)
                                .isEqualTo(503)));
    }

    /** A permit of one counts at every other, and once over all. */
    private void settleEverywhere(Node node, String agent) {
        for (Node other : fleet) {
            String permit = node.permit(agent).body().path("permit").asText();
            Node.Answer settled = other.settle(agent, permit, true);
            assertThat(settled.status())
                    .as("permit of %s at %s: %s", node, other, settled)
                    .isEqualTo(200);
            await().atMost(BOUND)
                    .untilAsserted(
                            () -> assertThat(node.settle(agent, permit, true).status())
                                    .as("the same again at %s", node)
                                    .isEqualTo(409));
        }
    }

    private void assertThatNothingIsLost(String stage) {
        acknowledged.forEach((agent, expected) -> fleet.forEach(node -> {
            JsonNode circuit = assertThatItShows(node, agent, expected);
            long epoch = circuit.path("epoch").asLong();
            assertThat(epoch)
                    .as("epoch of %s at %s, %s", agent, node, stage)
                    .isGreaterThanOrEqualTo(epochs.getOrDefault(node + agent, 0L));
            epochs.put(node + agent, epoch);
        }));
        Node any = fleet.get(fleet.size() - 1);
        acknowledged.forEach(
                (agent, expected) -> assertThat(any.transitions(agent).toString())
                        .as("audit trail of %s at %s, %s", agent, any, stage)
                        .contains(expected.reason));
    }

    private static JsonNode assertThatItShows(Node node, String agent, Expected expected) {
        JsonNode circuit = node.circuit(agent);
        assertThat(circuit.path("state").asText())
                .as("%s at %s: %s", agent, node, circuit)
                .isEqualTo(expected.state);
        assertThat(circuit.path("hold").isObject())
                .as("%s at %s: %s", agent, node, circuit)
                .isEqualTo(expected.held);
        return circuit;
    }
}
