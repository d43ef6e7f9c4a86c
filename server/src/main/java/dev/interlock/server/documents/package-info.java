/** The server's own documents, as pages for browsers; begin at {@link Documents}. */
@NullMarked
package dev.interlock.server.documents;

import org.jspecify.annotations.NullMarked;
