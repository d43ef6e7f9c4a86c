package dev.interlock.spring;

import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.util.ClassUtils;

/** Says to a native image which methods are called by reflection: the fallbacks of guarded ones. */
final class GuardedHints implements BeanRegistrationAotProcessor {
    @Override
    public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
        ConfigurableListableBeanFactory beans = bean.getBeanFactory();
        if (bean.getBeanClass().getName().startsWith("org.springframework.")
                || !GuardedMethods.canBeRead(bean.getBeanClass())) {
            return null;
        }
        GuardedMethods methods = new GuardedMethods(beans, () -> {
            throw new IllegalStateException("Nothing is called while code is generated");
        });
        List<Method> fallbacks = methods.fallbacks(ClassUtils.getUserClass(bean.getBeanClass()));
        return fallbacks.isEmpty()
                ? null
                : (generation, code) -> fallbacks.forEach(method ->
                        generation.getRuntimeHints().reflection().registerMethod(method, ExecutableMode.INVOKE));
    }
}
