package dev.interlock.server.logs;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import dev.interlock.server.config.LogFormat;
import org.slf4j.LoggerFactory;

/** Lines of the log as the server writes them, for tests elsewhere. */
public final class LogLines {
    private LogLines() {}

    /** Writes lines for people. */
    public static Encoder<ILoggingEvent> text() {
        return Logs.encoder((LoggerContext) LoggerFactory.getILoggerFactory(), LogFormat.TEXT);
    }
}
