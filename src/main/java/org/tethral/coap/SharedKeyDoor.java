package org.tethral.coap;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import javax.crypto.SecretKey;
import org.eclipse.californium.elements.auth.AdditionalInfo;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.HandshakeResultHandler;
import org.eclipse.californium.scandium.dtls.PskPublicInformation;
import org.eclipse.californium.scandium.dtls.PskSecretResult;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedPskStore;
import org.eclipse.californium.scandium.util.SecretUtil;
import org.eclipse.californium.scandium.util.ServerNames;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.Protocol;
import org.tethral.device.Rejections;
import org.tethral.device.SharedKeys;

/// Looks up shared keys for handshakes, off the threads of DTLS.
final class SharedKeyDoor implements AdvancedPskStore {

    /// Handshakes that ask the database at the same time; the others fail, and are tried again.
    static final int LOOK_UPS_MAX = 256;

    private static final Logger LOG = LoggerFactory.getLogger(SharedKeyDoor.class);

    private final SharedKeys keys;
    private final Rejections rejections;
    private final ExecutorService blocking;
    private final Semaphore lookUps = new Semaphore(LOOK_UPS_MAX);
    private volatile @Nullable HandshakeResultHandler handler;

    SharedKeyDoor(SharedKeys keys, Rejections rejections, ExecutorService blocking) {
        this.keys = keys;
        this.rejections = rejections;
        this.blocking = blocking;
    }

    @Override
    public boolean hasEcdhePskSupported() {
        return true;
    }

    /// Null: the answer comes by the handler.
    @Override
    public @Nullable PskSecretResult requestPskSecretResult(
            ConnectionId connection,
            @Nullable ServerNames serverName,
            PskPublicInformation identity,
            String hmacAlgorithm,
            @Nullable SecretKey otherSecret,
            byte[] seed,
            boolean useExtendedMasterSecret) {
        if (!lookUps.tryAcquire()) {
            return new PskSecretResult(connection, identity, null);
        }
        blocking.execute(() -> {
            try {
                answer(look(connection, identity));
            } finally {
                lookUps.release();
            }
        });
        return null;
    }

    private PskSecretResult look(ConnectionId connection, PskPublicInformation shown) {
        var identity = shown.getPublicInfoAsString();
        try {
            var key = keys.find(identity);
            if (key.isPresent()) {
                shown.normalize(identity);
                return new PskSecretResult(
                        connection,
                        shown,
                        SecretUtil.create(key.get().bytes(), PskSecretResult.ALGORITHM_PSK),
                        AdditionalInfo.from(Map.of(Door.CREDENTIAL, key.get().credential())));
            }
            rejections.rejected(
                    identity, Protocol.COAP, null, "no shared key is known for this identity");
        } catch (RuntimeException e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log("shared key not looked up");
        }
        return new PskSecretResult(connection, shown, null);
    }

    private void answer(PskSecretResult result) {
        var known = handler;
        if (known != null) {
            known.apply(result);
        }
    }

    /// Only clients are asked.
    @Override
    public @Nullable PskPublicInformation getIdentity(
            InetSocketAddress peer, @Nullable ServerNames virtualHost) {
        return null;
    }

    @Override
    public void setResultHandler(HandshakeResultHandler resultHandler) {
        handler = resultHandler;
    }
}
