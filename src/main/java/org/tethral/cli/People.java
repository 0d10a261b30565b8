package org.tethral.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.EmailAddress;
import org.tethral.account.Role;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;

/// Users, wherever they are kept. Each act throws [Failure] where it cannot be done.
interface People extends AutoCloseable {

    /// @param community null: the first one, or none for a superadmin
    /// @return the new user's password
    Secret add(EmailAddress email, Role role, @Nullable CommunityId community);

    List<Document> list();

    void deactivate(EmailAddress email);

    Secret newPassword(EmailAddress email);

    static Failure unknown(EmailAddress email) {
        return Failure.failed("there is no user " + email);
    }

    @Override
    void close();
}
