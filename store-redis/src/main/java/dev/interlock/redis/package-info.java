/**
 * Circuits that many machines share, over Redis or Valkey; start from {@link
 * dev.interlock.redis.RedisCircuitStore#open(RedisSettings)}.
 */
@Beta
@NullMarked
package dev.interlock.redis;

import dev.interlock.Beta;
import org.jspecify.annotations.NullMarked;
