/** A fleet that does not exist, on a server that does: {@link dev.interlock.server.demo.Demo}. */
@NullMarked
package dev.interlock.server.demo;

import org.jspecify.annotations.NullMarked;
