package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Scripts that Redis does not know yet, knows, or cannot run. */
class ScriptTest {
    private final RedisServer redis = RedisServer.start();
    private final RedisClient client = RedisClient.create(redis.url());
    private final RedisAsyncCommands<String, String> commands = client.connect().async();

    @AfterEach
    void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        redis.close();
    }

    @Test
    void one_that_redis_does_not_know_is_sent_whole_and_runs_once() {
        for (long next = 1; next <= 3; next++) {
            assertThat(Script.GENERATION.<Long>run(
                            commands, ScriptOutputType.INTEGER, new String[] {"generation"}, "1"))
                    .succeedsWithin(Duration.ofSeconds(10))
                    .isEqualTo(next);
            if (next == 2) {
                redis.run(sync -> sync.scriptFlush());
            }
        }
        String statistics = redis.run(sync -> sync.info("commandstats"));
        assertThat(statistics).contains("cmdstat_eval:calls=2,").contains("cmdstat_evalsha:calls=3,");
    }

    @Test
    void why_one_failed_is_said_as_redis_says_it() {
        redis.run(sync -> sync.lpush("generation", "no number"));

        assertThat(Script.GENERATION.<Long>run(commands, ScriptOutputType.INTEGER, new String[] {"generation"}, "1"))
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .withCauseInstanceOf(RedisCommandExecutionException.class)
                .withMessageContaining("WRONGTYPE");
    }
}
