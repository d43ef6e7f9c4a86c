package dev.interlock.springai;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/**
 * Looks at each {@link ChatModel} bean when it is created, lazy ones when they are needed, and logs its {@link ModelWarnings};
 * {@code interlock.spring-ai.warnings=false} leaves them out.
 */
@AutoConfiguration
@ConditionalOnProperty(name = "interlock.spring-ai.warnings", matchIfMissing = true)
public final class InterlockSpringAiAutoConfiguration {
    private static final Log LOG = LogFactory.getLog(ModelWarnings.class);

    @Bean
    static BeanPostProcessor interlockModelWarnings() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessBeforeInitialization(Object bean, String name) {
                if (bean instanceof ChatModel model) {
                    ModelWarnings.of(name, model).forEach(LOG::warn);
                }
                return bean;
            }
        };
    }
}
