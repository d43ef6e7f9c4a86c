package dev.interlock.jdbc;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import java.nio.file.Path;
import java.time.Duration;

/** A program of somebody who has added this module and no logging: see {@link LibraryUsersConsoleTest}. */
final class LibraryUser {
    private LibraryUser() {}

    public static void main(String[] arguments) {
        if (arguments[0].equals("warn")) {
            Logs.of(LibraryUser.class).warn("The database {} is {}", "agents.db", "away");
            Logs.of(LibraryUser.class).atError().addKeyValue("rows", 3).log("Rows were lost");
            Logs.of(LibraryUser.class).debug("of no interest");
            return;
        }
        try (Database database = Database.open(DatabaseSettings.sqlite(Path.of(arguments[1])));
                CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                        .defaults(CircuitBreakerConfig.recommended())
                        .store(database.circuits())
                        .build()) {
            for (int i = 0; i < 3; i++) {
                circuits.getOrCreate("planner").recordFailure(FailureKind.TIMEOUT);
            }
            circuits.flush(Duration.ofSeconds(10));
            if (circuits.snapshot(CircuitId.of("planner")).state() != CircuitState.OPEN) {
                throw new IllegalStateException("The circuit should be open");
            }
        }
    }
}
