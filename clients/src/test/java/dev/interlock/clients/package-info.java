/** The clients in other languages, as their users have them, against the real server. */
@NullMarked
package dev.interlock.clients;

import org.jspecify.annotations.NullMarked;
