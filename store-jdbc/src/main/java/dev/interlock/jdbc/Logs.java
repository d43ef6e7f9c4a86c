package dev.interlock.jdbc;

import java.util.ServiceLoader;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * The loggers of this module: SLF4J's, if the program has chosen a provider; else the JDK's, so that no warning of ours
 * gets lost. A program that has chosen none is not lectured about it, and does not hear of migrations that went well.
 */
final class Logs {
    /** How much SLF4J says of itself; read when it starts. */
    private static final String VERBOSITY = "slf4j.internal.verbosity";

    private static final boolean PROVIDER = start();

    /** Held, since the JDK forgets the level of a logger that nobody holds. */
    private static final java.util.logging.Logger FLYWAY = java.util.logging.Logger.getLogger("org.flywaydb");

    private Logs() {}

    static Logger of(Class<?> owner) {
        return PROVIDER ? LoggerFactory.getLogger(owner) : new Jdk(owner.getName());
    }

    /** Lets libraries that log be quiet where nobody has chosen how; to be called before they are used. */
    static void quiet() {
        if (!PROVIDER && FLYWAY.getLevel() == null) {
            FLYWAY.setLevel(Level.WARNING);
        }
    }

    /** Whether there is a provider. SLF4J starts here, if it has not: without one it would warn. */
    private static boolean start() {
        boolean chosen = System.getProperty("slf4j.provider") != null
                || ServiceLoader.load(SLF4JServiceProvider.class).stream()
                        .findAny()
                        .isPresent();
        if (!chosen && System.getProperty(VERBOSITY) == null) {
            System.setProperty(VERBOSITY, "ERROR");
            try {
                LoggerFactory.getILoggerFactory();
            } finally {
                System.clearProperty(VERBOSITY);
            }
        }
        return chosen;
    }

    /** Hands on to the JDK's loggers. */
    private static final class Jdk extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1;

        private final transient System.Logger logger;

        Jdk(String owner) {
            name = owner;
            logger = System.getLogger(owner);
        }

        @Override
        public boolean isTraceEnabled() {
            return logger.isLoggable(System.Logger.Level.TRACE);
        }

        @Override
        public boolean isDebugEnabled() {
            return logger.isLoggable(System.Logger.Level.DEBUG);
        }

        @Override
        public boolean isInfoEnabled() {
            return logger.isLoggable(System.Logger.Level.INFO);
        }

        @Override
        public boolean isWarnEnabled() {
            return logger.isLoggable(System.Logger.Level.WARNING);
        }

        @Override
        public boolean isErrorEnabled() {
            return logger.isLoggable(System.Logger.Level.ERROR);
        }

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                org.slf4j.event.Level level,
                @Nullable Marker marker,
                String text,
                Object @Nullable [] arguments,
                @Nullable Throwable thrown) {
            logger.log(
                    switch (level) {
                        case ERROR -> System.Logger.Level.ERROR;
                        case WARN -> System.Logger.Level.WARNING;
                        case INFO -> System.Logger.Level.INFO;
                        case DEBUG -> System.Logger.Level.DEBUG;
                        case TRACE -> System.Logger.Level.TRACE;
                    },
                    MessageFormatter.basicArrayFormat(text, arguments),
                    thrown);
        }
    }
}
