/** Policies as files and requests write them; start with {@link dev.interlock.settings.PolicySettings}. */
@Beta
@NullMarked
package dev.interlock.settings;

import dev.interlock.Beta;
import org.jspecify.annotations.NullMarked;
