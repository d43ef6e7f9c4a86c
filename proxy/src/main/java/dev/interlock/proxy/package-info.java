/**
 * A guarding proxy before providers of models, MCP servers and other HTTP services: asks circuits, forwards byte for byte,
 * judges what comes back, and refuses in the provider's own shape. Start with {@link dev.interlock.proxy.ProxyHandler}.
 */
@NullMarked
package dev.interlock.proxy;

import org.jspecify.annotations.NullMarked;
