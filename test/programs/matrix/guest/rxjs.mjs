// needs: rxjs
import {
  catchError,
  concatMap,
  debounceTime,
  delay,
  from,
  interval,
  lastValueFrom,
  merge,
  of,
  retry,
  Subject,
  scan,
  take,
  throwError,
  timer,
  toArray,
} from "rxjs";

console.log(
  await lastValueFrom(
    from([1, 2, 3]).pipe(
      concatMap((x) => of(x).pipe(delay(2))),
      scan((a, b) => a + b),
      toArray(),
    ),
  ),
);
console.log(await lastValueFrom(merge(interval(3).pipe(take(3)), timer(50)).pipe(toArray())));
let tries = 0;
await lastValueFrom(
  throwError(() => new Error(`failed ${++tries}`)).pipe(
    retry(2),
    catchError((error) => of(error.message)),
  ),
).then(console.log);
const subject = new Subject();
const values = lastValueFrom(subject.pipe(debounceTime(10), toArray()));
for (const value of [1, 2, 3]) subject.next(value);
setTimeout(() => subject.complete(), 30);
console.log(await values);
throwError(() => new Error("nobody listens")).subscribe();
