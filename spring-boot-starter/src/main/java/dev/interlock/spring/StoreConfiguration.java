package dev.interlock.spring;

import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisSettings;
import dev.interlock.store.CircuitStore;
import java.util.Objects;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Stores from properties, where their modules are there. A store of one's own takes their place. */
final class StoreConfiguration {
    private StoreConfiguration() {}

    /** Redis, in front of a database if there is one. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(RedisCircuitStore.class)
    @ConditionalOnProperty("interlock.store.redis-url")
    static final class Redis {
        @Bean
        @ConditionalOnMissingBean(CircuitStore.class)
        RedisCircuitStore interlockRedisStore(InterlockProperties properties) {
            return RedisCircuitStore.open(RedisSettings.of(
                    Objects.requireNonNull(properties.getStore().getRedisUrl())));
        }
    }

    /** A database, and its store unless Redis stands before it. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Database.class)
    @ConditionalOnProperty("interlock.store.url")
    static final class Jdbc {
        @Bean
        @ConditionalOnMissingBean({Database.class, CircuitStore.class})
        Database interlockDatabase(InterlockProperties properties) {
            InterlockProperties.Store store = properties.getStore();
            return Database.open(
                    new DatabaseSettings(Objects.requireNonNull(store.getUrl()), store.getUser(), store.getPassword()));
        }

        /** Closed with the database. */
        @Bean(destroyMethod = "")
        @ConditionalOnMissingBean
        CircuitStore interlockDatabaseStore(Database database) {
            return database.circuits();
        }
    }
}
