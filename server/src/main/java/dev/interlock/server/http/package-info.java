/**
 * What every HTTP call goes through: finding its operation in the contract, the caller, the limits, the validation and
 * the answer. Start with {@link dev.interlock.server.http.Endpoints}, which a feature implements.
 */
@NullMarked
package dev.interlock.server.http;

import org.jspecify.annotations.NullMarked;
