/*
 * Names of sockets as they cross between guest, kernel and disk: a byte for the family, one for the length
 * of the text, two for the port, then the text. An IP address is its usual text; a path is its bytes.
 */

export const FAMILY_IPV4 = 4;
export const FAMILY_IPV6 = 6;
/** A path of the disk. For a connection, its text is the number that the disk knows the name by. */
export const FAMILY_UNIX = 1;
/** A name that is on no disk. */
export const FAMILY_ABSTRACT = 2;
/** Where the text begins. */
export const NAME_TEXT = 4;
/** The longest text. */
export const MAX_NAME_TEXT = 108;

/** The machine's own addresses beside those of the loopback, made up: what leaves it seems to come from them. */
export const OWN_IPV4 = "10.0.0.2";
export const OWN_IPV6 = "fd00::2";

/** Flags of `SYS_BIND`. */
export const BIND_IPV6_ONLY = 1;
/** Others that say so too may have the same name. */
export const BIND_SHARED = 2;
