/** An agent whose tool is at an MCP server. */
@NullMarked
package dev.interlock.examples.mcp;

import org.jspecify.annotations.NullMarked;
