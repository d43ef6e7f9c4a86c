/**
 * What the tests of all modules share: {@link dev.interlock.checks.HouseRules} judges how a module is built, {@link
 * dev.interlock.checks.Property} runs a test on many random values.
 */
@NullMarked
package dev.interlock.checks;

import org.jspecify.annotations.NullMarked;
