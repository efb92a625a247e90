/**
 * Which operations the rules of the scope `fs` allow on a path, after its links are resolved.
 *
 * Between the judgement and the deed another thread may change where the path leads. So the judgement
 * notes the disk's count of such changes, and the walk to the deed, under the disk's lock, ends with
 * -ERESTART when it is another one by then. The same count keys what is kept of earlier judgements.
 */
import { canonical } from "../disk/calls/names.js";
import { S_RESOLUTION } from "../disk/layout.js";
import type { Session } from "../disk/session.js";
import type { Path } from "../disk/types.js";
import { FOLLOW, type LastLink, NO_FOLLOW } from "../disk/walk.js";
import type { CompiledRules } from "../policy/compiled.js";
import type { PathPattern } from "../policy/glob/match.js";
import { PathRules } from "../policy/path-rules.js";
import { EACCES } from "../syscall/errno.js";
import { utf8Slice } from "./bindings/fs/encoding.js";
import { pathText } from "./bindings/fs/errors.js";
import { primordials, requireBuiltin } from "./internals.js";

const {
  MapPrototypeClear,
  MapPrototypeGet,
  MapPrototypeGetSize,
  MapPrototypeSet,
  SafeMap,
  StringPrototypeSlice,
} = primordials;
const normalize: (path: string) => string = requireBuiltin("path").posix.normalize;

/** Judgements that are kept for each way to treat a link at the end. */
const KEPT = 1024;

interface Judgement {
  readonly resolution: number;
  readonly allowed: number;
}

/** Tells of a refusal: the operation's bit, the path, and the number of the rule, -1 for the default. */
export type RefusedPath = (operation: number, path: string, rule: number) => void;

export class PathJudge {
  readonly #session: Session;
  readonly #rules: PathRules;
  readonly #refused: RefusedPath;
  readonly #followed: Map<string, Judgement> = new SafeMap();
  readonly #unfollowed: Map<string, Judgement> = new SafeMap();
  readonly #named: Map<string, Judgement> = new SafeMap();
  /** The working directory that relative paths were judged from. */
  #cwd = 0;

  constructor(session: Session, rules: CompiledRules<PathPattern>, refused: RefusedPath) {
    this.#session = session;
    this.#rules = new PathRules(rules);
    this.#refused = refused;
  }

  /** The operations that are allowed, as `PathRules.allowed` answers them, or a negative errno. */
  allowed(path: Path, last: LastLink): number {
    const s = this.#session;
    const text = typeof path === "string" ? path : undefined;
    if (text !== undefined) {
      const kept: Judgement | undefined = MapPrototypeGet(this.#keptFor(last), text);
      if (kept !== undefined && kept.resolution === s.words[S_RESOLUTION]) {
        s.resolution = kept.resolution;
        s.judgedFrom = this.#cwd;
        s.judged = true;
        return kept.allowed;
      }
    }
    const real = this.#realPath(path, last);
    if (typeof real === "number") return real;
    const judgement = { resolution: s.resolution, allowed: this.#rules.allowed(real) };
    if (text !== undefined) {
      const known = this.#keptFor(last);
      if (MapPrototypeGetSize(known) >= KEPT) MapPrototypeClear(known);
      // Another thread may have gone to another directory since.
      if (this.#cwd === s.judgedFrom) MapPrototypeSet(known, text, judgement);
    }
    s.judged = true;
    return judgement.allowed;
  }

  /** An operation that a tree would win by getting another name, 0 for none, or a negative errno. */
  wonByMoving(from: Path, to: Path, last: LastLink): number {
    const s = this.#session;
    const { resolution, judgedFrom } = s;
    const source = this.#realPath(from, last);
    if (typeof source === "number") return source;
    const target = this.#realPath(to, last);
    // Both have to be judged for the count that the caller has noted.
    s.resolution = resolution;
    s.judgedFrom = judgedFrom;
    s.judged = true;
    return typeof target === "number" ? target : this.#rules.wonByMoving(source, target);
  }

  /** Tells of a refusal, and answers with its error. */
  refuse(path: Path, last: LastLink, operation: number): number {
    const real = this.#realPath(path, last);
    if (typeof real === "number") this.#refused(operation, pathText(path), -1);
    else this.#refused(operation, real, this.#rules.ruleFor(real, operation));
    return -EACCES;
  }

  #keptFor(last: LastLink): Map<string, Judgement> {
    const { cwd } = this.#session.credentials;
    if (cwd !== this.#cwd) {
      this.#cwd = cwd;
      MapPrototypeClear(this.#followed);
      MapPrototypeClear(this.#unfollowed);
      MapPrototypeClear(this.#named);
    }
    return last === FOLLOW ? this.#followed : last === NO_FOLLOW ? this.#unfollowed : this.#named;
  }

  #realPath(path: Path, last: LastLink): string | number {
    const s = this.#session;
    const length = canonical(s, path, last);
    if (length < 0) return length;
    const real = normalize(utf8Slice(s.result, 0, length));
    const end = real.length - 1;
    return end > 0 && real[end] === "/" ? StringPrototypeSlice(real, 0, end) : real;
  }
}
