import { type Callable, errorCodes, hideFrames, type Internal } from "./internals.js";

/**
 * What a guest gets in place of a native that would reach the host, or that would make an environment
 * which does not go through this boot.
 *
 * There are two shapes, both Node's own. Where Node's JavaScript expects an error number back from the
 * native and makes an error of it itself (connect, bind, listen, spawn, a look-up), the number is
 * `EACCES`, so that a program sees the usual `connect EACCES 10.0.0.1:80`. Everything else throws
 * `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM` with the feature's name.
 */
export function deny(feature: string): Internal {
  function denied(): never {
    throw deniedError(feature, denied);
  }
  return denied;
}

/** The error of a denied feature, its stack beginning at the caller of `from`. */
export function deniedError(feature: string, from: Callable): Error {
  const Unavailable = errorCodes["ERR_FEATURE_UNAVAILABLE_ON_PLATFORM"] as unknown as new (
    feature: string,
  ) => Error;
  const error = new Unavailable(feature);
  hideFrames(error, from);
  return error;
}
