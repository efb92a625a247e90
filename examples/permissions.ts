// What guest code may do, and who hears of what it may not.
import { NodeRuntime } from "secure-exec";

await using rt = await NodeRuntime.create({
  files: {
    "/data/prices.csv": "tea,3\ncoffee,4\n",
    "/secret/token": "only for the host",
  },
  env: { API_KEY: "only for the host", GREETING: "hello" },
  permissions: {
    // Scopes that are left out keep their defaults: all but the network is allowed.
    fs: {
      default: "allow",
      rules: [
        { mode: "deny", paths: ["/secret"] },
        {
          mode: "deny",
          operations: ["write", "create", "delete", "chmod"],
          paths: ["/data"],
        },
      ],
    },
    env: { default: "allow", rules: [{ mode: "deny", patterns: ["*_KEY"] }] },
  },
  onAudit: ({ scope, operation, resource, rule }) =>
    console.log("refused:", scope, operation, resource, rule),
});

const { stdout } = await rt.exec(`
  import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
  const attempt = (work) => {
    try {
      return work();
    } catch (error) {
      return error.message;
    }
  };
  symlinkSync("/secret", "shortcut");
  console.log(attempt(() => readFileSync("shortcut/token", "utf8")));
  console.log(attempt(() => writeFileSync("/data/prices.csv", "")));
  console.log(attempt(() => readFileSync("/data/prices.csv", "utf8").trim().split("\\n").length));
  console.log(process.env.GREETING, process.env.API_KEY);
`);
console.log(stdout.trim());

// A misspelt operation is an error, not a rule that does nothing.
await NodeRuntime.create({
  permissions: {
    // @ts-expect-error: making a directory is "create"
    fs: { rules: [{ mode: "allow", operations: ["mkdir"], paths: ["/tmp"] }] },
  },
}).catch((error) => console.log(error.message));
