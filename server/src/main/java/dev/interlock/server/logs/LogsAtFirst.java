package dev.interlock.server.logs;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.interlock.server.config.LogFormat;
import dev.interlock.server.config.LogLevel;

/**
 * How logs are written until the settings are read, and by commands that have none: warnings, for people. Found by
 * Logback as a service.
 */
public final class LogsAtFirst extends ContextAwareBase implements Configurator {

    /** For Logback. */
    public LogsAtFirst() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        Logs.configure(context, LogFormat.TEXT, LogLevel.WARN);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
