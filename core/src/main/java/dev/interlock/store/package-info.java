/**
 * What a store of circuits must do; start from {@link dev.interlock.store.CircuitStore}. Knows nothing of the engine:
 * a record is what lies in a row.
 */
@Beta
@NullMarked
package dev.interlock.store;

import dev.interlock.Beta;
import org.jspecify.annotations.NullMarked;
