package dev.interlock.server.security;

import dev.interlock.server.net.Network;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * The proxies whose {@code X-Forwarded-For} and {@code X-Forwarded-Prefix} are believed. Anybody can write these headers,
 * so of an unknown peer they are not looked at. Immutable.
 */
public final class TrustedProxies {
    private static final TrustedProxies NONE = new TrustedProxies(List.of());
    private static final int MOST = 64;
    private static final int MOST_HOPS = 32;

    private final List<Network> networks;

    private TrustedProxies(List<Network> networks) {
        this.networks = networks;
    }

    /** No proxy is believed: a caller's address is that of its connection. */
    public static TrustedProxies none() {
        return NONE;
    }

    /**
     * Reads a list.
     *
     * @param text addresses and networks, such as {@code 10.0.0.7, 10.1.0.0/16, fd00::/8}, at most 64; no names
     * @return the proxies
     * @throws IllegalArgumentException if one is none; the message says what would be right
     */
    public static TrustedProxies of(String text) {
        List<Network> networks = new ArrayList<>();
        for (String each : text.split(",", -1)) {
            Network network = Network.of(each.strip());
            if (network == null || networks.size() == MOST) {
                throw new IllegalArgumentException(
                        "up to " + MOST + " addresses or networks, such as 10.0.0.7, 10.1.0.0/16");
            }
            networks.add(network);
        }
        return new TrustedProxies(List.copyOf(networks));
    }

    /**
     * Whose failures a request's are: the peer's address or, if that is a trusted proxy's, the last one in {@code
     * X-Forwarded-For} that is not.
     *
     * @param request a request
     * @return an address
     */
    public String client(HttpServerRequest request) {
        String peer = String.valueOf(request.remoteAddress().hostAddress());
        return networks.isEmpty() ? peer : client(peer, request.headers().getAll("X-Forwarded-For"));
    }

    /**
     * Whether a request came by a trusted proxy, so that what it says of the way there is believed.
     *
     * @param request a request
     * @return false if no proxy is trusted
     */
    public boolean sent(HttpServerRequest request) {
        if (networks.isEmpty()) {
            return false;
        }
        byte[] peer = Network.address(String.valueOf(request.remoteAddress().hostAddress()));
        return peer != null && trusts(peer);
    }

    String client(String peer, List<String> forwarded) {
        byte[] address = Network.address(peer);
        if (address == null || !trusts(address)) {
            return peer;
        }
        String[] hops = String.join(",", forwarded).split(",", -1);
        for (int i = hops.length - 1; i >= Math.max(0, hops.length - MOST_HOPS); i--) {
            byte[] hop = Network.address(withoutPort(hops[i].strip()));
            if (hop == null) {
                break; // addresses before something that is no address were written by somebody unknown
            }
            address = hop;
            if (!trusts(hop)) {
                break;
            }
        }
        return NetUtil.bytesToIpAddress(address);
    }

    private boolean trusts(byte[] address) {
        for (Network network : networks) {
            if (network.holds(address)) {
                return true;
            }
        }
        return false;
    }

    private static String withoutPort(String hop) {
        int bracket = hop.indexOf(']');
        if (hop.startsWith("[") && bracket > 0) {
            return hop.substring(1, bracket);
        }
        int colon = hop.indexOf(':');
        return colon > 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
    }
}
