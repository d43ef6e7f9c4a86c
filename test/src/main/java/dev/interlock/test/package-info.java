/**
 * For tests of guarded code: a provider on a local port that fails as real ones do, and assertions on circuits; start
 * from {@link dev.interlock.test.FakeProvider}.
 */
@Beta
@NullMarked
package dev.interlock.test;

import dev.interlock.Beta;
import org.jspecify.annotations.NullMarked;
