/** Changes as they happen, over WebSockets; begin at {@code StreamHub}. */
@NullMarked
package dev.interlock.server.stream;

import org.jspecify.annotations.NullMarked;
