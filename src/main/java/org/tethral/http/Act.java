package org.tethral.http;

import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Document;

/// What an operation changed, for the audit log; the contract names the operation's action.
///
/// @param object its id
/// @param community whose it is; null: of none, and the act is kept in that of who did it
/// @param before null: it was not there
/// @param after null: it is not there any more
record Act(
        String object,
        @Nullable CommunityId community,
        @Nullable Document before,
        @Nullable Document after) {

    static Act added(Object object, @Nullable CommunityId community, Document after) {
        return new Act(object.toString(), community, null, after);
    }

    static Act changed(
            Object object, @Nullable CommunityId community, Document before, Document after) {
        return new Act(object.toString(), community, before, after);
    }

    static Act removed(Object object, @Nullable CommunityId community, Document before) {
        return new Act(object.toString(), community, before, null);
    }
}
