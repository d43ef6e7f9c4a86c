/** The proxy as a part of the server: upstreams of its file, callers by its keys, permits of its desk. */
@NullMarked
package dev.interlock.server.proxy;

import org.jspecify.annotations.NullMarked;
