package dev.interlock.spring;

import java.util.ArrayList;
import java.util.List;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/** Looks at all guarded methods when the application starts, those of lazy beans among them. */
final class GuardedCheck implements SmartInitializingSingleton {
    private final ConfigurableListableBeanFactory beans;
    private final GuardedMethods methods;

    GuardedCheck(ConfigurableListableBeanFactory beans, GuardedMethods methods) {
        this.beans = beans;
        this.methods = methods;
    }

    /** @throws InvalidGuardsException naming every mistake */
    @Override
    public void afterSingletonsInstantiated() {
        List<String> problems = new ArrayList<>();
        for (String name : beans.getBeanDefinitionNames()) {
            Class<?> type = AutoProxyUtils.determineTargetClass(beans, name);
            if (type != null && !type.getName().startsWith("org.springframework.") && GuardedMethods.canBeRead(type)) {
                methods.problems(ClassUtils.getUserClass(type)).stream()
                        .filter(problem -> !problems.contains(problem))
                        .forEach(problems::add);
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidGuardsException(problems);
        }
    }
}
