package dev.interlock.spring;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.InvalidSettingsException;
import dev.interlock.TimeSource;
import dev.interlock.monitor.AgentLogger;
import dev.interlock.monitor.EntrySink;
import dev.interlock.monitor.HealthListener;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Health of agents, and the agent log. */
@Configuration(proxyBeanMethods = false)
final class MonitorConfiguration {
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnProperty(prefix = "interlock.health", name = "enabled", matchIfMissing = true)
    HealthMonitor interlockHealthMonitor(
            CircuitBreakerManager circuits,
            InterlockProperties properties,
            ObjectProvider<TimeSource> time,
            ObjectProvider<HealthListener> listeners,
            ApplicationEventPublisher events) {
        HealthSettings settings = new HealthSettings(
                properties.getHealth().getOpens(), properties.getHealth().getMaxAgents());
        TimeSource source = time.getIfAvailable();
        HealthMonitor monitor = source == null
                ? HealthMonitor.start(circuits, settings)
                : HealthMonitor.start(circuits, settings, source, Runnable::run);
        listeners.orderedStream().forEach(monitor::addListener);
        monitor.addListener(events::publishEvent);
        return monitor;
    }

    /** To a sink of one's own, else to the server that properties name. */
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(EntrySink.class)
    AgentLogger interlockAgentLoggerToSink(
            EntrySink sink, CircuitBreakerManager circuits, ObjectProvider<HealthMonitor> health) {
        return connected(AgentLogger.to(sink).build(), circuits, health);
    }

    @Bean
    @ConditionalOnMissingBean({AgentLogger.class, EntrySink.class})
    @ConditionalOnProperty("interlock.server.url")
    AgentLogger interlockAgentLogger(
            InterlockProperties properties, CircuitBreakerManager circuits, ObjectProvider<HealthMonitor> health) {
        URI url = Objects.requireNonNull(properties.getServer().getUrl());
        String key = properties.getServer().getApiKey();
        if (key == null || key.isBlank()) {
            throw new InvalidSettingsException(List.of(
                    "interlock.server.api-key: must be set, a key of role agent, since there is interlock.server.url"));
        }
        return connected(AgentLogger.http(url, key).build(), circuits, health);
    }

    private static AgentLogger connected(
            AgentLogger logger, CircuitBreakerManager circuits, ObjectProvider<HealthMonitor> health) {
        circuits.addListener(logger.circuits());
        health.ifAvailable(monitor -> monitor.addListener(logger.health()));
        return logger;
    }
}
