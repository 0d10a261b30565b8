package org.tethral.account;

/// What one attacker can be expected to have: an IPv4 address, or a /64 of IPv6.
final class AddressBlock {

    private static final int GROUPS_OF_64_BITS = 4;

    private AddressBlock() {}

    /// @param address as numbers, without a zone; `::` is not shortened by the JDK
    static String of(String address) {
        if (!address.contains(":")) {
            return address;
        }
        var groups = address.split(":", -1);
        var block = new StringBuilder();
        for (int i = 0; i < Math.min(groups.length, GROUPS_OF_64_BITS); i++) {
            block.append(groups[i]).append(':');
        }
        return block.toString();
    }
}
