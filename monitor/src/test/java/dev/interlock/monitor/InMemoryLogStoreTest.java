package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class InMemoryLogStoreTest extends LogStoreContract {
    private final InMemoryLogStore store = new InMemoryLogStore();

    @Override
    protected LogStore open() {
        return store;
    }

    @Override
    protected void settle() {}

    @Test
    void theOldestRowsMakeRoom() {
        InMemoryLogStore small = new InMemoryLogStore(2);
        for (String id : List.of("a", "b", "c", "a")) {
            LogEntry entry = LogEntry.builder("planner", ActionType.CUSTOM, Instant.EPOCH)
                    .entryId(id)
                    .build();
            small.append(List.of(new LogRow("acme", Instant.EPOCH, entry)));
        }

        assertThat(small.find(LogQuery.ofAgent("acme", "planner", 10)).rows())
                .extracting(row -> row.entry().entryId())
                .as("a had been forgotten when it came again")
                .containsExactly("a", "c");
    }
}
