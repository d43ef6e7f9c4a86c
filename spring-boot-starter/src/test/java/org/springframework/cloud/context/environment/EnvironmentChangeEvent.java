package org.springframework.cloud.context.environment;

import org.springframework.context.ApplicationEvent;

/** Called as that of Spring Cloud, by whose name alone it is known. */
public class EnvironmentChangeEvent extends ApplicationEvent {
    private static final long serialVersionUID = 1;

    public EnvironmentChangeEvent(Object source) {
        super(source);
    }
}
