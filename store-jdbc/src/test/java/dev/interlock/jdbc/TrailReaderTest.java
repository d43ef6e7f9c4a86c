package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Rounds;
import dev.interlock.jdbc.Transitions.Line;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lines of several servers on a PostgreSQL, whose transactions end in another order than that of their numbers. */
class TrailReaderTest {
    private static final long LATEST = TrailReader.LATEST.toNanos();
    private static final int SERVERS = 4;

    private final DatabaseSettings settings = Postgres.migrated();
    private final Database database = Database.open(settings);
    private final TrailReader reader = reader(400);
    private final List<Server> servers = new ArrayList<>();
    private int lines;
    private long now = -LATEST / 2; // ticks may be negative

    /** A server that writes lines, and ends its transaction when the test says so. */
    private final class Server {
        final Connection connection;
        final Set<String> written = new HashSet<>();

        Server() throws SQLException {
            connection = DriverManager.getConnection(settings.url());
            connection.setAutoCommit(false);
        }

        void write(int count) throws SQLException {
            try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO circuit_transition (organization_id, agent_id, epoch, from_state, to_state, at, cause,
                        repeated, calls, failures, consecutive_failures, held, skipped)
                    VALUES ('acme', ?, 7, 'closed', 'open', now(), 'failure_streak', false, 5, 5, 5, false, 0)
                    """)) {
                for (int i = 0; i < count; i++) {
                    String name = "circuit-" + ++lines;
                    written.add(name);
                    insert.setString(1, name);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
        }

        /** Those that were written are there now. */
        Set<String> commit() throws SQLException {
            connection.commit();
            Set<String> there = Set.copyOf(written);
            written.clear();
            return there;
        }

        void rollBack() throws SQLException {
            connection.rollback();
            written.clear();
        }
    }

    @BeforeEach
    void connect() throws SQLException {
        for (int i = 0; i < SERVERS; i++) {
            servers.add(new Server());
        }
    }

    @AfterEach
    void close() throws SQLException {
        for (Server each : servers) {
            each.connection.close();
        }
        database.close();
    }

    private TrailReader reader(int atOnce) {
        return new TrailReader(new Transitions(database.connections()), atOnce, () -> now);
    }

    private List<String> read() {
        return read(reader);
    }

    private static List<String> read(TrailReader reader) {
        List<String> names = new ArrayList<>();
        do {
            reader.next().stream().map(Line::transition).forEach(line -> names.add(line.name()));
        } while (reader.hasMore());
        return names;
    }

    @Test
    void many_lines_of_a_transaction_that_ends_late_are_read_and_a_reader_that_takes_over_meanwhile_reads_them_too()
            throws SQLException {
        Server slow = servers.get(0);
        Server quick = servers.get(1);
        quick.write(1);
        quick.commit();
        assertThat(read()).hasSize(1);
        slow.write(900);
        quick.write(2_500);
        Set<String> there = quick.commit();
        assertThat(read()).containsExactlyInAnyOrderElementsOf(there);
        assertThat(reader.progress()).as("with what is missing").isEqualTo(1);
        assertThat(read()).isEmpty();

        TrailReader next = reader(500);
        next.begin(reader.progress());
        assertThat(next.peek()).map(Line::id).contains(902L);
        assertThat(read(next)).containsExactlyInAnyOrderElementsOf(there);

        Set<String> late = slow.commit();
        now += LATEST - 1;
        assertThat(read()).containsExactlyInAnyOrderElementsOf(late);
        assertThat(reader.progress()).isEqualTo(3_401);
        assertThat(read()).isEmpty();
        assertThat(read(next)).containsExactlyInAnyOrderElementsOf(late);
    }

    @Test
    void what_was_rolled_back_is_not_waited_for_longer_than_a_transaction_can_last() throws SQLException {
        servers.get(0).write(3);
        servers.get(1).write(1);
        servers.get(1).commit();
        assertThat(read()).hasSize(1);
        servers.get(0).rollBack();
        now += LATEST - 1;
        read();
        assertThat(reader.progress()).isZero();
        now++;
        read();
        assertThat(reader.progress()).isEqualTo(4);
    }

    /** A process that was stopped, or a step that took long. */
    @Test
    void whoever_looks_late_looks_once_more_before_it_gives_a_number_up() throws SQLException {
        servers.get(0).write(1);
        servers.get(1).write(1);
        servers.get(1).commit();
        assertThat(read()).hasSize(1);
        Set<String> late = servers.get(0).commit();
        now += 10 * LATEST;
        assertThat(read()).containsExactlyElementsOf(late);
    }

    @Test
    void a_transaction_that_hangs_is_ended_before_its_lines_are_given_up() {
        String limit = database.connections()
                .read(handle -> handle.createQuery("SELECT current_setting('idle_in_transaction_session_timeout')")
                        .mapTo(String.class)
                        .one());
        assertThat(limit).isEqualTo("30s");
        assertThat(TrailReader.LATEST).isEqualTo(Duration.ofSeconds(60));
    }

    /**
     * Compared with a model: each line once, in any order, and none lost by a reader that begins again at a stored
     * place.
     */
    @Test
    void each_line_is_read_once_in_whatever_order_transactions_end() throws SQLException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Set<String> due = new HashSet<>();
        Set<String> taken = new HashSet<>();
        TrailReader reader = reader(7);
        for (int step = 0; step < Rounds.of(20_000, 600); step++) {
            Server server = servers.get(random.nextInt(SERVERS));
            int what = random.nextInt(80);
            if (what < 30) {
                server.write(1 + random.nextInt(20));
            } else if (what < 50) {
                due.addAll(server.commit());
            } else if (what < 60) {
                server.rollBack();
            } else if (what < 78) {
                now += random.nextInt(50_000_000);
                assertThat(read(reader)).as("seed %d, step %d", seed, step).containsExactlyInAnyOrderElementsOf(due);
                taken.addAll(due);
                due.clear();
            } else {
                reader.begin(reader.progress());
                List<String> read = read(reader);
                assertThat(read)
                        .as("seed %d, step %d", seed, step)
                        .doesNotHaveDuplicates()
                        .containsAll(due);
                taken.addAll(due);
                due.clear();
                assertThat(taken).as("seed %d, step %d", seed, step).containsAll(read);
            }
        }
        for (Server each : servers) {
            due.addAll(each.commit());
        }
        assertThat(read(reader)).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(due);
    }
}
