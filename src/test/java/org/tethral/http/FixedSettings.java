package org.tethral.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tethral.account.Actor;
import org.tethral.account.Settings;

/// One setting that changes, and one that does not.
final class FixedSettings implements Settings {

    private String level = "info";

    @Override
    public List<Setting> list() {
        return List.of(
                new Setting("log-level", level, "info", "default", true, "how much is logged"),
                new Setting("http-port", null, "8080", "default", false, "where HTTP is"));
    }

    @Override
    public Outcome change(Map<String, Optional<String>> wanted, Actor actor) {
        var reasons = new HashMap<String, String>();
        wanted.keySet().stream()
                .filter(name -> !name.equals("log-level"))
                .forEach(name -> reasons.put(name, "does not change"));
        if (!reasons.isEmpty()) {
            return new Outcome.Refused(reasons);
        }
        level = wanted.get("log-level").orElse("info");
        return new Outcome.Changed(list());
    }
}
