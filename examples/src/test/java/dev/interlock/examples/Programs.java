package dev.interlock.examples;

import dev.interlock.ManualTimeSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts applications of Spring Boot as their {@code main} does, with a clock that is driven by hand. */
public final class Programs {
    private Programs() {}

    public static ConfigurableApplicationContext start(
            Class<?> application, ManualTimeSource time, String... properties) {
        String[] arguments = new String[properties.length + 1];
        arguments[0] = "--logging.level.root=off";
        for (int i = 0; i < properties.length; i++) {
            arguments[i + 1] = "--" + properties[i];
        }
        return new SpringApplicationBuilder(application)
                .initializers(context -> context.getBeanFactory().registerSingleton("time", time))
                .run(arguments);
    }
}
