package dev.interlock.jdbc;

import dev.interlock.store.StoreUnavailableException;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.slf4j.Logger;

/** Brings a database's tables to the present version, and works with newer ones where their release allows it. */
final class Migrations {
    private static final Logger LOG = Logs.of(Migrations.class);

    /** With what the description of a migration begins whose tables earlier releases cannot use. */
    private static final String INCOMPATIBLE = "incompatible";

    private Migrations() {}

    /**
     * Runs what is missing.
     *
     * @param dialect whose migrations they are
     * @param place the database's address as messages may show it
     * @throws StoreUnavailableException if a newer release's tables are not for this one
     */
    static void run(DataSource source, Dialect dialect, String place) {
        Logs.quiet();
        FluentConfiguration configuration = Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(source)
                .locations(dialect.migrations());
        String first = dialect.whileMigrating();
        if (first != null) {
            configuration.callbacks(new FirstStatement(first));
        }
        Flyway flyway = configuration.load();
        for (MigrationInfo newer : flyway.info().all()) {
            if (newer.getState() == MigrationState.FUTURE_SUCCESS) {
                acceptNewer(newer, place);
            }
        }
        flyway.migrate();
    }

    /** A newer release's tables serve this one too, unless that release says otherwise in the migration's name. */
    private static void acceptNewer(MigrationInfo newer, String place) {
        if (newer.getDescription().startsWith(INCOMPATIBLE)) {
            throw new StoreUnavailableException(
                    "The database " + place + " was brought to version " + newer.getVersion()
                            + " by a newer release of Interlock (" + newer.getDescription()
                            + "), with which this one cannot work. Use that release, or restore a backup of before",
                    null);
        }
        LOG.warn(
                "The database {} was brought to version {} by a newer release of Interlock ({}); this one works with it,"
                        + " and makes no use of what is new",
                place,
                newer.getVersion(),
                newer.getDescription());
    }

    /** What each connection of Flyway begins with. */
    private static final class FirstStatement extends BaseCallback {
        private final String sql;

        FirstStatement(String sql) {
            this.sql = sql;
        }

        @Override
        public boolean supports(Event event, Context context) {
            return event == Event.AFTER_CONNECT;
        }

        @Override
        public void handle(Event event, Context context) {
            try (Statement statement = context.getConnection().createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new FlywayException("Cannot prepare a connection by " + sql, e);
            }
        }
    }
}
