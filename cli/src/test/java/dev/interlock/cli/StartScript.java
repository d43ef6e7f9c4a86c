package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What pages call {@code ./interlock}, for a test that runs their blocks in a folder of its own: the classes under test. */
final class StartScript {
    private StartScript() {}

    static void in(Path folder) throws IOException {
        Path start = Files.writeString(
                folder.resolve("interlock"),
                "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                        + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '" + System.getProperty("java.class.path")
                        + "' " + Main.class.getName() + " \"$@\"\n");
        assertThat(start.toFile().setExecutable(true)).isTrue();
    }
}
