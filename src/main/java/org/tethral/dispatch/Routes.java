package org.tethral.dispatch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.command.Dispatch;
import org.tethral.command.Downlink;
import org.tethral.command.Instruction;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;

/// Which devices this node reaches, by which way, what is in flight to each, and at which one
/// somebody has to look because more may be waiting in the database. All that the dispatcher holds
/// in memory, and all of it can be lost.
final class Routes {

    /// Of all devices together; what is above it waits in the database.
    static final int IN_FLIGHT_MAX = 65_536;

    /// What is to be sent to a device now.
    record Shipment(Ticket ticket, Downlink by, Instruction instruction) {}

    /// A device to look at.
    ///
    /// @param returned it has become reachable since the last look
    record Look(DeviceId device, int room, boolean returned) {}

    private static final class Route {
        /// Newest last.
        private final List<Downlink> ways = new ArrayList<>(1);

        private Map<CommandId, Ticket> inFlight = Map.of();

        /// More may wait in the database.
        private boolean more;

        private boolean returned;

        private Downlink way() {
            return ways.getLast();
        }

        private int room() {
            return Math.min(way().capacity(), Downlink.IN_FLIGHT_MAX) - inFlight.size();
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition lookedFor = lock.newCondition();
    private final Map<DeviceId, Route> routes = new HashMap<>();
    private final LinkedHashMap<DeviceId, Route> looks = new LinkedHashMap<>();
    private int inFlight;

    /// Whoever looks waits for the next device.
    private boolean waiting;

    void add(DeviceId device, Downlink way) {
        lock.lock();
        try {
            var route = routes.computeIfAbsent(device, _ -> new Route());
            route.ways.remove(way);
            route.ways.add(way);
            route.returned = true;
            look(device, route);
        } finally {
            lock.unlock();
        }
    }

    /// What was sent that way and not acknowledged: given back here, and to be told lost.
    List<Ticket> remove(DeviceId device, Downlink way) {
        lock.lock();
        try {
            var route = routes.get(device);
            if (route == null || !route.ways.remove(way)) {
                return List.of();
            }
            var lost =
                    route.inFlight.values().stream()
                            .filter(ticket -> ticket.isSentBy(way) && !ticket.isDelivered())
                            .toList();
            lost.forEach(ticket -> giveBack(device, route, ticket.command()));
            if (route.ways.isEmpty()) {
                routes.remove(device);
                looks.remove(device);
                inFlight -= route.inFlight.size();
            }
            return lost;
        } finally {
            lock.unlock();
        }
    }

    boolean reaches(DeviceId device) {
        lock.lock();
        try {
            return routes.containsKey(device);
        } finally {
            lock.unlock();
        }
    }

    int devices() {
        lock.lock();
        try {
            return routes.size();
        } finally {
            lock.unlock();
        }
    }

    boolean nobodyToLookAt() {
        lock.lock();
        try {
            return looks.isEmpty() && waiting;
        } finally {
            lock.unlock();
        }
    }

    int inFlight() {
        lock.lock();
        try {
            return inFlight;
        } finally {
            lock.unlock();
        }
    }

    /// Takes a place for a new command, if the device is reached, nothing waits before it, and
    /// there is room.
    boolean reserve(Ticket ticket) {
        lock.lock();
        try {
            var device = ticket.key().device();
            var route = routes.get(device);
            if (route == null || route.more || route.returned || !hasRoom(route)) {
                return false;
            }
            take(route, ticket);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Takes a place for a command out of the database; false: it is in flight already, the device
    /// is gone, or there is no room any more.
    boolean take(Ticket ticket) {
        lock.lock();
        try {
            var route = routes.get(ticket.key().device());
            if (route == null || route.inFlight.containsKey(ticket.command())) {
                return false;
            }
            if (!hasRoom(route)) {
                route.more = true;
                return false;
            }
            take(route, ticket);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom(Route route) {
        return route.room() > 0 && inFlight < IN_FLIGHT_MAX;
    }

    private void take(Route route, Ticket ticket) {
        if (route.inFlight.isEmpty()) {
            route.inFlight = new HashMap<>(2);
        }
        route.inFlight.put(ticket.command(), ticket);
        inFlight++;
    }

    /// The claim of that dispatch is durable: by which way it goes. Null: the device is gone
    /// meanwhile, or nobody here took a place for it.
    @Nullable Shipment ship(Dispatch.Key key, int attempt) {
        lock.lock();
        try {
            var route = routes.get(key.device());
            var ticket = route == null ? null : route.inFlight.get(key.command());
            if (route == null || ticket == null) {
                return null;
            }
            var instruction = ticket.send(route.way(), attempt);
            return instruction == null ? null : new Shipment(ticket, route.way(), instruction);
        } finally {
            lock.unlock();
        }
    }

    /// Null: it is not in flight here.
    @Nullable Protocol sentBy(Dispatch.Key key) {
        lock.lock();
        try {
            var route = routes.get(key.device());
            var ticket = route == null ? null : route.inFlight.get(key.command());
            return ticket == null ? null : ticket.protocol();
        } finally {
            lock.unlock();
        }
    }

    /// The device has it: it is not lost with the way any more. False: that attempt is not in
    /// flight here.
    boolean delivered(Dispatch.Key key, int attempt) {
        lock.lock();
        try {
            var route = routes.get(key.device());
            var ticket = route == null ? null : route.inFlight.get(key.command());
            if (ticket == null || ticket.attempt() != attempt) {
                return false;
            }
            ticket.delivered();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// It has ended, waits again, or was not claimed: there is room for another one. That it waits
    /// again may be told later than it was claimed once more: then it keeps its place.
    void giveBack(Dispatch moved) {
        lock.lock();
        try {
            var route = routes.get(moved.device());
            var ticket = route == null ? null : route.inFlight.get(moved.command());
            if (route != null && ticket != null && !ticket.isAfter(moved.revision())) {
                giveBack(moved.device(), route, moved.command());
            }
        } finally {
            lock.unlock();
        }
    }

    /// Its claim came to nothing.
    void drop(Ticket ticket) {
        lock.lock();
        try {
            var device = ticket.key().device();
            var route = routes.get(device);
            if (route != null
                    && ticket.equals(route.inFlight.get(ticket.command()))
                    && !ticket.isSent()) {
                giveBack(device, route, ticket.command());
            }
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(DeviceId device, Route route, CommandId command) {
        if (!route.inFlight.containsKey(command)) {
            return;
        }
        route.inFlight.remove(command);
        inFlight--;
        lookedFor.signal();
        if (route.inFlight.isEmpty()) {
            route.inFlight = Map.of();
        }
        if (route.more) {
            look(device, route);
        }
    }

    /// Something waits for the device; false: it is not reached from here.
    boolean look(DeviceId device) {
        lock.lock();
        try {
            var route = routes.get(device);
            if (route != null) {
                route.more = true;
                look(device, route);
            }
            return route != null;
        } finally {
            lock.unlock();
        }
    }

    private void look(DeviceId device, Route route) {
        looks.putIfAbsent(device, route);
        lookedFor.signal();
    }

    /// Waits until there is a device with room to look at. What a look does not find any more is no
    /// longer expected; see [#moreWaits].
    List<Look> awaitLooks(int max) throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                var taken = new ArrayList<Look>();
                var each = looks.entrySet().iterator();
                while (each.hasNext() && taken.size() < max && inFlight < IN_FLIGHT_MAX) {
                    var entry = each.next();
                    var route = entry.getValue();
                    each.remove();
                    if (route.room() > 0) {
                        taken.add(new Look(entry.getKey(), route.room(), route.returned));
                        route.more = false;
                        route.returned = false;
                    } else {
                        route.more = true; // looked at again when there is room
                    }
                }
                if (!taken.isEmpty()) {
                    return taken;
                }
                waiting = true;
                lookedFor.await();
                waiting = false;
            }
        } finally {
            lock.unlock();
        }
    }

    /// A look was cut short, or found as much as it could take.
    void moreWaits(Look look, boolean lookNow) {
        lock.lock();
        try {
            var route = routes.get(look.device());
            if (route == null) {
                return;
            }
            route.more = true;
            if (lookNow) {
                route.returned |= look.returned();
                look(look.device(), route);
            }
        } finally {
            lock.unlock();
        }
    }
}
