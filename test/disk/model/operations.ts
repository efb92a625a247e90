import { constants } from "node:fs";
import fc from "fast-check";

/** A call's name and its arguments. Names of files are bytes, each a character. */
export type Operation = [name: string, ...args: (string | number)[]];

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY, O_NOFOLLOW } = constants;

/** What lies there from the start, and belongs to another user where the test may make it so. */
export const GIVEN = { file: "r", group: "g", folder: "R", shared: "s", closed: "p", inside: "f" } as const;

const bytes = (text: string) => Buffer.from(text).toString("latin1");

const name = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom("a", "b", "c", "d") },
  { weight: 5, arbitrary: fc.constantFrom(...Object.values(GIVEN)) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      bytes("ä€😀"),
      "\xff\xfe",
      "\xc3",
      "m".repeat(60),
      "n".repeat(255),
      "l39",
      "l40",
    ),
  },
  { weight: 1, arbitrary: fc.constant("n".repeat(256)) },
);
const component = fc.oneof(
  { weight: 12, arbitrary: name },
  { weight: 1, arbitrary: fc.constantFrom(".", "..") },
);
const parts = fc.array(component, { minLength: 1, maxLength: 3 });
const often = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: others.length * 6, arbitrary: fc.constant(usual) },
    { weight: others.length, arbitrary: fc.constantFrom(...others) },
  );

/** `BASE` stands for the place where the test happens; a number in front of it is the length to pad to. */
const place = fc
  .record({
    parts,
    absolute: fc.boolean(),
    end: often("", "/", "/", "/.", "//"),
    length: often(0, 0, 4094, 4095, 4096, 4097),
  })
  .map(({ parts, absolute, end, length }) => {
    const path = (absolute ? "BASE/" : "") + parts.join("/") + end;
    return length === 0 ? path : `${length}:${path}`;
  });
const target = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom("a", "b", "c", "a/b", "./a", "b/", "nowhere", "a//c", "BASE/a", "BASE/b/c"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "4095:a", "4096:a", "4090:b", "\xff", "BASE/r", "BASE/p/f", "s/f"),
  },
);
const slot = fc.integer({ min: 0, max: 3 });
const size = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 1, max: 20_000 }),
  fc.constantFrom(4095, 4096, 4097, 49_152, 65_536, 65_537),
);
/** As far as a file may reach here and there. */
const REACH = 2 ** 32;
const offset = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 100 }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 70_000 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      4096,
      49_152,
      49_151,
      4_243_456,
      4_243_455,
      2 ** 31 - 1,
      2 ** 31,
      REACH - 1,
      REACH,
    ),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: REACH }) },
);
const position = fc.oneof(fc.constant(-1), offset);
const mode = fc.constantFrom(
  0o777,
  0o755,
  0o750,
  0o644,
  0o700,
  0o600,
  0o500,
  0o444,
  0o222,
  0o111,
  0o070,
  0,
  0o1777,
  0o4755,
  0o2775,
  0o7777,
);
const fileMode = often(0o644, 0o666, 0o640, 0o600, 0o400, 0o200, 0, 0o4711);
const folderMode = often(0o755, 0o777, 0o700, 0o500, 0o300, 0o1777, 0o7777);
const flags = fc.constantFrom(
  O_RDONLY,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  O_WRONLY | O_CREAT | O_TRUNC,
  O_WRONLY | O_CREAT | O_EXCL,
  O_WRONLY | O_CREAT | O_APPEND,
  O_RDWR | O_CREAT | O_APPEND,
  O_RDWR | O_CREAT,
  O_RDWR | O_CREAT,
  O_RDWR | O_TRUNC,
  O_RDONLY | O_CREAT,
  O_RDONLY | O_TRUNC,
  O_RDONLY | O_DIRECTORY,
  O_RDWR | O_DIRECTORY,
  O_RDONLY | O_NOFOLLOW,
  O_RDWR | O_CREAT | O_NOFOLLOW,
  O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
);
/** Seconds; the oracle's library takes others for the present time. */
const time = fc.constantFrom(
  0,
  1,
  1.5,
  1234.123456789,
  86_400,
  999_999_999.25,
  4_294_967_296,
  8_000_000_000.5,
);
const id = fc.constantFrom(-1, 1000, 0, 1001);

type Call = [weight: number, call: string, ...args: fc.Arbitrary<string | number>[]];

const onFiles = (slot: fc.Arbitrary<number>): Call[] => [
  [4, "read", slot, size, position],
  [5, "write", slot, fc.nat(255), size, position],
  [2, "ftruncate", slot, offset],
  [2, "fstat", slot],
  [1, "fchmod", slot, fileMode],
];

/** Calls that take the disk's lock once: they are one step for others. */
const steps = (place: fc.Arbitrary<string>): Call[] => [
  [3, "readSmall", place],
  [4, "writeSmall", place, flags, fileMode, fc.nat(255), size],
  [2, "truncate", place, offset],
  [3, "stat", place],
  [3, "lstat", place],
  [2, "access", place, fc.integer({ min: 0, max: 7 })],
  [3, "chmod", place, mode],
  [6, "mkdir", place, folderMode],
  [2, "rmdir", place],
  [3, "unlink", place],
  [6, "rename", place, place],
  [3, "link", place, place],
  [4, "symlink", target, place],
  [2, "readlink", place],
];

const others: Call[] = [
  [5, "open", slot, place, flags, fileMode],
  [1, "close", slot],
  [1, "fsync", slot],
  [1, "fchown", slot, id, id],
  [1, "futimes", slot, time, time],
  [2, "copyFile", place, place, fc.constantFrom(0, 0, constants.COPYFILE_EXCL)],
  [1, "statfs", place],
  [1, "chown", place, id, id],
  [1, "lchown", place, id, id],
  [2, "utimes", place, time, time],
  [1, "lutimes", place, time, time],
  [1, "chain", fc.constantFrom(1, 39, 40, 41), name],
  [2, "realpath", place],
  [3, "readdir", place],
  [1, "chdir", fc.constantFrom("a", "b", "c", ".", "R", "s", "p", "BASE")],
  [1, "umask", fc.constantFrom(0o022, 0o077, 0, 0o777)],
];

function oneOf(calls: Call[]): fc.Arbitrary<Operation> {
  return fc.oneof(
    ...calls.map(([weight, call, ...args]) => ({
      weight,
      arbitrary: fc.tuple(...args).map((values): Operation => [call, ...values]),
    })),
  );
}

/** A history of one process. */
export const history = fc.array(oneOf([...onFiles(slot), ...steps(place), ...others]), {
  minLength: 1,
  maxLength: 60,
  size: "max",
});

/** Longer than what a thread does before it is killed; each call of it is done whole, or in part only what it is about. */
export const longHistory = fc.array(
  oneOf([...onFiles(slot), ...steps(place), ...others.filter(([, call]) => call !== "copyFile")]),
  { minLength: 5000, maxLength: 5000, size: "max" },
);

const fewPlaces = fc.constantFrom("a", "b", "c", "a", "b", "c", "a/b", "a/c", "b/a", "c/b");

/** A short history, for one of several threads; the files in slots 0 and 1 are open in all of them. */
export const shortHistory = fc.array(
  oneOf([
    ...onFiles(slot),
    ...steps(fewPlaces),
    [3, "open", fc.integer({ min: 2, max: 3 }), fewPlaces, flags, fileMode],
  ]),
  { minLength: 1, maxLength: 5, size: "max" },
);
