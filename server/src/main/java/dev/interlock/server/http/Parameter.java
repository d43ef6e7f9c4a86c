package dev.interlock.server.http;

import dev.interlock.server.text.Texts;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Validator;

/**
 * A parameter of an operation, in the path or the query.
 *
 * @param name its name
 * @param required whether a call must have it
 * @param wholeNumber whether it is a whole number; else it is a text
 * @param schema what it may be
 * @param validator judges it by that
 */
record Parameter(String name, boolean required, boolean wholeNumber, JsonObject schema, Validator validator) {

    /** Refuses a value that the contract does not allow. */
    void check(String text) {
        Object value = text;
        if (wholeNumber) {
            try {
                value = Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw Problem.invalid(name + " must be a whole number, but is '" + Texts.shown(text) + "'");
            }
        }
        Complaints.throwIfAny(name, schema, value, validator.validate(value));
    }
}
