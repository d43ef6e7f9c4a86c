package dev.interlock.spring;

import dev.interlock.InvalidSettingsException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/** The modules that properties of stores need: what is not kept is missed after a restart only. */
final class StoreModules {
    private StoreModules() {}

    /** @throws InvalidSettingsException naming each property whose module is not there */
    static void require(InterlockProperties.Store store, @Nullable ClassLoader loader) {
        List<String> problems = new ArrayList<>();
        if (store.getUrl() != null && !ClassUtils.isPresent("dev.interlock.jdbc.Database", loader)) {
            problems.add("interlock.store.url: needs interlock-store-jdbc on the class path");
        }
        if (store.getRedisUrl() != null && !ClassUtils.isPresent("dev.interlock.redis.RedisCircuitStore", loader)) {
            problems.add("interlock.store.redis-url: needs interlock-store-redis on the class path");
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
    }
}
