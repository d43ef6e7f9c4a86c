package dev.interlock.redis;

import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which processes live by Redis' clock, and which changes of gates each obeys, with those who follow it. */
final class RedisGateProcesses implements GateProcesses {
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final String LIVES_MILLIS = "3000";
    private static final String KEPT_MILLIS = Long.toString(Duration.ofHours(1).toMillis());

    private final RedisLink link;
    private final Keys keys;

    RedisGateProcesses(RedisLink link, Keys keys) {
        this.link = link;
        this.keys = keys;
    }

    @Override
    public void report(String process, Map<GateRecord, GateFollowers> obeyed) {
        List<String> all = new ArrayList<>(List.of(keys.gateProcesses()));
        List<String> said = new ArrayList<>(List.of(process, KEPT_MILLIS));
        obeyed.forEach((change, followers) -> {
            all.add(keys.gateObeyed(name(change)));
            all.add(keys.gateFollowers(name(change)));
            said.add(text(followers));
        });
        link.await(Script.PROCESS.<Long>run(
                link.attached().commands(),
                ScriptOutputType.INTEGER,
                all.toArray(String[]::new),
                said.toArray(String[]::new)));
    }

    @Override
    public Duration every() {
        return EVERY;
    }

    @Override
    public void leave(String process) {
        link.await(
                link.attached().commands().hdel(keys.gateProcesses(), process).toCompletableFuture());
    }

    @Override
    public Map<String, Optional<GateFollowers>> obeying(GateRecord change) {
        List<String> answer = link.await(Script.OBEYING.<List<String>>run(
                link.attached().commands(),
                ScriptOutputType.MULTI,
                new String[] {keys.gateProcesses(), keys.gateObeyed(name(change)), keys.gateFollowers(name(change))},
                LIVES_MILLIS));
        Map<String, Optional<GateFollowers>> obeying = new LinkedHashMap<>();
        for (int i = 0; i + 2 < answer.size(); i += 3) {
            boolean obeys = answer.get(i + 1).equals("1");
            obeying.put(answer.get(i), obeys ? Optional.of(followers(answer.get(i + 2))) : Optional.empty());
        }
        return obeying;
    }

    private static String name(GateRecord change) {
        return (change.isRemoved() ? "removed/" : "put/") + change.stamp();
    }

    /** Empty for nobody. */
    private static String text(GateFollowers followers) {
        return followers.equals(GateFollowers.NONE)
                ? ""
                : followers.confirmed() + " " + followers.missing() + " " + followers.details();
    }

    private static GateFollowers followers(String text) {
        if (text.isEmpty()) {
            return GateFollowers.NONE;
        }
        String[] parts = text.split(" ", 3);
        return new GateFollowers(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), parts[2]);
    }
}
