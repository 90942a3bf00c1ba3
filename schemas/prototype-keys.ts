/** Keys that reach an object's prototype instead of naming an entry of it: no map may have one. */
export const PROTOTYPE_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];
