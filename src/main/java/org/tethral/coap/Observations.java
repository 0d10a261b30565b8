package org.tethral.coap;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MessageObserver;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.observe.ObserveManager;
import org.eclipse.californium.core.observe.ObserveNotificationOrderer;
import org.eclipse.californium.core.observe.ObserveRelation;
import org.eclipse.californium.core.server.resources.ObservableResource;
import org.eclipse.californium.elements.config.Configuration;
import org.jspecify.annotations.Nullable;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Fact;

/// Who observes what (RFC 7641). Of a resource that changed twice while a notification was under
/// way, the last state is sent; every notification asks for an acknowledgement, which is a sign of
/// life.
final class Observations {

    /// Of all devices together.
    static final int OBSERVATIONS_MAX = 20_000;

    /// Of one device. The oldest gives way: a device that lost its memory comes with a new token,
    /// and the old observation ends only when a notification is not acknowledged.
    static final int OBSERVATIONS_PER_DEVICE_MAX = 4;

    /// An observation that was neither renewed nor acknowledged for so long is given up.
    static final Duration UNHEARD_MAX = Duration.ofHours(24);

    private static final Duration SWEEP_EVERY = Duration.ofMinutes(10);

    /// What is observed.
    @FunctionalInterface
    interface Subject {

        /// What a change looks like to this observer; null: it does not concern it.
        @Nullable Response changed(Fact.DesiredChanged change);

        /// The first answer is on its way. On the exchange's own thread.
        default void begun(Observation observation) {}

        /// It was begun, and is over.
        default void ended() {}
    }

    private final Map<DeviceId, List<Observation>> all = new ConcurrentHashMap<>();
    private final ObserveManager manager;
    private final ScheduledExecutorService stage;
    private final Consumer<ConnectingDevice> alive;
    private final Meters meters;

    /// @param alive told when a device acknowledged a notification
    Observations(
            Configuration configuration,
            ScheduledExecutorService stage,
            Consumer<ConnectingDevice> alive,
            Meters meters) {
        this.manager = new ObserveManager(configuration);
        this.stage = stage;
        this.alive = alive;
        this.meters = meters;
        meters.observations(manager::getNumberOfObserverRelations);
    }

    void start() {
        stage.scheduleWithFixedDelay(
                () -> sweep(System.nanoTime()),
                SWEEP_EVERY.toSeconds(),
                SWEEP_EVERY.toSeconds(),
                TimeUnit.SECONDS);
    }

    void sweep(long now) {
        for (var observations : all.values()) {
            for (var observation : observations) {
                if (now - observation.heardNanos > UNHEARD_MAX.toNanos()) {
                    observation.end();
                }
            }
        }
    }

    /// Begins or ends an observation, if the request wants that; to be called on the exchange's own
    /// thread, before it is answered. What changes from now on is notified, after the answer. True:
    /// one begins, if the answer is a success.
    boolean consider(Call call, ConnectingDevice device, Subject subject) {
        var exchange = call.exchange();
        if (call.request().isObserveCancel()) {
            manager.cancelObserveRelation(exchange);
        } else if (call.request().isObserve() && exchange.getRelation() == null) {
            call.request().setProtectFromOffload(); // it is read again at each notification
            var observation = new Observation(call, device, subject);
            manager.addObserveRelation(exchange, observation);
            var relation = exchange.getRelation();
            if (relation != null) { // else there are too many: it is a GET and no more
                observation.relation = relation;
                add(observation);
                return true;
            }
        }
        return false;
    }

    private void add(Observation observation) {
        all.compute(
                observation.device.id(),
                (_, before) -> {
                    var others =
                            before == null
                                    ? List.<Observation>of()
                                    : before.stream().filter(Observation::isAlive).toList();
                    var surplus = others.size() + 1 - OBSERVATIONS_PER_DEVICE_MAX;
                    others.stream().limit(Math.max(surplus, 0)).forEach(Observation::end);
                    return Stream.concat(
                                    others.stream().skip(Math.max(surplus, 0)),
                                    Stream.of(observation))
                            .toList();
                });
    }

    private void remove(Observation observation) {
        all.computeIfPresent(
                observation.device.id(),
                (_, before) -> {
                    var left = before.stream().filter(other -> other != observation).toList();
                    return left.isEmpty() ? null : left;
                });
    }

    /// On a lane's thread.
    void committed(List<Fact> facts) {
        if (all.isEmpty()) {
            return;
        }
        for (var fact : facts) {
            if (fact instanceof Fact.DesiredChanged change) {
                of(change.device()).forEach(observation -> observation.changed(change));
            }
        }
    }

    /// Ends the device's observations, and says why.
    void evict(DeviceId device, String reason) {
        of(device).forEach(observation -> observation.evict(reason));
    }

    private List<Observation> of(DeviceId device) {
        return all.getOrDefault(device, List.of());
    }

    /// One device's observation of one resource.
    final class Observation implements ObservableResource {

        private final Call call;
        private final ConnectingDevice device;
        private final Subject subject;
        private final AtomicBoolean ended = new AtomicBoolean();
        private final ObserveNotificationOrderer order = new ObserveNotificationOrderer();
        private volatile @Nullable ObserveRelation relation;
        private volatile long heardNanos = System.nanoTime();
        private @Nullable Response early; // these two: on the exchange's own thread only
        private boolean established;

        private Observation(Call call, ConnectingDevice device, Subject subject) {
            this.call = call;
            this.device = device;
            this.subject = subject;
        }

        boolean isAlive() {
            var known = relation;
            return known != null && !known.isCanceled();
        }

        /// The exchange keeps the order: before its first answer, this waits behind it.
        void changed(Fact.DesiredChanged change) {
            var response = subject.changed(change);
            if (response != null) {
                call.exchange().execute(() -> send(response));
            }
        }

        /// Sends the notification, of which the observer is told what becomes of it. On any thread.
        ///
        /// @param unsent done instead, when the observation is over
        void tell(Response response, MessageObserver observer, Runnable unsent) {
            call.exchange()
                    .execute(() -> {
                        if (isAlive()) {
                            response.addMessageObserver(observer);
                            send(response);
                        } else {
                            unsent.run();
                        }
                    });
        }

        private void send(Response response) {
            if (!isAlive()) {
                remove(this);
                return;
            }
            if (!established) {
                early = response; // it changed while the first answer was made: it follows that
                return;
            }
            response.setType(CoAP.Type.CON);
            response.getOptions().setObserve(order.getNextObserveNumber());
            response.addMessageObserver(
                    new MessageObserverAdapter() {
                        @Override
                        public void onAcknowledgement() {
                            heardNanos = System.nanoTime();
                            alive.accept(device);
                        }
                    });
            meters.notification();
            call.exchange().sendResponse(response);
        }

        /// A response without success ends an observation (RFC 7641, 4.2).
        void evict(String reason) {
            call.exchange()
                    .execute(() -> {
                        if (isAlive()) {
                            var response = new Response(ResponseCode.UNAUTHORIZED);
                            response.setPayload(reason);
                            response.setType(CoAP.Type.CON);
                            call.exchange().sendResponse(response);
                        }
                        remove(this);
                    });
        }

        void end() {
            var known = relation;
            if (known != null) {
                call.exchange().execute(known::cancel);
            }
        }

        @Override
        public String getURI() {
            return call.request().getOptions().getUriPathString();
        }

        @Override
        public CoAP.Type getObserveType() {
            return CoAP.Type.CON;
        }

        @Override
        public int getNotificationSequenceNumber() {
            return order.getCurrent();
        }

        @Override
        public boolean isObservable() {
            return true;
        }

        /// The first answer is on its way, and not sent yet.
        @Override
        public void addObserveRelation(ObserveRelation added) {
            established = true;
            subject.begun(this);
            var waiting = early;
            if (waiting != null) {
                early = null;
                stage.execute(() -> call.exchange().execute(() -> send(waiting)));
            }
        }

        @Override
        public void removeObserveRelation(ObserveRelation removed) {
            remove(this);
            if (ended.compareAndSet(false, true)) {
                subject.ended();
            }
        }

        @Override
        public int getObserverCount() {
            return isAlive() ? 1 : 0;
        }
    }
}
