package org.tethral.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.AuditEntry;
import org.tethral.device.Credential;
import org.tethral.device.CredentialStore;
import org.tethral.device.Device;
import org.tethral.device.DeviceFilter;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.DeviceStore.History;
import org.tethral.device.Protocol;
import org.tethral.device.Status;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;
import org.tethral.kernel.Secret;

/// The registry in the database itself, for as long as no server runs on it.
final class LocalRegistry implements Registry {

    private static final Actor ACTOR = LocalAudit.ACTOR;

    private final Programs.Stores stores;
    private final Terminal terminal;
    private final LocalAudit audit;

    LocalRegistry(Programs.Stores stores, Terminal terminal) {
        this.stores = stores;
        this.terminal = terminal;
        this.audit = new LocalAudit(stores.audit(), terminal);
    }

    @Override
    public Secret add(Document row, @Nullable Secret token) {
        var now = now();
        var device = parse(row, now);
        var secret =
                token == null ? Secret.generate(Credential.TOKEN_PREFIX, terminal.random()) : token;
        var credential = Credential.token(id(), device.deviceId(), secret, now);
        return switch (stores.devices().add(device, credential, ACTOR)) {
            case DeviceStore.Addition.Added(var added) -> {
                audit.add(List.of(registered(added)));
                yield secret;
            }
            case DeviceStore.Addition.IdTaken(var id) ->
                    throw Failure.failed("there is a device " + id + " already");
            case DeviceStore.Addition.IdentityTaken _ ->
                    throw Failure.failed("that token serves another device");
        };
    }

    @Override
    public List<Optional<String>> addAll(List<Document> rows) {
        var now = now();
        var reasons = new ArrayList<Optional<String>>();
        var accepted = new LinkedHashMap<Integer, Device>();
        for (int i = 0; i < rows.size(); i++) {
            reasons.add(Optional.empty());
            try {
                accepted.put(i, parse(rows.get(i), now));
            } catch (Failure e) {
                reasons.set(i, Optional.of(String.valueOf(e.getMessage())));
            }
        }
        var added = new ArrayList<AuditEntry>();
        var additions = stores.devices().addAll(List.copyOf(accepted.values()), ACTOR).iterator();
        for (var entry : accepted.entrySet()) {
            var index = entry.getKey();
            switch (additions.next()) {
                case DeviceStore.Addition.Added(var device) -> {
                    added.add(registered(device));
                    reasons.set(index, addToken(device.deviceId(), rows.get(index), now));
                }
                case DeviceStore.Addition.IdTaken(var id) ->
                        reasons.set(index, Optional.of("there is a device " + id + " already"));
                case DeviceStore.Addition.IdentityTaken _ ->
                        reasons.set(index, Optional.of("its token serves another device"));
            }
        }
        audit.add(added);
        return reasons;
    }

    private AuditEntry registered(Device device) {
        return audit.entry(
                "device.add",
                device.deviceId().value(),
                device.about().community(),
                null,
                DeviceRow.of(device));
    }

    private Optional<String> addToken(DeviceId device, Document row, Instant now) {
        var token = row.text("token").filter(text -> !text.isEmpty());
        if (token.isEmpty()) {
            return Optional.empty();
        }
        return switch (stores.credentials()
                .add(Credential.token(id(), device, new Secret(token.get()), now))) {
            case CredentialStore.Addition.Added _ -> Optional.empty();
            case CredentialStore.Addition.IdentityTaken _ ->
                    Optional.of(
                            device + " was added without its token, which serves another device");
            case CredentialStore.Addition.UnknownDevice _ ->
                    Optional.of(device + " was removed meanwhile");
        };
    }

    @Override
    public Optional<Document> find(DeviceId id) {
        return stores.devices().find(id).map(DeviceRow::of);
    }

    @Override
    public void list(Wanted wanted, long limit, Consumer<Document> consumer) {
        var filter = filter(wanted);
        var left = limit;
        String cursor = null;
        while (left > 0) {
            var request = new Page.Request((int) Math.min(left, Page.Request.LIMIT_MAX), cursor);
            var page = stores.devices().list(filter, request);
            page.items().forEach(device -> consumer.accept(DeviceRow.of(device)));
            left -= page.items().size();
            cursor = page.nextCursor();
            if (cursor == null) {
                return;
            }
        }
    }

    private static DeviceFilter filter(Wanted wanted) {
        try {
            return new DeviceFilter(
                    null,
                    wanted.status() == null ? null : Status.parse(wanted.status()),
                    wanted.protocol() == null ? null : Protocol.parse(wanted.protocol()),
                    null,
                    null,
                    null,
                    wanted.type(),
                    null,
                    null,
                    null,
                    null,
                    wanted.search());
        } catch (IllegalArgumentException e) {
            throw Failure.misused(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public boolean remove(DeviceId id, History history) {
        var before = stores.devices().find(id);
        var removed = stores.devices().remove(id, history, ACTOR, now());
        if (removed && before.isPresent()) {
            audit.add(
                    "device.remove",
                    id.value(),
                    before.get().about().community(),
                    DeviceRow.of(before.get()),
                    null);
        }
        return removed;
    }

    private Device parse(Document row, Instant now) {
        try {
            return DeviceRow.parse(row, id(), now);
        } catch (IllegalArgumentException e) {
            throw Failure.misused(String.valueOf(e.getMessage()));
        }
    }

    private UUID id() {
        return new UUID(terminal.random().nextLong(), terminal.random().nextLong());
    }

    private Instant now() {
        return Micros.truncated(terminal.clock().instant());
    }

    @Override
    public void close() {
        stores.close();
    }
}
