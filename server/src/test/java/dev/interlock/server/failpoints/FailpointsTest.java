package dev.interlock.server.failpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitSnapshot;
import dev.interlock.checks.Faults;
import dev.interlock.checks.Rounds;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.redis.Proxy;
import dev.interlock.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An exception, or a delay (at full length both), at every place between two steps that a crash could part, while circuits are closed, open,
 * half-open or held, and while this process goes by Redis or by itself. Each place that can be reached so is reached;
 * afterwards this process, another one and the database agree, what was held is held, and no promise is broken. The table
 * is written to {@code target/failpoints.md}.
 */
@Tag("heavy")
@Tag("thorough")
class FailpointsTest {
    private static final Duration LATE = Duration.ofMillis(30);
    private static final Duration SOON = Duration.ofSeconds(3);
    private static final int TRIES = 10;

    /** A circuit in such a state has no trials. */
    private static final Set<Failpoint> TRIALS = EnumSet.of(Failpoint.TRIAL_GIVEN, Failpoint.TRIAL_ENDED);

    /** What only Redis could be asked for. */
    private static final Set<Failpoint> ATTACHED_ONLY = EnumSet.of(
            Failpoint.TRIAL_GIVEN,
            Failpoint.TRIAL_ENDED,
            Failpoint.CIRCUITS_WRITTEN,
            Failpoint.WRITTEN_UNHEARD,
            Failpoint.GATES_WRITTEN,
            Failpoint.INDEXED,
            Failpoint.RECORD_WRITTEN,
            Failpoint.AGREED,
            Failpoint.GATE_AGREED,
            Failpoint.REDIS_FOUND);

    /** Those of a server's tables have a test of their own. */
    private static final Set<Failpoint> OF_TABLES = EnumSet.of(
            Failpoint.INCIDENTS_WRITTEN,
            Failpoint.KEY_STORED,
            Failpoint.KEY_REMOVED,
            Failpoint.POLICY_STORED,
            Failpoint.POLICY_REMOVED,
            Failpoint.ALERT_SENT);

    @TempDir
    Path folder;

    private final List<String> rows = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({
        "CLOSED,true", "OPEN,true", "HALF_OPEN,true", "HELD,true",
        "CLOSED,false", "OPEN,false", "HALF_OPEN,false", "HELD,false"
    })
    void whatever_fails_all_agree_afterwards(Situation situation, boolean attached) throws IOException {
        try (RedisServer redis = RedisServer.start();
                Proxy proxy = new Proxy(redis.port());
                TwoProcesses both = new TwoProcesses(folder, proxy, redis)) {
            for (Failpoint point : wanted(situation, attached)) {
                for (boolean thrown : new boolean[] {true, false}) {
                    both.begin(situation, point + (thrown ? "-thrown" : "-late"));
                }
            }
            if (!attached) {
                proxy.mode(Proxy.Mode.CUT);
                Eventually.is("detached", both.a::isDetached);
            }
            for (Failpoint point : wanted(situation, attached)) {
                boolean first = point.ordinal() % 2 == 0;
                visit(both, situation, attached, point, first);
                if (Rounds.of(2, 1) > 1) {
                    visit(both, situation, attached, point, !first);
                }
            }
            proxy.mode(Proxy.Mode.PASS);
            Eventually.is("attached", () -> !both.a.isDetached());
            both.agree(situation);
        }
        Files.createDirectories(Path.of("target"));
        Files.write(Path.of("target", "failpoints-" + situation + "-" + attached + ".md"), rows);
    }

    private static List<Failpoint> wanted(Situation situation, boolean attached) {
        List<Failpoint> wanted = new ArrayList<>(EnumSet.complementOf(EnumSet.copyOf(OF_TABLES)));
        if (attached) {
            wanted.remove(Failpoint.OVERRIDE_OWED);
        } else {
            wanted.removeAll(ATTACHED_ONLY);
        }
        if (situation == Situation.CLOSED || situation == Situation.HELD) {
            wanted.removeAll(TRIALS);
        } else if (situation == Situation.OPEN) {
            wanted.remove(Failpoint.TRIAL_ENDED);
        }
        return wanted;
    }

    private void visit(TwoProcesses both, Situation situation, boolean attached, Failpoint point, boolean thrown) {
        String name = point + (thrown ? "-thrown" : "-late");
        LongConsumer fault = thrown ? FailpointsTest::fail : FailpointsTest::lag;
        Faults.arm(point.name(), fault);
        try {
            String what = "visit of " + point + " " + situation + (attached ? " attached" : " detached");
            for (int i = 0; i < TRIES && Faults.visits(point.name()) == 0; i++) {
                both.stir(situation, point, name);
                Eventually.within(SOON, () -> Faults.visits(point.name()) > 0);
            }
            assertThat(Faults.visits(point.name())).as(what).isPositive();
        } finally {
            Faults.disarm(point.name());
        }
        if (situation == Situation.HELD) {
            CircuitSnapshot held = both.look(name);
            assertThat(held.hold()).as("the hold of %s", name).isNotNull();
        }
        rows.add("| " + point + " | " + situation + " | " + (attached ? "attached" : "detached") + " | "
                + (thrown ? "exception" : "delay") + " | " + Faults.visits(point.name()) + " |");
    }

    /** Once: what is tried again must go well. */
    private static void fail(long visit) {
        if (visit == 1) {
            throw new IllegalStateException("of a test, at a failpoint");
        }
    }

    private static void lag(long visit) {
        if (visit <= 3) {
            LockSupport.parkNanos(LATE.toNanos());
        }
    }
}
