/** What real clients of providers report when a provider fails, and what the standard classifier makes of it. */
@org.jspecify.annotations.NullMarked
package dev.interlock.sdks;
