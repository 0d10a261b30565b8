package org.tethral.account;

import java.net.URI;
import java.util.Set;

/// Somebody else who knows who people are. A person is sent there, and comes back with what we ask
/// the provider about. Its methods ask it, and may take some seconds.
public interface IdentityProvider {

    /// As people know it.
    String name();

    /// @param where the browser is to go
    record Departure(URI where, Memory memory) {}

    /// What has to be at hand when the browser comes back, and is nobody else's business.
    ///
    /// @param state shows that the answer is to what this browser asked
    /// @param nonce shows that the token was made for it
    /// @param verifier shows the provider that we are who sent it (RFC 7636)
    record Memory(String state, String nonce, String verifier) {}

    /// @param callback where the browser is to come back to
    /// @throws Away it does not answer
    Departure depart(URI callback);

    /// @param callback the same as at the departure
    /// @param back the whole address to which the browser came back
    /// @throws Away it does not answer
    Arrival arrive(URI callback, URI back, Memory memory);

    sealed interface Arrival {

        /// @param email which the provider has verified
        /// @param groups to which the provider says that the person belongs
        record Proven(EmailAddress email, Set<String> groups) implements Arrival {
            public Proven {
                groups = Set.copyOf(groups);
            }
        }

        /// @param reason for whoever looks after the server
        record Refused(String reason) implements Arrival {}
    }

    /// The provider does not answer, or not as it should.
    final class Away extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public Away(String reason, Throwable cause) {
            super(reason, cause);
        }
    }
}
