package org.tethral.delivery;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/// Which addresses are of the public Internet. Whoever can make a subscription must not reach by it
/// what only this machine can reach: other services of it, its network, the metadata of a cloud.
final class Addresses {

    /// Not globally reachable by the registries of IANA for special-purpose addresses (RFC 6890),
    /// and multicast.
    private static final List<Range> NOT_PUBLIC =
            List.of(
                    range("0.0.0.0", 8),
                    range("10.0.0.0", 8),
                    range("100.64.0.0", 10),
                    range("127.0.0.0", 8),
                    range("169.254.0.0", 16),
                    range("172.16.0.0", 12),
                    range("192.0.0.0", 24),
                    range("192.0.2.0", 24),
                    range("192.88.99.0", 24),
                    range("192.168.0.0", 16),
                    range("198.18.0.0", 15),
                    range("198.51.100.0", 24),
                    range("203.0.113.0", 24),
                    range("224.0.0.0", 3),
                    range("::", 96), // unspecified, loopback, and IPv4 in disguise
                    range("64:ff9b:1::", 48),
                    range("100::", 64),
                    range("2001::", 23),
                    range("2001:db8::", 32),
                    range("3fff::", 20),
                    range("5f00::", 16),
                    range("fc00::", 7),
                    range("fe80::", 9), // link-local, and what was site-local
                    range("ff00::", 8));

    /// IPv6 addresses that stand for an IPv4 address, and where in them it is.
    private static final Range NAT64 = range("64:ff9b::", 96);

    private static final Range SIX_TO_FOUR = range("2002::", 16);
    private static final int NAT64_OFFSET = 12;
    private static final int SIX_TO_FOUR_OFFSET = 2;

    private static final class Range {
        private final byte[] beginning;
        private final int bits;

        Range(byte[] beginning, int bits) {
            this.beginning = beginning;
            this.bits = bits;
        }

        boolean contains(byte[] address) {
            if (address.length != beginning.length) {
                return false;
            }
            for (int i = 0; i < bits; i++) {
                var mask = 0x80 >>> (i & 7);
                if ((address[i >>> 3] & mask) != (beginning[i >>> 3] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private Addresses() {}

    static boolean isPublic(InetAddress address) {
        var bytes = address.getAddress();
        return switch (address) {
            case Inet4Address _ -> isPublic(bytes);
            case Inet6Address _ when NAT64.contains(bytes) -> isPublic(within(bytes, NAT64_OFFSET));
            case Inet6Address _ when SIX_TO_FOUR.contains(bytes) ->
                    isPublic(within(bytes, SIX_TO_FOUR_OFFSET));
            case Inet6Address _ -> isPublic(bytes);
            default -> false;
        };
    }

    private static boolean isPublic(byte[] address) {
        return NOT_PUBLIC.stream().noneMatch(range -> range.contains(address));
    }

    private static byte[] within(byte[] address, int offset) {
        return Arrays.copyOfRange(address, offset, offset + 4);
    }

    private static Range range(String beginning, int bits) {
        try {
            return new Range(InetAddress.getByName(beginning).getAddress(), bits);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(beginning, e);
        }
    }
}
