/** What both ends of the wire hold each other to. */

/** The version that each frame names. */
export const WIRE_VERSION = 1;

/** The version of what machines write to their disks, which the host doesn't read: `VERSION` in `src/disk/layout.ts`. */
export const DISK_LAYOUT = 2;

/** A frame's fixed header: length, kind, version, zero, stream, sequence. */
export const HEADER_BYTES = 16;

/** The largest JSON of one control message, in bytes. */
export const MAX_CONTROL_BYTES = 1024 * 1024;

/** The largest payload of one data frame, in bytes. */
export const MAX_DATA_BYTES = 256 * 1024;

/** What may be under way in one stream before the receiver has consumed any of it, in bytes. */
export const WINDOW_BYTES = 256 * 1024;

/** The same in one direction of a connection that leaves the machine, towards the machine: what the way there and back holds. */
export const DOWNLOAD_WINDOW_BYTES = 1024 * 1024;

/** A control message. */
export const KIND_CONTROL = 1;
/** Bytes of a stream. */
export const KIND_DATA = 2;
/** The end of a stream. */
export const KIND_END = 3;
/** Room for more bytes of a stream, sent against its direction. */
export const KIND_CREDIT = 4;
