package dev.interlock.spring;

import dev.interlock.CircuitBreakerManager;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The endpoint and the application's health, where the actuator is there. */
@AutoConfiguration(after = InterlockAutoConfiguration.class)
@ConditionalOnBean(InterlockAutoConfiguration.class)
@Import({ActuatorAutoConfiguration.OfEndpoint.class, ActuatorAutoConfiguration.OfHealth.class})
public final class ActuatorAutoConfiguration {
    ActuatorAutoConfiguration() {}

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
    static final class OfEndpoint {
        @Bean
        @ConditionalOnMissingBean(name = "interlockEndpoint")
        @ConditionalOnAvailableEndpoint(InterlockEndpoint.class)
        InterlockEndpoint interlockEndpoint(CircuitBreakerManager circuits, PolicyRefresher refresher) {
            return new InterlockEndpoint(circuits, refresher);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HealthIndicator.class)
    static final class OfHealth {
        @Bean
        @ConditionalOnMissingBean(name = "interlockHealthIndicator")
        @ConditionalOnEnabledHealthIndicator("interlock")
        CircuitsHealthIndicator interlockHealthIndicator(
                CircuitBreakerManager circuits, InterlockProperties properties) {
            return new CircuitsHealthIndicator(circuits, properties.getHealth().getDownWhenOpen());
        }
    }
}
