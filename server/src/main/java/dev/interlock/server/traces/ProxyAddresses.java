package dev.interlock.server.traces;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where agents reach proxies of this installation, which count calls themselves: the address that a request with traces was
 * sent to, and those that a setting names. Immutable.
 */
final class ProxyAddresses {
    private final Set<String> named = new HashSet<>();

    ProxyAddresses(List<String> hosts) {
        hosts.forEach(each -> named.add(plain(each)));
    }

    /**
     * Whether a call went to a proxy.
     *
     * @param host where it went, or empty
     * @param port its port; empty for its scheme's own
     * @param here the address under which the sender of the span reaches this server, or null
     */
    boolean has(String host, String port, @Nullable String here) {
        if (host.isEmpty()) {
            return false;
        }
        String address = plain(port.isEmpty() ? host : host + ":" + port);
        return here != null && plain(here).equals(address)
                || named.contains(address)
                || named.contains(host.toLowerCase(Locale.ROOT));
    }

    /** In lower case, without the port that a scheme has anyway. */
    private static String plain(String address) {
        String lower = address.strip().toLowerCase(Locale.ROOT);
        for (String port : new String[] {":443", ":80"}) {
            if (lower.endsWith(port)) {
                return lower.substring(0, lower.length() - port.length());
            }
        }
        return lower;
    }
}
