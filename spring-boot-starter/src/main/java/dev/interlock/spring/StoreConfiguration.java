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
    private static final String DATABASE = "interlock.store.url";
    private static final String REDIS = "interlock.store.redis-url";

    private StoreConfiguration() {}

    private static RedisCircuitStore redis(InterlockProperties properties) {
        return RedisCircuitStore.open(
                RedisSettings.of(Objects.requireNonNull(properties.getStore().getRedisUrl())));
    }

    /** Closed after the manager, which depends on its store. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Database.class)
    @ConditionalOnProperty(DATABASE)
    static final class OfDatabase {
        @Bean
        @ConditionalOnMissingBean({Database.class, CircuitStore.class})
        Database interlockDatabase(InterlockProperties properties) {
            InterlockProperties.Store store = properties.getStore();
            return Database.open(
                    new DatabaseSettings(Objects.requireNonNull(store.getUrl()), store.getUser(), store.getPassword()));
        }
    }

    /** Redis is where processes agree, the database behind it is what outlives Redis. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({Database.class, RedisCircuitStore.class})
    @ConditionalOnProperty({DATABASE, REDIS})
    static final class Both {
        @Bean
        @ConditionalOnMissingBean(CircuitStore.class)
        CircuitStore interlockStore(InterlockProperties properties, Database database) {
            return redis(properties).inFrontOf(database.circuits());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(RedisCircuitStore.class)
    @ConditionalOnProperty(REDIS)
    static final class RedisAlone {
        @Bean
        @ConditionalOnMissingBean(CircuitStore.class)
        CircuitStore interlockStore(InterlockProperties properties) {
            return redis(properties);
        }
    }

    /** Closed with the database. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Database.class)
    @ConditionalOnProperty(DATABASE)
    static final class DatabaseAlone {
        @Bean(destroyMethod = "")
        @ConditionalOnMissingBean(CircuitStore.class)
        CircuitStore interlockStore(Database database) {
            return database.circuits();
        }
    }
}
