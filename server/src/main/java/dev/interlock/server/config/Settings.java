package dev.interlock.server.config;

import dev.interlock.monitor.HealthSettings;
import dev.interlock.server.outbound.OutboundHosts;
import dev.interlock.server.outbound.SecretSource;
import dev.interlock.server.security.JwtIssuer;
import dev.interlock.server.security.TrustedProxies;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** All settings of the server, in the order in which help and documents list them. */
public final class Settings {
    /** The port. */
    public static final Setting<Integer> PORT = new Setting<>(
            "port",
            "0 to 65535",
            "8080",
            null,
            false,
            "Where the server listens. 0 takes a free port, which the log says.",
            Parsers.whole(0, 65_535));

    /** The address to listen on. */
    public static final Setting<String> HOST = new Setting<>(
            "host",
            "a name or an address",
            null,
            "127.0.0.1 without TLS, else 0.0.0.0",
            false,
            "The address that the server listens on. Without TLS only this machine reaches it, unless this says"
                    + " otherwise.",
            Parsers::text);

    /** The folder of the server's files. */
    public static final Setting<Path> DATA_DIR = new Setting<>(
            "data-dir",
            "a folder",
            "./data",
            null,
            false,
            "Where the embedded database and the first admin key lie; made if it is missing.",
            Parsers::path);

    /** The database. */
    public static final Setting<String> DATABASE_URL = new Setting<>(
            "database-url",
            "jdbc:postgresql://… or jdbc:sqlite:…",
            null,
            "SQLite in the data folder",
            true,
            "The database that circuits outlive the process in. Give user and password by their own settings.",
            Parsers::databaseUrl);

    /** Who the database knows the server as. */
    public static final Setting<String> DATABASE_USER =
            new Setting<>("database-user", "a name", null, null, false, "The database's user.", Parsers::text);

    /** The password of that user. */
    public static final Setting<String> DATABASE_PASSWORD = new Setting<>(
            "database-password", "a password", null, null, true, "The database user's password.", Parsers::text);

    /** Where circuits are shared. */
    public static final Setting<String> REDIS_URL = new Setting<>(
            "redis-url",
            "redis://… or rediss://…",
            null,
            "none: each server for itself",
            true,
            "The Redis or Valkey (6.2 or newer, single or Cluster) through which servers share circuits; with it the"
                    + " default scope is shared. Of a Cluster some nodes, separated by commas.",
            Parsers::redisUrl);

    /** When an answer of Redis is a slow one. */
    public static final Setting<Duration> REDIS_SLOW_AFTER = new Setting<>(
            "redis-slow-after",
            "5ms to 2s",
            "50ms",
            null,
            false,
            "An answer of Redis that takes longer is slow; three slow ones in a row detach the server.",
            Parsers.duration(Duration.ofMillis(5), Duration.ofSeconds(2)));

    /** The first admin key. */
    public static final Setting<String> ADMIN_KEY = new Setting<>(
            "admin-key",
            "12 characters or more",
            null,
            "the first start makes one and writes it to admin-key in the data folder",
            true,
            "An API key of role admin of the organization 'default', which may also make keys for others.",
            Parsers::text);

    /** The certificate. */
    public static final Setting<Path> TLS_CERT = new Setting<>(
            "tls-cert",
            "a PEM file",
            null,
            null,
            false,
            "The server's certificate, with those that lead to its authority. Needs tls-key.",
            Parsers::path);

    /** The certificate's key. */
    public static final Setting<Path> TLS_KEY = new Setting<>(
            "tls-key", "a PEM file", null, null, false, "The certificate's key, PKCS #8 or PKCS #1.", Parsers::path);

    /** Whose tokens count. */
    public static final Setting<List<JwtIssuer>> JWT_ISSUERS = new Setting<>(
            "jwt-issuers",
            "a list of maps",
            "[]",
            "none",
            true,
            "Whose JSON Web Tokens count: issuer, jwks-url or secret, audience, and if need be algorithms, organizations,"
                    + " organization-claim, role-claim, clock-skew-seconds (30), sign-in. As a flag or variable, the list as JSON.",
            Parsers::jwtIssuers);

    /** How fast one caller may call. */
    public static final Setting<Integer> REQUESTS_PER_SECOND = new Setting<>(
            "requests-per-second",
            "1 to 1000000",
            "20000",
            null,
            false,
            "How many requests one key or subject may make in the long run.",
            Parsers.whole(1, 1_000_000));

    /** How many requests at once. */
    public static final Setting<Integer> REQUEST_BURST = new Setting<>(
            "request-burst",
            "1 to 10000000",
            "40000",
            null,
            false,
            "How many of these requests may come at once.",
            Parsers.whole(1, 10_000_000));

    /** How fast an organization may call. */
    public static final Setting<Integer> ORGANIZATION_REQUESTS_PER_SECOND = new Setting<>(
            "organization-requests-per-second",
            "1 to 10000000",
            "40000",
            null,
            false,
            "How many requests all keys and subjects of an organization may make together in the long run.",
            Parsers.whole(1, 10_000_000));

    /** How many requests of an organization at once. */
    public static final Setting<Integer> ORGANIZATION_REQUEST_BURST = new Setting<>(
            "organization-request-burst",
            "1 to 10000000",
            "80000",
            null,
            false,
            "How many of these requests may come at once.",
            Parsers.whole(1, 10_000_000));

    /** How much memory descriptions take. */
    public static final Setting<Integer> DESCRIPTION_MEMORY = new Setting<>(
            "description-memory",
            "1 to 1000000",
            null,
            "a quarter of the heap",
            false,
            "About how many MiB names, metadata and dependencies of agents, policies and reasons may take. An organization"
                    + " that is alone may take a quarter of them.",
            Parsers.whole(1, 1_000_000));

    /** How often an address may be wrong. */
    public static final Setting<Integer> FAILURES_PER_MINUTE = new Setting<>(
            "failures-per-minute",
            "1 to 1000000",
            "60",
            null,
            false,
            "How often one address may fail to authenticate in the long run.",
            Parsers.whole(1, 1_000_000));

    /** How often at once. */
    public static final Setting<Integer> FAILURE_BURST = new Setting<>(
            "failure-burst",
            "1 to 1000000",
            "30",
            null,
            false,
            "How many of these failures may come at once.",
            Parsers.whole(1, 1_000_000));

    /** Whose word on a caller's address counts. */
    public static final Setting<TrustedProxies> TRUSTED_PROXIES = new Setting<>(
            "trusted-proxies",
            "addresses and networks, with commas",
            null,
            "none: a caller's address is that of its connection",
            false,
            "The proxies in front of the server, whose X-Forwarded-For says where a caller is. Nobody else's is believed.",
            TrustedProxies::of);

    /** Where the server itself may make requests to. */
    public static final Setting<OutboundHosts> OUTBOUND_HOSTS = new Setting<>(
            "outbound-hosts",
            "names, addresses and networks, with commas or as a list",
            null,
            "none: the server makes no request for an organization",
            false,
            "The hosts that probes and webhooks may ask: names such as api.example.com or *.example.com, and addresses, with"
                    + " every port or one (api.example.com:8443). Addresses that are not public need to be listed as such.",
            Parsers::outboundHosts);

    /** What requests of the server may bear. */
    public static final Setting<List<SecretSource>> OUTBOUND_SECRETS = new Setting<>(
            "outbound-secrets",
            "a list of maps",
            "[]",
            "none",
            true,
            "The secrets that probes may bear as ${secret:NAME}: name, env or file, organizations, hosts. As a flag or"
                    + " variable, the list as JSON.",
            Parsers::outboundSecrets);

    /** How long a request may take to arrive. */
    public static final Setting<Duration> REQUEST_TIMEOUT = new Setting<>(
            "request-timeout",
            "1s to 10m",
            "30s",
            null,
            false,
            "How long the head of a request and the first 64 KiB of its body may take to arrive. Each second more must"
                    + " bring 16 KiB, and nothing may take longer than 20 times as long.",
            Parsers.duration(Duration.ofSeconds(1), Duration.ofMinutes(10)));

    /** How long the audit trail is kept. */
    public static final Setting<Integer> RETENTION_DAYS = new Setting<>(
            "retention-days",
            "1 to 36500",
            "90",
            null,
            false,
            "How many days the audit trail, and circuits that were closed all that time, are kept.",
            Parsers.whole(1, 36_500));

    /** How long the agent log is kept. */
    public static final Setting<Duration> LOG_RETENTION = new Setting<>(
            "log-retention",
            "1h to 3650d",
            "7d",
            null,
            false,
            "How long entries of the agent log, and how agents were, are kept.",
            Parsers.duration(Duration.ofHours(1), Duration.ofDays(3_650)));

    /** How much of the agent log a day. */
    public static final Setting<Integer> LOG_QUOTA = new Setting<>(
            "log-quota",
            "1 to 10000000",
            "10240",
            null,
            false,
            "How many MiB of the agent log an organization may store a day (by UTC, on each server). Entries beyond count,"
                    + " and are not stored; answers, /readyz and /metrics say so.",
            Parsers.whole(1, 10_000_000));

    /** When health opens circuits. */
    public static final Setting<HealthSettings.Opens> HEALTH_OPENS = new Setting<>(
            "health-opens",
            "failing, critical or never",
            "failing",
            null,
            false,
            "When health opens the circuit of a critical agent: if its calls are failing by its own policy, as soon as it"
                    + " becomes critical, or never.",
            Parsers.choice(HealthSettings.Opens.class));

    /** Whether overrides need a reason. */
    public static final Setting<Boolean> REQUIRE_REASON = new Setting<>(
            "require-reason",
            "true or false",
            "false",
            null,
            false,
            "Whether an override without a reason is refused. Dashboard and command line ask for one in any case.",
            Parsers::yesOrNo);

    /** How logs are written. */
    public static final Setting<LogFormat> LOG_FORMAT = new Setting<>(
            "log-format",
            "text or json",
            "text",
            null,
            false,
            "How logs are written to standard error: a line for people, or a JSON object a line.",
            Parsers.choice(LogFormat.class));

    /** What is logged. */
    public static final Setting<LogLevel> LOG_LEVEL = new Setting<>(
            "log-level",
            "error, warn, info or debug",
            "info",
            null,
            false,
            "What is logged; debug has a line a request.",
            Parsers.choice(LogLevel.class));

    /** How many threads serve. */
    public static final Setting<Integer> EVENT_LOOPS = new Setting<>(
            "event-loops",
            "1 to 256",
            null,
            "one a processor",
            false,
            "How many threads serve requests.",
            Parsers.whole(1, 256));

    /** How many circuits an organization may have. */
    public static final Setting<Integer> MAX_CIRCUITS = new Setting<>(
            "max-circuits",
            "1 to 10000000",
            "100000",
            null,
            false,
            "How many circuits an organization may have, against made-up names.",
            Parsers.whole(1, 10_000_000));

    /** How long a stop waits for requests. */
    public static final Setting<Duration> SHUTDOWN_GRACE = new Setting<>(
            "shutdown-grace",
            "0s to 10m",
            "10s",
            null,
            false,
            "How long a stop waits for requests that are in flight.",
            Parsers.duration(Duration.ZERO, Duration.ofMinutes(10)));

    /** All of them. */
    public static final List<Setting<?>> ALL = SettingsOfLoops.behind(List.of(
            PORT,
            HOST,
            DATA_DIR,
            DATABASE_URL,
            DATABASE_USER,
            DATABASE_PASSWORD,
            REDIS_URL,
            REDIS_SLOW_AFTER,
            ADMIN_KEY,
            TLS_CERT,
            TLS_KEY,
            JWT_ISSUERS,
            REQUESTS_PER_SECOND,
            REQUEST_BURST,
            ORGANIZATION_REQUESTS_PER_SECOND,
            ORGANIZATION_REQUEST_BURST,
            FAILURES_PER_MINUTE,
            FAILURE_BURST,
            TRUSTED_PROXIES,
            SettingsOfFront.BASE_PATH,
            OUTBOUND_HOSTS,
            OUTBOUND_SECRETS,
            SettingsOfTraces.PROXIES,
            SettingsOfProxy.UPSTREAMS,
            SettingsOfProxy.REFUSAL_STATUS,
            SettingsOfProxy.MAX_CALLS,
            SettingsOfAlerts.PUBLIC_URL,
            MAX_CIRCUITS,
            REQUEST_TIMEOUT,
            SettingsOfFront.MAX_CONNECTIONS,
            SettingsOfFront.MAX_STRANGERS,
            DESCRIPTION_MEMORY,
            RETENTION_DAYS,
            LOG_RETENTION,
            LOG_QUOTA,
            HEALTH_OPENS,
            REQUIRE_REASON,
            LOG_FORMAT,
            LOG_LEVEL,
            EVENT_LOOPS,
            SHUTDOWN_GRACE));

    private Settings() {}
}
