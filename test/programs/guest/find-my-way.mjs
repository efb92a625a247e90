// needs: find-my-way
import findMyWay from "find-my-way";

const router = findMyWay({ defaultRoute: (request) => console.log("default", request.method, request.url) });
const handler = (name) => (request, _response, params, store, query) =>
  console.log(name, request.url, params, store, query);
router.on("GET", "/", handler("root"));
router.on(["GET", "PUT"], "/users/:id(^\\d+$)", handler("user"), { part: "users" });
router.on("GET", "/files/*", handler("files"));
router.on("GET", "/versions", { constraints: { version: "1.2.0" } }, handler("version"));
router.on("GET", "/at/:hour-:minute", handler("time"));
for (const [method, url, headers = {}] of [
  ["GET", "/"],
  ["PUT", "/users/12?x=1&y=2"],
  ["GET", "/users/ada"],
  ["GET", "/files/a/b%20c"],
  ["GET", "/versions", { "accept-version": "1.x" }],
  ["GET", "/versions"],
  ["GET", "/at/10-30"],
]) {
  router.lookup({ method, url, headers }, {});
}
console.log(router.prettyPrint());
try {
  router.on("GET", "/", () => {});
} catch (error) {
  console.log(error.message);
}
