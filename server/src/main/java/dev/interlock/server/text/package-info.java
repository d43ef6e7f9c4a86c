/** Words for people: {@link dev.interlock.server.text.Texts}. */
@NullMarked
package dev.interlock.server.text;

import org.jspecify.annotations.NullMarked;
