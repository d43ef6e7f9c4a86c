package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.FailureKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every store of the agent log must do; a store's own test extends this. */
public abstract class LogStoreContract {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456Z");

    /** A store that is empty the first time, and keeps what was appended from then on. */
    protected abstract LogStore open();

    /** Waits until all that was appended can be found. */
    protected abstract void settle();

    @Test
    void aRowComesBackAsItWasAppended() {
        LogEntry whole = LogEntry.builder("planner", ActionType.LLM_INFERENCE, NOON.minusSeconds(7))
                .entryId("e1")
                .executionId("run-1")
                .actionName("kimi-k2")
                .inputSummary("plan 'my' day; \"quoted\", 日本語, 🚂")
                .outputSummary("")
                .status(EntryStatus.FAILURE)
                .errorMessage("no answer\nin 30 s")
                .errorKind(FailureKind.RATE_LIMITED)
                .retryAfterMs(3_600_000L)
                .dependsOn(List.of("model:kimi-k2", "key:日本語 \"1\""))
                .caller("team 'a'")
                .latencyMs(30_000L)
                .tokenCount(9_007_199_254_740_991L)
                .costUsd(0.0031)
                .metadata(Map.of("deep", Map.of("list", Arrays.asList(1, 2.5, true, null, "x"))))
                .guarded(true)
                .build();
        LogEntry bare = LogEntry.builder("planner", ActionType.DECISION, NOON).build();
        append(new LogRow("acme", NOON, whole), new LogRow("acme", NOON.plusSeconds(1), bare));

        assertThat(find(LogQuery.ofAgent("acme", "planner", 10)).rows())
                .containsExactly(new LogRow("acme", NOON.plusSeconds(1), bare), new LogRow("acme", NOON, whole));
    }

    @Test
    void rowsAreFoundOfTheirOwnOrganizationAndAgentOnly() {
        append(row("acme", "planner", "a"), row("acme", "critic", "b"), row("beta", "planner", "a"));

        assertThat(ids(LogQuery.ofAgent("acme", "planner", 10))).containsExactly("a");
        assertThat(ids(LogQuery.ofAgent("beta", "planner", 10))).containsExactly("a");
        assertThat(ids(LogQuery.ofAgent("beta", "critic", 10))).isEmpty();
        assertThat(ids(new LogQuery("acme", null, null, null, null, null, 10))).containsExactly("b", "a");
    }

    @Test
    void eachFilterCountsAndAllTogether() {
        append(
                row("acme", entry("planner", ActionType.TOOL_CALL, "a").executionId("r1")),
                row("acme", entry("planner", ActionType.TOOL_CALL, "b").executionId("r2")),
                row(
                        "acme",
                        entry("planner", ActionType.ERROR, "c")
                                .executionId("r1")
                                .status(EntryStatus.FAILURE)),
                row(
                        "acme",
                        entry("planner", ActionType.TOOL_CALL, "d")
                                .executionId("r1")
                                .status(EntryStatus.FAILURE)));

        assertThat(ids(query("r1", null, null))).containsExactly("d", "c", "a");
        assertThat(ids(query(null, ActionType.TOOL_CALL, null))).containsExactly("d", "b", "a");
        assertThat(ids(query(null, null, EntryStatus.FAILURE))).containsExactly("d", "c");
        assertThat(ids(query("r1", ActionType.TOOL_CALL, EntryStatus.FAILURE))).containsExactly("d");
        assertThat(ids(query("r3", null, null))).isEmpty();
    }

    @Test
    void pagesFollowEachOtherWhateverIsAppendedMeanwhile() {
        for (int i = 0; i < 7; i++) {
            append(row("acme", "planner", "e" + i));
        }
        List<String> read = new ArrayList<>();
        String after = null;
        do {
            LogPage page = find(new LogQuery("acme", "planner", null, null, null, after, 3));
            page.rows().forEach(row -> read.add(row.entry().entryId()));
            after = page.next();
            append(row("acme", "planner", "later-" + read.size()));
        } while (after != null);

        assertThat(read).containsExactly("e6", "e5", "e4", "e3", "e2", "e1", "e0");
    }

    @Test
    void thePageThatHoldsExactlyTheRestIsTheLast() {
        append(row("acme", "planner", "a"), row("acme", "planner", "b"));

        assertThat(find(LogQuery.ofAgent("acme", "planner", 2)).next()).isNull();
        assertThat(find(LogQuery.ofAgent("acme", "planner", 1)).next()).isNotNull();
    }

    @Test
    void anEntryIdIsStoredOnceInItsOrganization() {
        append(row("acme", "planner", "a"), row("acme", "planner", "a"));
        append(row("acme", "critic", "a"), row("beta", "planner", "a"));

        assertThat(ids(new LogQuery("acme", null, null, null, null, null, 10))).containsExactly("a");
        assertThat(ids(LogQuery.ofAgent("acme", "planner", 10))).containsExactly("a");
        assertThat(ids(LogQuery.ofAgent("beta", "planner", 10))).containsExactly("a");
    }

    @Test
    void entriesWithoutAnIdAreAllStored() {
        append(row("acme", "planner", null), row("acme", "planner", null));

        assertThat(find(LogQuery.ofAgent("acme", "planner", 10)).rows()).hasSize(2);
    }

    @Test
    void whatIsNoPlaceOfAPageIsRefused() {
        assertThatThrownBy(() -> find(new LogQuery("acme", "planner", null, null, null, "' OR 1=1", 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("A page goes on after what the page before named as next");
    }

    @Test
    void textsThatLookLikeStatementsAreTexts() {
        append(row("acme", entry("'; DROP TABLE x; --", ActionType.CUSTOM, "a").executionId("' OR '1'='1")));

        assertThat(ids(LogQuery.ofAgent("acme", "'; DROP TABLE x; --", 10))).containsExactly("a");
        assertThat(ids(new LogQuery("acme", null, "' OR '1'='1", null, null, null, 10)))
                .containsExactly("a");
        assertThat(ids(new LogQuery("acme", null, "' OR 'x'='x", null, null, null, 10)))
                .isEmpty();
    }

    private LogPage find(LogQuery query) {
        settle();
        return open().find(query);
    }

    private List<String> ids(LogQuery query) {
        List<String> ids = new ArrayList<>();
        find(query).rows().forEach(row -> ids.add(row.entry().entryId()));
        return ids;
    }

    private void append(LogRow... rows) {
        open().append(List.of(rows));
    }

    private static LogQuery query(String execution, ActionType type, EntryStatus status) {
        return new LogQuery("acme", "planner", execution, type, status, null, 10);
    }

    private static LogRow row(String organization, String agent, String id) {
        return row(organization, entry(agent, ActionType.CUSTOM, id));
    }

    private static LogRow row(String organization, LogEntry.Builder entry) {
        return new LogRow(organization, NOON, entry.build());
    }

    private static LogEntry.Builder entry(String agent, ActionType type, String id) {
        return LogEntry.builder(agent, type, NOON).entryId(id);
    }
}
