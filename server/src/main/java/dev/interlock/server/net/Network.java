package dev.interlock.server.net;

import io.netty.util.NetUtil;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A network: all addresses that begin with some bits; or one address, with all of its bits. Immutable. */
public final class Network {
    private static final int LONGEST = 64;
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    private final byte[] prefix;
    private final int bits;

    private Network(byte[] prefix, int bits) {
        this.prefix = prefix;
        this.bits = bits;
    }

    /**
     * Reads an address or a network. Asks no name server.
     *
     * @param text such as {@code 10.0.0.7}, {@code 10.1.0.0/16} or {@code fd00::/8}
     * @return the network, or null if the text is none
     */
    public static @Nullable Network of(String text) {
        int slash = text.indexOf('/');
        byte[] prefix = address(slash < 0 ? text : text.substring(0, slash));
        if (prefix == null) {
            return null;
        }
        int most = prefix.length * Byte.SIZE;
        if (slash < 0) {
            return new Network(prefix, most);
        }
        try {
            int bits = Integer.parseInt(text.substring(slash + 1));
            return bits < 0 || bits > most ? null : new Network(prefix, bits);
        } catch (NumberFormatException noNumber) {
            return null;
        }
    }

    /**
     * An address of its text. Asks no name server.
     *
     * @param text such as {@code 10.0.0.7} or {@code fd00::1}
     * @return four bytes or sixteen, IPv4 within IPv6 as IPv4; null if the text is no address
     */
    public static byte @Nullable [] address(String text) {
        byte[] bytes =
                text.isEmpty() || text.length() > LONGEST ? null : NetUtil.createByteArrayFromIpAddressString(text);
        return bytes == null ? null : plain(bytes);
    }

    /**
     * An address as what it is: {@code ::ffff:10.0.0.7} is 10.0.0.7.
     *
     * @param address four bytes or sixteen
     * @return the same, or the four bytes of an IPv4 address within IPv6
     */
    public static byte[] plain(byte[] address) {
        return address.length == IPV6_BYTES && isMapped(address)
                ? Arrays.copyOfRange(address, IPV6_BYTES - IPV4_BYTES, IPV6_BYTES)
                : address;
    }

    /**
     * Whether an address belongs to it.
     *
     * @param address four bytes or sixteen
     * @return whether it begins with the network's bits
     */
    public boolean holds(byte[] address) {
        if (address.length != prefix.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit % Byte.SIZE);
            if ((address[bit / Byte.SIZE] & mask) != (prefix[bit / Byte.SIZE] & mask)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isMapped(byte[] bytes) {
        for (int i = 0; i < 10; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return bytes[10] == -1 && bytes[11] == -1;
    }
}
