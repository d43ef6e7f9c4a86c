package dev.interlock.server.logs;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.interlock.server.config.LogFormat;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.event.KeyValuePair;

class LogsTest {
    private static final String KEY = "il_abcdefgh2345_" + "Zx9_-".repeat(9) + "0abcDE";

    private final LoggerContext context = new LoggerContext();

    @ParameterizedTest
    @EnumSource
    void a_credential_that_somebody_logs_is_taken_out(LogFormat format) {
        LoggingEvent event = new LoggingEvent(
                "",
                context.getLogger("dev.interlock.Any"),
                Level.INFO,
                "Sent {} from Zürich",
                new IllegalStateException("with " + KEY),
                new Object[] {KEY});
        event.setKeyValuePairs(List.of(new KeyValuePair("key", KEY)));
        assertThat(new String(Logs.encoder(context, format).encode(event), StandardCharsets.UTF_8))
                .contains("Sent il_abcdefgh2345_… from Zürich", "with il_abcdefgh2345_…")
                .doesNotContain("Zx9");
    }
}
