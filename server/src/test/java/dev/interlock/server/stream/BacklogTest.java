package dev.interlock.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What waits for a client: everything while it keeps up, then the newest, then nothing but the need of a snapshot. */
class BacklogTest {
    private final Backlog backlog = new Backlog();

    @Test
    void a_client_that_keeps_up_gets_every_message_in_order() {
        for (int i = 1; i <= Backlog.MERGE_AT; i++) {
            backlog.add(message("planner", i));
        }
        assertThat(texts()).hasSize(Backlog.MERGE_AT).startsWith("planner 1", "planner 2");
    }

    @Test
    void a_client_that_is_behind_gets_the_newest_about_each_agent() {
        for (int i = 1; i <= 10 * Backlog.MERGE_AT; i++) {
            backlog.add(message("agent-" + i % 100, i));
        }
        assertThat(backlog.size()).isLessThanOrEqualTo(2 * Backlog.MERGE_AT);
        List<String> texts = texts();
        for (int agent = 0; agent < 100; agent++) {
            int last = 2_500 + agent <= 2_560 ? 2_500 + agent : 2_400 + agent;
            assertThat(texts).contains("agent-" + agent + " " + last);
        }
    }

    @Test
    void a_client_that_is_too_far_behind_gets_nothing_but_a_fresh_snapshot() {
        for (int i = 1; i <= 10 * Backlog.MOST; i++) {
            backlog.add(message("agent-" + i, i));
        }
        assertThat(backlog.size()).isZero();
        assertThat(backlog.takeResync()).isTrue();
        assertThat(backlog.takeResync()).isFalse();
        backlog.add(message("planner", 1));
        assertThat(texts()).containsExactly("planner 1");
    }

    @Test
    void never_so_many_wait_that_memory_could_run_out() {
        int longest = 0;
        for (int i = 1; i <= 100_000; i++) {
            backlog.add(message("agent-" + i % 1_000, i));
            longest = Math.max(longest, backlog.size());
        }
        assertThat(longest).isLessThanOrEqualTo(2 * Backlog.MOST);
    }

    @Test
    void nothing_older_than_a_snapshot_follows_it() {
        backlog.add(message("planner", 4));
        backlog.add(message("writer", 1));
        backlog.knows(Map.of("planner", 5L));
        backlog.add(message("planner", 5));
        backlog.add(message("planner", 6));
        backlog.add(new Message("health planner", "planner", Message.NO_EPOCH, "health"));
        assertThat(texts()).containsExactly("writer 1", "planner 6", "health");
    }

    private List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (Message next = backlog.poll(); next != null; next = backlog.poll()) {
            texts.add(next.text());
        }
        return texts;
    }

    private static Message message(String agent, long epoch) {
        return new Message("circuit_state " + agent, agent, epoch, agent + " " + epoch);
    }
}
