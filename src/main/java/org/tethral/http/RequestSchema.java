package org.tethral.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import io.vertx.json.schema.common.dsl.SchemaType;
import io.vertx.openapi.contract.MediaType;
import io.vertx.openapi.contract.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.http.Problem.FieldError;

/// What the contract says of an operation's parameters and body, ready to be checked against.
///
/// The library's own request validator copies the schemas of the whole document for each parameter
/// of each request (0.1 ms each), takes a text such as `1.5` for a number, and stops at the first
/// fault. This one checks by the same schemas, and names all faults.
record RequestSchema(List<Parameter> parameters, boolean bodyRequired, @Nullable Validator body) {

    private static final JsonSchemaOptions OPTIONS =
            new JsonSchemaOptions()
                    .setDraft(Draft.DRAFT202012)
                    .setBaseUri("app://tethral")
                    .setOutputFormat(OutputFormat.Basic);

    private static final int ERRORS_MAX = 20;

    record Parameter(
            String name,
            io.vertx.openapi.contract.Location in,
            boolean required,
            SchemaType type,
            Validator validator) {}

    static RequestSchema of(Operation operation) {
        var parameters =
                operation.getParameters().stream()
                        .map(given ->
                                new Parameter(
                                        given.getName(),
                                        given.getIn(),
                                        given.isRequired(),
                                        given.getSchemaType(),
                                        validator(given.getSchema())))
                        .toList();
        var body = operation.getRequestBody();
        if (body == null) {
            return new RequestSchema(parameters, false, null);
        }
        var json = body.getContent().get(MediaType.APPLICATION_JSON);
        return new RequestSchema(
                parameters, body.isRequired(), json == null ? null : validator(json.getSchema()));
    }

    private static Validator validator(JsonSchema resolved) {
        return Validator.create(JsonSchema.of(Contract.plain((JsonObject) resolved)), OPTIONS);
    }

    /// Nothing is wrong with the request when the list is empty.
    ///
    /// @throws Refusal the body is no JSON
    List<FieldError> errors(
            Map<String, String> path, MultiMap query, MultiMap headers, Buffer given) {
        var errors = new ArrayList<FieldError>();
        for (var parameter : parameters) {
            var text =
                    switch (parameter.in()) {
                        case PATH -> path.get(parameter.name());
                        case QUERY -> query.get(parameter.name());
                        case HEADER -> headers.get(parameter.name());
                        case COOKIE -> null;
                    };
            check(parameter, text, errors);
        }
        if (body != null) {
            checkBody(body, given, errors);
        }
        return errors.size() > ERRORS_MAX ? errors.subList(0, ERRORS_MAX) : errors;
    }

    private static void check(Parameter parameter, @Nullable String text, List<FieldError> errors) {
        if (text == null) {
            if (parameter.required()) {
                errors.add(new FieldError(parameter.name(), "is missing"));
            }
            return;
        }
        collect(
                parameter.validator().validate(value(parameter.type(), text)),
                parameter.name(),
                errors);
    }

    private static Object value(SchemaType type, String text) {
        return switch (type) {
            case INTEGER, NUMBER -> number(text);
            case BOOLEAN ->
                    text.equals("true")
                            ? (Object) true
                            : text.equals("false") ? (Object) false : text;
            case STRING, ARRAY, OBJECT -> text;
        };
    }

    private static Object number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return text; // fails the check of its type
        }
    }

    private void checkBody(Validator validator, Buffer given, List<FieldError> errors) {
        if (given.length() == 0) {
            if (bodyRequired) {
                errors.add(new FieldError("body", "is missing: a JSON object is expected"));
            }
            return;
        }
        collect(validator.validate(decoded(given)), "body", errors);
    }

    private static Object decoded(Buffer given) {
        try {
            var value = io.vertx.core.json.Json.decodeValue(given);
            return value == null ? new JsonArray() : value;
        } catch (DecodeException e) {
            throw new Refusal(Problem.of(400, "malformed-json", "the body is no JSON"));
        }
    }

    /// The innermost faults: that an object has a faulty property says less than what is wrong with
    /// the property.
    private static void collect(OutputUnit result, String root, List<FieldError> errors) {
        if (Boolean.TRUE.equals(result.getValid())) {
            return;
        }
        var units = result.getErrors();
        if (units == null) {
            errors.add(new FieldError(root, "is not as it should be"));
            return;
        }
        for (var unit : units) {
            var place = unit.getInstanceLocation();
            var innermost =
                    units.stream()
                            .map(OutputUnit::getInstanceLocation)
                            .noneMatch(other ->
                                    other.length() > place.length()
                                            && other.startsWith(place + "/"));
            if (innermost && !unit.getError().startsWith("A sub")) {
                var error = new FieldError(field(root, place), said(unit.getError()));
                if (!errors.contains(error)) {
                    errors.add(error);
                }
            }
        }
    }

    /// `#/about/name` is `about.name`.
    private static String field(String root, String place) {
        var path = place.startsWith("#/") ? place.substring(2).replace('/', '.') : "";
        return path.isEmpty() ? root : path;
    }

    private static String said(String error) {
        return error.isEmpty()
                ? "is wrong"
                : error.substring(0, 1).toLowerCase(Locale.ROOT) + error.substring(1);
    }
}
