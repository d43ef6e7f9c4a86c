package dev.interlock.spring;

import org.springframework.boot.SpringBootVersion;

/** Which releases of Spring Boot this works with. */
final class SupportedBoot {
    private SupportedBoot() {}

    /** @throws IllegalStateException with a release before 4.0 */
    static void check() {
        check(SpringBootVersion.getVersion());
    }

    static void check(String version) {
        if (version.startsWith("3.") || version.startsWith("2.")) {
            throw new IllegalStateException(
                    "interlock-spring-boot-starter works with Spring Boot 4.0 or newer, but this is " + version
                            + ". Use interlock-core with a CircuitBreakerManager bean of your own there");
        }
    }
}
