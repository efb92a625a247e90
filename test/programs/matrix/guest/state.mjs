// needs: immer
import {
  applyPatches,
  current,
  enableMapSet,
  enablePatches,
  original,
  produce,
  produceWithPatches,
} from "immer";

enableMapSet();
enablePatches();
const before = { a: { b: [1, 2, { c: 3 }] }, m: new Map([["k", new Set([1])]]) };
const [after, patches, inverse] = produceWithPatches(before, (draft) => {
  draft.a.b[2].c++;
  draft.a.b.push(4);
  draft.m.get("k").add(2);
  console.log(original(draft.a) === before.a, current(draft.a));
});
console.log(
  after,
  before,
  JSON.stringify(patches),
  JSON.stringify(applyPatches(after, inverse)),
  Object.isFrozen(after),
);
try {
  after.a = 1;
} catch (error) {
  console.log(error.message);
}
console.log(produce([3, 1, 2], (draft) => void draft.sort()));
