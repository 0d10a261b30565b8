package org.tethral.account;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Whose things are: asked before somebody of a single community gets at one of them.
public interface Ownership {

    /// Things that have a name of their own in the API.
    enum Kind {
        DEVICE("device"),
        PROFILE("profile"),
        CREDENTIAL("credential"),
        COMMAND("command"),
        SUBSCRIPTION("subscription"),
        CHANNEL("channel"),
        ALERT("alert"),
        ALERT_RULE("alert rule"),
        SPACE("space"),
        LOCATION("location"),
        RESERVATION("reservation"),
        ACTUATION("actuation"),
        EVENT("event"),
        API_KEY("API key"),
        COMMUNITY("community"),
        DISTRIBUTOR("distributor"),
        CUSTOMER("customer"),
        USER("user");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /// As people are told of it.
        public String words() {
            return words;
        }
    }

    /// @param community null: of no single one, the platform's
    record Owner(@Nullable CommunityId community) {}

    /// Empty: there is no such thing.
    ///
    /// @param id as the API names it
    Optional<Owner> find(Kind kind, String id);
}
