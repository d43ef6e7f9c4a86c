/** The smallest program: a guard around a plain HTTP client. */
@NullMarked
package dev.interlock.examples.plain;

import org.jspecify.annotations.NullMarked;
