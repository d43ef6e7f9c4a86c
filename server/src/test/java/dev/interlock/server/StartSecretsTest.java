package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import dev.interlock.server.config.Config;
import dev.interlock.server.logs.LogLines;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** Starts that go wrong, with a password in each setting that can hold one: neither the reason nor the log has it. */
class StartSecretsTest {
    @TempDir
    private Path folder;

    private final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Level level = root.getLevel();
    private final Encoder<ILoggingEvent> encoder = LogLines.text();
    private final AppenderBase<ILoggingEvent> everything = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            log.add(new String(encoder.encode(event), StandardCharsets.UTF_8));
        }
    };

    @BeforeEach
    void listen() {
        everything.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        everything.start();
        root.addAppender(everything);
        root.setLevel(Level.DEBUG);
    }

    @AfterEach
    void stop() {
        root.detachAppender(everything);
        root.setLevel(level);
    }

    static Stream<Arguments> starts() {
        return Stream.of(
                Arguments.of("jwt-issuers", "[{issuer: x, audience: a, jwks-url: 'https://bob:hunter2@h/'}]"),
                Arguments.of("jwt-issuers", "[{issuer: x, audience: a, jwks-url: 'ftp://hunter2@h/'}]"),
                Arguments.of("jwt-issuers", "[{issuer: x, audience: a, jwks-url: 'https://bob:hun ter2@h/'}]"),
                Arguments.of("jwt-issuers", "[{issuer: x, audience: a, jwks-url: 'https://bob:hun/ter2@h/'}]"),
                Arguments.of("jwt-issuers", "[{issuer: x, audience: a, jwks-url: 'http://h/?token=hunter2'}]"),
                Arguments.of("jwt-issuers", "[{issuer: x, audience: a, secret: hunter2}]"),
                Arguments.of("jwt-issuers", "[{issuer: x, audience: a, secret: hunter2"),
                Arguments.of("database-url", "jdbc:postgresql://bob:hunter2@127.0.0.1:1/x"),
                Arguments.of("database-url", "jdbc:postgresql://127.0.0.1:1/x?user=bob&password=hunter2"),
                Arguments.of("database-url", "jdbc:postgresql://bob:hun/ter2@127.0.0.1:1/x"),
                Arguments.of("database-url", "jdbc:postgresql://bob:hunter2@127.0.0.1:port/x"),
                Arguments.of("database-url", "postgresql://bob:hunter2@h/x"),
                Arguments.of("database-url", "jdbc:mysql://bob:hunter2@h/x"),
                Arguments.of("redis-url", "redis://bob:hunter2@127.0.0.1:port"),
                Arguments.of("redis-url", "redis://bob:hun%ter2@127.0.0.1:1"),
                Arguments.of("redis-url", "http://bob:hunter2@127.0.0.1:1"),
                Arguments.of("redis-url", "redis://:hunter2@127.0.0.1:1"),
                Arguments.of("host", "https://bob:hunter2@h/"),
                Arguments.of("port", "https://bob:hunter2@h/"));
    }

    @ParameterizedTest
    @MethodSource("starts")
    void a_password_is_in_no_message_of_a_start(String setting, String value) {
        Map<String, String> settings = new HashMap<>(Map.of("port", "0", "data-dir", folder.toString()));
        settings.put(setting, value);
        Throwable failed = catchThrowable(
                () -> Server.start(Config.read(settings, Map.of(), null)).close());

        String said = failed == null ? "" : String.valueOf(failed.getMessage());
        assertThat(failed == null && log.isEmpty()).as("something was said").isFalse();
        assertThat(said + log).doesNotContain("hunter2").doesNotContain("ter2");
    }
}
