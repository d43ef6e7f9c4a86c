package dev.interlock.redis;

import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which processes live by Redis' clock, and which changes of gates each obeys. */
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
    public void report(String process, Collection<GateRecord> obeyed) {
        List<String> all = new ArrayList<>(List.of(keys.gateProcesses()));
        obeyed.forEach(change -> all.add(key(change)));
        link.await(Script.PROCESS.<Long>run(
                link.attached().commands(),
                ScriptOutputType.INTEGER,
                all.toArray(String[]::new),
                process,
                KEPT_MILLIS));
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
    public Map<String, Boolean> obeying(GateRecord change) {
        List<String> answer = link.await(Script.OBEYING.<List<String>>run(
                link.attached().commands(),
                ScriptOutputType.MULTI,
                new String[] {keys.gateProcesses(), key(change)},
                LIVES_MILLIS));
        Map<String, Boolean> obeying = new LinkedHashMap<>();
        for (int i = 0; i + 1 < answer.size(); i += 2) {
            obeying.put(answer.get(i), answer.get(i + 1).equals("1"));
        }
        return obeying;
    }

    private String key(GateRecord change) {
        return keys.gateObeyed((change.isRemoved() ? "removed/" : "put/") + change.stamp());
    }
}
