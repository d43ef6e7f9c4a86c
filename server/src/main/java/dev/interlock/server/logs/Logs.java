package dev.interlock.server.logs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.interlock.server.config.LogFormat;
import dev.interlock.server.config.LogLevel;
import java.nio.charset.StandardCharsets;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sends everything that is logged, by us and by libraries, to standard error in one form. */
public final class Logs {
    private static final String OURS = "dev.interlock";

    /** Logs with its stack that a transaction which failed cannot be rolled back; the failure itself is thrown. */
    private static final String ROLLBACKS = "org.flywaydb.core.internal.jdbc.TransactionalExecutionTemplate";

    private static final String TEXT = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}: %msg %kvp%n%ex";

    private Logs() {}

    /**
     * Sets the form and the weight. Libraries are heard from warnings on, or from notes on if ours are heard whole.
     *
     * @param format how a line is written
     * @param level from which weight on
     */
    public static void configure(LogFormat format, LogLevel level) {
        configure((LoggerContext) LoggerFactory.getILoggerFactory(), format, level);
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> LoggerFactory.getLogger(Logs.class)
                .atError()
                .addKeyValue("thread", thread.getName())
                .setCause(thrown)
                .log("A thread ended by a mistake"));
    }

    static void configure(LoggerContext context, LogFormat format, LogLevel level) {
        context.reset();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName("console");
        console.setTarget("System.err");
        console.setEncoder(encoder(context, format));
        console.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(console);
        Level ours = Level.valueOf(level.name());
        root.setLevel(level == LogLevel.DEBUG ? Level.INFO : ours.isGreaterOrEqual(Level.WARN) ? ours : Level.WARN);
        context.getLogger(OURS).setLevel(ours);
        context.getLogger(ROLLBACKS).setLevel(Level.OFF);
    }

    static Encoder<ILoggingEvent> encoder(LoggerContext context, LogFormat format) {
        WithoutSecrets encoder = new WithoutSecrets(lines(context, format));
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> lines(LoggerContext context, LogFormat format) {
        if (format == LogFormat.JSON) {
            JsonLines lines = new JsonLines();
            lines.setContext(context);
            lines.start();
            return lines;
        }
        PatternLayoutEncoder text = new PatternLayoutEncoder();
        text.setContext(context);
        text.setPattern(TEXT);
        text.setCharset(StandardCharsets.UTF_8);
        text.start();
        return text;
    }
}
