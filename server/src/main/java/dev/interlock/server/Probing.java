package dev.interlock.server;

import dev.interlock.server.config.Config;
import dev.interlock.server.config.Settings;
import dev.interlock.server.outbound.OutboundClient;
import dev.interlock.server.outbound.OutboundHosts;
import dev.interlock.server.outbound.OutboundSecrets;
import dev.interlock.server.probes.HttpProbes;
import io.vertx.core.Vertx;
import java.util.Objects;

/**
 * What carries out the probes of policies.
 *
 * @param hosts where requests may go
 * @param secrets what requests may bear
 * @param client makes them
 * @param probes ask them
 */
record Probing(OutboundHosts hosts, OutboundSecrets secrets, OutboundClient client, HttpProbes probes)
        implements AutoCloseable {
    static Probing open(Config config, Vertx vertx) {
        OutboundHosts hosts = Objects.requireNonNullElse(config.find(Settings.OUTBOUND_HOSTS), OutboundHosts.none());
        OutboundSecrets secrets = new OutboundSecrets(config.get(Settings.OUTBOUND_SECRETS), System::getenv);
        OutboundClient client = new OutboundClient(vertx, hosts);
        return new Probing(hosts, secrets, client, new HttpProbes(hosts, secrets, client));
    }

    @Override
    public void close() {
        client.close();
        secrets.close();
    }
}
