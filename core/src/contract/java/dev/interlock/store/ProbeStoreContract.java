package dev.interlock.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every store of trust in probes does. */
public abstract class ProbeStoreContract {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    /** The store, empty at first. */
    protected abstract ProbeStore open();

    @Test
    public void whatIsWrittenIsReadAsItWas() {
        ProbeRecord trusted = new ProbeRecord("acme", "model:kimi", true, false, null, NOW);
        ProbeRecord lost = new ProbeRecord("other", "a/b {c} ü", false, true, NOW.minusSeconds(7), NOW.minusSeconds(3));

        open().write(List.of(trusted, lost));

        assertThat(read(NOW.minusSeconds(60))).containsExactlyInAnyOrder(trusted, lost);
    }

    @Test
    public void theNewerOfTwoIsKept() {
        open().write(List.of(record("planner", true, NOW)));
        open().write(List.of(record("planner", false, NOW.minusSeconds(1))));
        assertThat(read(NOW.minusSeconds(60))).containsExactly(record("planner", true, NOW));

        open().write(List.of(record("planner", false, NOW.plusSeconds(1))));
        assertThat(read(NOW.minusSeconds(60))).containsExactly(record("planner", false, NOW.plusSeconds(1)));
    }

    @Test
    public void onlyWhatHasChangedSinceIsRead() {
        open().write(List.of(record("old", true, NOW.minusSeconds(120)), record("new", true, NOW)));

        assertThat(read(NOW.minusSeconds(60))).extracting(ProbeRecord::name).containsExactly("new");
    }

    @Test
    public void whatIsOldIsForgotten() {
        open().write(List.of(record("old", true, NOW.minusSeconds(120)), record("new", true, NOW)));

        open().forget(NOW.minusSeconds(60));

        assertThat(read(Instant.EPOCH)).extracting(ProbeRecord::name).containsExactly("new");
    }

    @Test
    public void thousandsAreReadInPortions() {
        List<ProbeRecord> many = new ArrayList<>();
        for (int i = 0; i < 2_345; i++) {
            many.add(record("agent-" + i, i % 2 == 0, NOW.plusSeconds(i % 7)));
        }
        open().write(many);

        assertThat(read(NOW.minusSeconds(1))).containsExactlyInAnyOrderElementsOf(many);
    }

    @Test
    public void nothingIsNothing() {
        open().write(List.of());

        assertThat(read(Instant.EPOCH)).isEmpty();
    }

    private List<ProbeRecord> read(Instant since) {
        List<ProbeRecord> read = new ArrayList<>();
        open().read(since, record -> read.add(rounded(record)));
        return read;
    }

    /** A store may have a clock of its own, whose difference is known to some milliseconds. */
    private static ProbeRecord rounded(ProbeRecord record) {
        Instant trial = record.realTrialAt();
        return new ProbeRecord(
                record.organization(),
                record.name(),
                record.trusted(),
                record.tried(),
                trial == null ? null : rounded(trial),
                rounded(record.changedAt()));
    }

    private static Instant rounded(Instant time) {
        return time.plusMillis(500).truncatedTo(ChronoUnit.SECONDS);
    }

    private static ProbeRecord record(String name, boolean trusted, Instant changedAt) {
        return new ProbeRecord("acme", name, trusted, false, null, changedAt);
    }
}
