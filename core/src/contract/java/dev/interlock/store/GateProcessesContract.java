package dev.interlock.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What every store does that knows which processes use it; a store's own test extends this. */
public abstract class GateProcessesContract {
    private static final Optional<GateFollowers> NOT_YET = Optional.empty();
    private static final Optional<GateFollowers> ALONE = Optional.of(GateFollowers.NONE);

    /** The processes of a store that nobody used before. */
    protected abstract GateProcesses open();

    /** A change that is not stored anywhere. */
    protected static GateRecord gate(String id) {
        return new GateRecord(
                "acme", id, 1, "stamp of " + id, "organization", null, "ann", null, Instant.EPOCH, null, null);
    }

    /** What a process says that obeys changes through which nobody hears of gates. */
    protected static Map<GateRecord, GateFollowers> obeyed(GateRecord... changes) {
        return Arrays.stream(changes).collect(Collectors.toMap(each -> each, each -> GateFollowers.NONE));
    }

    @Test
    void of_those_that_live_some_obey_a_change() {
        GateProcesses processes = open();
        processes.report("one", obeyed(gate("stop"), gate("other")));
        processes.report("two", obeyed(gate("other")));
        processes.report("three", Map.of());

        assertThat(processes.obeying(gate("stop"))).isEqualTo(Map.of("one", ALONE, "two", NOT_YET, "three", NOT_YET));
        assertThat(processes.obeying(gate("other"))).isEqualTo(Map.of("one", ALONE, "two", ALONE, "three", NOT_YET));
    }

    @Test
    void who_obeys_goes_on_obeying_when_it_says_that_it_lives_or_obeys_something_else() {
        GateProcesses processes = open();
        processes.report("one", obeyed(gate("stop")));
        processes.report("one", Map.of());
        processes.report("one", obeyed(gate("other")));

        assertThat(processes.obeying(gate("stop"))).isEqualTo(Map.of("one", ALONE));
    }

    @Test
    void who_obeys_a_gate_does_not_obey_its_removal_yet() {
        GateProcesses processes = open();
        GateRecord removed = gate("stop").removed(new GateRecord.Removal("bob", null, Instant.EPOCH));
        processes.report("one", obeyed(gate("stop")));
        assertThat(processes.obeying(removed)).isEqualTo(Map.of("one", NOT_YET));

        processes.report("one", obeyed(removed));
        assertThat(processes.obeying(removed)).isEqualTo(Map.of("one", ALONE));
    }

    @Test
    void what_a_process_said_last_of_its_followers_counts_for_each_change() {
        GateProcesses processes = open();
        GateFollowers some = new GateFollowers(1, 2, "[\"a b\", \"\u2713\"]");
        GateFollowers more = new GateFollowers(2, 1, "");
        processes.report("one", Map.of(gate("stop"), some, gate("other"), more));
        processes.report("two", Map.of(gate("stop"), more));
        assertThat(processes.obeying(gate("stop")))
                .isEqualTo(Map.of("one", Optional.of(some), "two", Optional.of(more)));
        assertThat(processes.obeying(gate("other"))).isEqualTo(Map.of("one", Optional.of(more), "two", NOT_YET));

        processes.report("one", Map.of(gate("stop"), more));
        processes.report("two", obeyed(gate("stop")));
        assertThat(processes.obeying(gate("stop"))).isEqualTo(Map.of("one", Optional.of(more), "two", ALONE));
    }

    @Test
    void who_leaves_is_not_waited_for() {
        GateProcesses processes = open();
        processes.report("one", obeyed(gate("stop")));
        processes.report("two", Map.of());
        processes.leave("one");
        processes.leave("never heard of");

        assertThat(processes.obeying(gate("stop"))).isEqualTo(Map.of("two", NOT_YET));
    }
}
