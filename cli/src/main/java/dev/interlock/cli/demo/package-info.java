/** A fleet that does not exist, on a server that does: {@link dev.interlock.cli.demo.Demo}. */
@NullMarked
package dev.interlock.cli.demo;

import org.jspecify.annotations.NullMarked;
