package dev.interlock.server.http;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * How many connections each address has, and which of them have not yet brought a credential that is good. Beyond the
 * limit of an address further ones are closed at once; beyond that of strangers the oldest of them, so that nobody who
 * knows nothing can keep out somebody who does. Safe for use by any thread.
 */
final class Connections {
    private final int most;
    private final int mostStrangers;
    private final Map<String, OfOneAddress> addresses = new HashMap<>();

    /**
     * Counts from nothing.
     *
     * @param most how many connections an address may have
     * @param mostStrangers how many of them may be without a good credential
     */
    Connections(int most, int mostStrangers) {
        this.most = most;
        this.mostStrangers = mostStrangers;
    }

    /** Takes a connection in; false if its address has too many, and it is to be closed. */
    boolean add(Wire wire) {
        Wire oldest = null;
        synchronized (addresses) {
            OfOneAddress all = addresses.computeIfAbsent(net(wire.address()), first -> new OfOneAddress());
            if (all.count >= most) {
                return false;
            }
            all.count++;
            all.strangers.add(wire);
            if (all.strangers.size() > mostStrangers) {
                Iterator<Wire> oldestFirst = all.strangers.iterator();
                oldest = oldestFirst.next();
                oldestFirst.remove();
            }
        }
        if (oldest != null) {
            oldest.close();
        }
        return true;
    }

    /** The connection has brought a good credential. */
    void known(Wire wire) {
        synchronized (addresses) {
            OfOneAddress all = addresses.get(net(wire.address()));
            if (all != null) {
                all.strangers.remove(wire);
            }
        }
    }

    /** A connection that was taken in is gone. */
    void remove(Wire wire) {
        synchronized (addresses) {
            addresses.computeIfPresent(net(wire.address()), (address, all) -> {
                all.strangers.remove(wire);
                all.count--;
                return all.count == 0 ? null : all;
            });
        }
    }

    /** How many addresses have a connection. */
    int addresses() {
        synchronized (addresses) {
            return addresses.size();
        }
    }

    /** Who has one address of version 6 has a whole network of them: the first 64 bits. */
    static String net(String address) {
        int colons = 0;
        for (int i = 0; i < address.length(); i++) {
            if (address.charAt(i) == ':' && ++colons == 4) {
                return address.substring(0, i);
            }
        }
        return address;
    }

    private static final class OfOneAddress {
        private final Set<Wire> strangers = new LinkedHashSet<>();
        private int count;
    }
}
