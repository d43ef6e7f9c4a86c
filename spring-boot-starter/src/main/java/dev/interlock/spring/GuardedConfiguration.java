package dev.interlock.spring;

import dev.interlock.CircuitBreakerManager;
import org.springframework.aop.config.AopConfigUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.context.EnvironmentAware;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/** Guards before annotated methods, by the container's own creator of proxies: with another one retries would lie inside. */
@Configuration(proxyBeanMethods = false)
@Import(GuardedConfiguration.ProxyCreator.class)
@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
class GuardedConfiguration {
    /** Registers it, unless it is there; classes are proxied unless the application says otherwise. */
    static final class ProxyCreator implements ImportBeanDefinitionRegistrar, EnvironmentAware {
        private boolean byClass = true;

        @Override
        public void setEnvironment(Environment environment) {
            byClass = environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true);
        }

        @Override
        public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
            AopConfigUtils.registerAutoProxyCreatorIfNecessary(registry);
            if (byClass) {
                AopConfigUtils.forceAutoProxyCreatorToUseClassProxying(registry);
            }
        }
    }

    /** Knows the manager only when a guarded method is called: proxies are made before most beans. */
    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static GuardedMethods interlockGuardedMethods(
            ConfigurableListableBeanFactory beans, ObjectProvider<CircuitBreakerManager> circuits) {
        return new GuardedMethods(beans, circuits::getObject);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static GuardedAdvisor interlockGuardedAdvisor(GuardedMethods methods, Environment environment) {
        int order = environment.getProperty("interlock.aspect-order", Integer.class, GuardedAdvisor.DEFAULT_ORDER);
        return new GuardedAdvisor(new GuardedInterceptor(methods), order);
    }

    @Bean
    static GuardedCheck interlockGuardedCheck(ConfigurableListableBeanFactory beans, GuardedMethods methods) {
        return new GuardedCheck(beans, methods);
    }
}
