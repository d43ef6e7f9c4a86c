package dev.interlock.spring;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitListener;
import dev.interlock.FailureClassifier;
import dev.interlock.ManagerBuilder;
import dev.interlock.TimeSource;
import dev.interlock.store.CircuitStore;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;

/** The manager of circuits from properties and beans, and everything around it. Each bean gives way to one's own. */
@AutoConfiguration
@ConditionalOnProperty(prefix = "interlock", name = "enabled", matchIfMissing = true)
@EnableConfigurationProperties(InterlockProperties.class)
@Import({
    StoreConfiguration.OfDatabase.class,
    StoreConfiguration.Both.class,
    StoreConfiguration.RedisAlone.class,
    StoreConfiguration.DatabaseAlone.class,
    MonitorConfiguration.class,
    BudgetConfiguration.class,
    GuardedConfiguration.class,
    ObservationConfiguration.Meters.class,
    ObservationConfiguration.Spans.class
})
public final class InterlockAutoConfiguration {
    InterlockAutoConfiguration() {
        SupportedBoot.check();
    }

    @Bean
    @ConditionalOnMissingBean
    FailureClassifier interlockFailureClassifier(InterlockProperties properties, ResourceLoader resources) {
        return ExceptionKinds.of(properties.getExceptions(), resources.getClassLoader());
    }

    @Bean
    BoundPolicies interlockPolicies(Environment environment) {
        return BoundPolicies.read(environment);
    }

    @Bean
    @ConditionalOnMissingBean
    CircuitBreakerManager circuitBreakerManager(
            InterlockProperties properties,
            BoundPolicies policies,
            FailureClassifier classifier,
            ObjectProvider<TimeSource> time,
            ObjectProvider<CircuitStore> store,
            ObjectProvider<CircuitListener> listeners,
            ObjectProvider<InterlockCustomizer> customizers,
            ResourceLoader resources,
            ApplicationEventPublisher events) {
        StoreModules.require(properties.getStore(), resources.getClassLoader());
        ManagerBuilder builder = CircuitBreakerManager.builder()
                .classifier(classifier)
                .defaults(policies.defaults())
                .maxCircuitsPerOrganization(properties.getMaxCircuits())
                .evictAfter(properties.getEvictAfter())
                .listener(events::publishEvent);
        policies.patterns().forEach(builder::policy);
        time.ifAvailable(builder::time);
        store.ifAvailable(builder::store);
        listeners.orderedStream().forEach(builder::listener);
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    @Bean
    PolicyRefresher policyRefresher(CircuitBreakerManager circuits, Environment environment, BoundPolicies policies) {
        return new PolicyRefresher(circuits, environment, policies);
    }

    @Bean
    RefreshOnChange interlockRefreshOnChange(
            PolicyRefresher refresher, ObjectProvider<TimeSource> time, InterlockProperties properties) {
        return new RefreshOnChange(refresher, time.getIfAvailable(TimeSource::system), properties.getRefreshInterval());
    }
}
