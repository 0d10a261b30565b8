package org.tethral.http;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;

/// What browsers load: the console, the contract, and the page to try the API.
final class Pages {

    /// Nothing from elsewhere, and no script or style inside a page.
    static final String CONSOLE_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
                    + " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// Swagger UI sets styles of elements.
    private static final String DOCS_POLICY =
            CONSOLE_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

    private static final String SWAGGER = "META-INF/resources/webjars/swagger-ui/";
    private static final String SWAGGER_VERSION =
            "/META-INF/maven/org.webjars/swagger-ui/pom.properties";

    private final Files console = new Files("console", CONSOLE_POLICY);
    private final Files docs = new Files("api-docs", DOCS_POLICY);
    private final Files swagger = new Files(SWAGGER + swaggerVersion(), DOCS_POLICY);
    private final Reply.Content contract;

    Pages(Contract contract) {
        this.contract = Reply.text(200, "application/json", contract.text());
    }

    /// Behind all operations of the contract.
    void on(Router router) {
        router.get("/openapi.json").handler(routing -> Send.reply(routing.response(), contract));
        router.get("/docs/*").handler(this::docs);
        router.get("/*").handler(this::console);
    }

    private void docs(RoutingContext routing) {
        var path = routing.normalizedPath();
        if (path.equals("/docs")) {
            // its files are named relative to it
            Send.reply(routing.response(), Reply.noContent(303).with("Location", "/docs/"));
            return;
        }
        var name = path.equals("/docs/") ? "index.html" : path.substring("/docs/".length());
        if (!docs.serve(routing.request(), name) && !swagger.serve(routing.request(), name)) {
            routing.next();
        }
    }

    private void console(RoutingContext routing) {
        var path = routing.normalizedPath().substring(1);
        if (!console.serve(routing.request(), path.isEmpty() ? "index.html" : path)) {
            routing.next();
        }
    }

    private static String swaggerVersion() {
        try (var file = Pages.class.getResourceAsStream(SWAGGER_VERSION)) {
            if (file == null) {
                throw new IllegalStateException("Swagger UI is missing in the program");
            }
            var properties = new Properties();
            properties.load(file);
            return Map.copyOf(properties).getOrDefault("version", "").toString();
        } catch (IOException e) {
            throw new UncheckedIOException("read " + SWAGGER_VERSION, e);
        }
    }
}
