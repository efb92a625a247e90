/** A script of its own in the image: a machine compiles it when it is asked for an archive. */
export { extract, pack } from "tar-stream";
