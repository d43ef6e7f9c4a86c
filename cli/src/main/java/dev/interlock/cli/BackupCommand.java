package dev.interlock.cli;

import dev.interlock.server.EmbeddedBackup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code interlock backup} and {@code interlock restore}: copies of a server's embedded database. */
abstract class BackupCommand implements Callable<Integer> {
    private static final String VARIABLE = "INTERLOCK_DATA_DIR";
    private static final int FAILED = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "the backup")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    Path file;

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description = {"the server's folder; else " + VARIABLE + " of the environment, else ./data"})
    private @Nullable Path folder;

    private Map<String, String> environment = System.getenv();

    abstract void run(Path data) throws IOException;

    @Override
    public Integer call() {
        try {
            run(folder());
            return 0;
        } catch (IOException failed) {
            spec.commandLine().getErr().println(Words.clean(String.valueOf(failed.getMessage())));
            return FAILED;
        }
    }

    void say(String line) {
        spec.commandLine().getOut().println(line);
    }

    private Path folder() {
        String variable = environment.get(VARIABLE);
        if (folder != null) {
            return folder;
        }
        return Path.of(variable == null || variable.isBlank() ? "data" : variable);
    }

    @Command(
            name = "backup",
            description = {
                "Copies the embedded database of a server, also while it runs, as of this moment. The copy holds secrets:"
                        + " keep it where you keep keys. For PostgreSQL use pg_dump.",
                ""
            },
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            usageHelpWidth = 100)
    static final class Backup extends BackupCommand {
        @Override
        void run(Path data) throws IOException {
            Path database = EmbeddedBackup.write(data, file);
            say("Copied " + database + " to " + file + ", " + Files.size(file) / 1024 + " KiB");
        }
    }

    @Command(
            name = "restore",
            description = {
                "Puts a backup in the place of the embedded database of a server that does not run. What is there is kept"
                        + " next to it, under another name.",
                ""
            },
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            usageHelpWidth = 100)
    static final class Restore extends BackupCommand {
        @Override
        void run(Path data) throws IOException {
            List<Path> moved = EmbeddedBackup.restore(file, data);
            say("Restored the database in " + data + " from " + file);
            moved.forEach(each -> say("What was there is now " + each));
            say("Keys that were revoked since the backup are valid again: revoke them once the server runs. Keys,"
                    + " overrides and stops of after the backup are gone: check what should be there");
            say("See docs/operations/backup.md, 'After a restore'; the server shows it at"
                    + " /docs/operations/backup.html#after-a-restore");
        }
    }
}
