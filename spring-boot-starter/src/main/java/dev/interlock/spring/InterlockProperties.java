package dev.interlock.spring;

import dev.interlock.FailureKind;
import dev.interlock.Mode;
import dev.interlock.monitor.HealthSettings;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/** The settings of Interlock. */
@ConfigurationProperties("interlock")
public class InterlockProperties {
    /** Whether Interlock is active; if not, @Guarded methods run unguarded. */
    private boolean enabled = true;

    /** For circuits whose policy does not say: whether trips refuse calls (enforce) or are only shown (observe). */
    private Mode mode = Mode.ENFORCE;

    /** Settings of circuits that no pattern matches. */
    @NestedConfigurationProperty
    private PolicyProperties defaultPolicy = new PolicyProperties();

    /** Settings of circuits by name; the most specific pattern wins. */
    private List<PolicyProperties> policies = new ArrayList<>();

    /** Class names of exceptions, and the kind of failure of each; subclasses and causes included. */
    private Map<String, FailureKind> exceptions = new LinkedHashMap<>();

    /** Maximum number of circuits, against made-up names. */
    private int maxCircuits = 100_000;

    /** How long a closed circuit may be idle before it is forgotten. */
    private Duration evictAfter = Duration.ofHours(24);

    /** Order of guards among the advices of a method; advices with a higher number are inside, such as transactions. */
    private int aspectOrder = GuardedAdvisor.DEFAULT_ORDER;

    /** How often policies are read again, for sources that do not announce changes; never unless set. */
    private @Nullable Duration refreshInterval;

    @NestedConfigurationProperty
    private final Health health = new Health();

    @NestedConfigurationProperty
    private final Metrics metrics = new Metrics();

    @NestedConfigurationProperty
    private final Spans spans = new Spans();

    @NestedConfigurationProperty
    private final Store store = new Store();

    @NestedConfigurationProperty
    private final Server server = new Server();

    public Health getHealth() {
        return health;
    }

    public Metrics getMetrics() {
        return metrics;
    }

    public Spans getSpans() {
        return spans;
    }

    public Store getStore() {
        return store;
    }

    public Server getServer() {
        return server;
    }

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public Mode getMode() {
        return mode;
    }

    public void setMode(Mode mode) {
        this.mode = mode;
    }

    public PolicyProperties getDefaultPolicy() {
        return defaultPolicy;
    }

    public void setDefaultPolicy(PolicyProperties defaultPolicy) {
        this.defaultPolicy = defaultPolicy;
    }

    public List<PolicyProperties> getPolicies() {
        return policies;
    }

    public void setPolicies(List<PolicyProperties> policies) {
        this.policies = policies;
    }

    public Map<String, FailureKind> getExceptions() {
        return exceptions;
    }

    public void setExceptions(Map<String, FailureKind> exceptions) {
        this.exceptions = exceptions;
    }

    public int getMaxCircuits() {
        return maxCircuits;
    }

    public void setMaxCircuits(int maxCircuits) {
        this.maxCircuits = maxCircuits;
    }

    public Duration getEvictAfter() {
        return evictAfter;
    }

    public void setEvictAfter(Duration evictAfter) {
        this.evictAfter = evictAfter;
    }

    public int getAspectOrder() {
        return aspectOrder;
    }

    public void setAspectOrder(int aspectOrder) {
        this.aspectOrder = aspectOrder;
    }

    public @Nullable Duration getRefreshInterval() {
        return refreshInterval;
    }

    public void setRefreshInterval(@Nullable Duration refreshInterval) {
        this.refreshInterval = refreshInterval;
    }

    /** How agents are judged, and how that affects the application's own health. */
    public static class Health {
        /** Whether agents are judged by their calls. */
        private boolean enabled = true;

        /** When a critical agent opens its circuit: failing, critical or never. */
        private HealthSettings.Opens opens = HealthSettings.Opens.FAILING;

        /** Maximum number of agents that are judged. */
        private int maxAgents = 50_000;

        /** Names or patterns of circuits; while one of them is open, the application's health is down. */
        private List<String> downWhenOpen = new ArrayList<>();

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public HealthSettings.Opens getOpens() {
            return opens;
        }

        public void setOpens(HealthSettings.Opens opens) {
            this.opens = opens;
        }

        public int getMaxAgents() {
            return maxAgents;
        }

        public void setMaxAgents(int maxAgents) {
            this.maxAgents = maxAgents;
        }

        public List<String> getDownWhenOpen() {
            return downWhenOpen;
        }

        public void setDownWhenOpen(List<String> downWhenOpen) {
            this.downWhenOpen = downWhenOpen;
        }
    }

    /** Meters. */
    public static class Metrics {
        /** Whether there are meters, if there is a registry. */
        private boolean enabled = true;

        /** Maximum number of agents with meters of their own; the others are called other. */
        private int maxAgents = 200;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public int getMaxAgents() {
            return maxAgents;
        }

        public void setMaxAgents(int maxAgents) {
            this.maxAgents = maxAgents;
        }
    }

    /** Attributes of OpenTelemetry's spans. */
    public static class Spans {
        /** Whether guarded calls are marked on the current span, if OpenTelemetry's API is there. */
        private boolean enabled = true;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }
    }

    /** Where circuits outlive the application, and are shared with others. */
    public static class Store {
        /** Database: jdbc:postgresql://… or jdbc:sqlite:/path/of/a/file. Needs interlock-store-jdbc and the driver. */
        private @Nullable String url;

        /** User of the database. */
        private @Nullable String user;

        /** Password of the database. */
        private @Nullable String password;

        /**
         * Redis for circuits of scope shared, in front of the database if there is one. Needs interlock-store-redis.
         */
        private @Nullable String redisUrl;

        public @Nullable String getUrl() {
            return url;
        }

        public void setUrl(@Nullable String url) {
            this.url = url;
        }

        public @Nullable String getUser() {
            return user;
        }

        public void setUser(@Nullable String user) {
            this.user = user;
        }

        public @Nullable String getPassword() {
            return password;
        }

        public void setPassword(@Nullable String password) {
            this.password = password;
        }

        public @Nullable String getRedisUrl() {
            return redisUrl;
        }

        public void setRedisUrl(@Nullable String redisUrl) {
            this.redisUrl = redisUrl;
        }
    }

    /** A server of Interlock that takes the agent log. */
    public static class Server {
        /** Address of the server. */
        private @Nullable URI url;

        /** Key of role agent. */
        private @Nullable String apiKey;

        public @Nullable URI getUrl() {
            return url;
        }

        public void setUrl(@Nullable URI url) {
            this.url = url;
        }

        public @Nullable String getApiKey() {
            return apiKey;
        }

        public void setApiKey(@Nullable String apiKey) {
            this.apiKey = apiKey;
        }
    }
}
