import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { checkSecrets } from "../../src/runtime/options/secrets.js";
import { startWithSecrets } from "../broker/egress/secret-runtime.js";
import { searchMachine } from "./machine-memory.js";

/** Characters that every encoding changes. */
const VALUE = `s3cr3t/"+value&0123456789=<zZ~`;

const network = { rules: [{ mode: "allow" as const, patterns: ["api.example", "other.example"] }] };
const hosts = { "api.example": ["93.184.216.34"], "other.example": ["93.184.216.35"] };

/** All forms in which programs are likely to have the value. */
function formsOf(value: string): Map<string, Buffer> {
  const forms: Record<string, string> = {
    plain: value,
    json: JSON.stringify(value).slice(1, -1),
    url: encodeURIComponent(value),
    form: new URLSearchParams({ v: value }).toString().slice(2),
    html: value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;"),
    hex: Buffer.from(value).toString("hex"),
    HEX: Buffer.from(value).toString("hex").toUpperCase(),
  };
  for (const encoding of ["base64", "base64url"] as const) {
    // What is before the value in the same text moves it by up to two bytes.
    for (let before = 0; before < 3; before++) {
      const text = Buffer.from("\0".repeat(before) + value).toString(encoding);
      forms[`${encoding} ${before}`] = text.replace(/=+$/u, "").slice(before === 0 ? 0 : before + 1, -1);
    }
  }
  const one = Object.entries(forms).map(([name, text]) => [name, Buffer.from(text)] as const);
  const two = Object.entries(forms).map(
    ([name, text]) => [`${name} utf16`, Buffer.from(text, "utf16le")] as const,
  );
  return new Map([...one, ...two]);
}

/** A server that gives away what it can. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const said = String(request.headers.authorization);
  if (request.url === "/gzip") {
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(said.repeat(1000)));
  } else if (request.url === "/redirect") {
    response.writeHead(302, { location: `https://other.example/?${said}`, "set-cookie": said }).end();
  } else if (request.url === "/lost") {
    response.writeHead(200, { "content-length": "1000" });
    response.write(said, () => request.socket.destroy());
  } else if (request.url === "/unknown") {
    response.writeHead(200, { "content-encoding": "compress" }).end(said);
  } else {
    response.writeHead(200, `OK ${said}`, { "x-said": said });
    response.end(said.repeat(1000));
  }
}

const program = `
  import { execFileSync } from "node:child_process";
  import { appendFileSync } from "node:fs";
  import https from "node:https";
  import { Worker } from "node:worker_threads";
  const key = process.env.API_KEY;
  const keep = (...parts) => { console.log(...parts); console.error(...parts); appendFileSync("kept", parts.join(" ")); };
  const options = { headers: { authorization: "Bearer " + key, "x-other": key } };
  const ask = async (path) => {
    const response = await fetch("https://api.example" + path, options);
    keep(path, response.status, response.statusText, ...response.headers, await response.text());
  };
  for (const path of ["/", "/gzip", "/redirect", "/lost", "/unknown"]) await ask(path).catch((error) => keep(error.stack, error.cause));
  const response = await new Promise((done) => https.get("https://api.example/", options, done));
  keep(response.statusMessage, ...response.rawHeaders, (await response.toArray()).join(""));
  const again = \`fetch("https://api.example/", { headers: { authorization: process.env.API_KEY } }).then((r) => r.text()).then(console.log)\`;
  keep(execFileSync("node", ["-e", again]));
  const worker = new Worker(again, { eval: true, stdout: true });
  keep((await worker.stdout.toArray()).join(""));
  console.log("done");
  process.stdin.resume();
`;

test("a secret's value is nowhere in the machine, whatever its host answers", async () => {
  process.env["HOST_API_KEY"] = VALUE;
  const secrets = checkSecrets({
    API_KEY: { value: VALUE, hosts: ["api.example"], header: "authorization" },
  });
  const placeholder = secrets[0]?.placeholder as string;
  const seen: string[] = [];
  await using started = await startWithSecrets(secrets, network, hosts, (request, response) => {
    seen.push(`${request.headers.host} ${request.headers.authorization}`);
    answer(request, response);
  });
  const { machine, runtime, audit } = started;
  const needles = new Map([...formsOf(VALUE), ["placeholder", Buffer.from(placeholder)]]);

  const guest = await runtime.spawn(program, {});
  let output = "";
  const stderr = (async () => {
    for await (const text of guest.stderr) output += text;
  })();
  for await (const text of guest.stdout) {
    output += text;
    if (!output.endsWith("done\n")) continue;
    // The program is alive still, with all that it has seen.
    const { found, bytes } = await searchMachine(machine, needles);
    expect([...found]).toEqual(["placeholder"]);
    expect(bytes).toBeGreaterThan(50e6);
    guest.closeStdin();
  }
  await stderr;
  expect(await guest.wait()).toMatchObject({ exitCode: 0 });

  // The server had it each time, and no other host ever.
  expect(seen.filter((line) => line.includes(VALUE)).length).toBe(8);
  expect(seen.every((line) => line.startsWith("api.example "))).toBe(true);
  const host = ["environ", "cmdline"].map((name) => readFileSync(`/proc/${machine.pid}/${name}`, "latin1"));
  const all = [output, JSON.stringify(audit), ...host];
  for (const [name, form] of formsOf(VALUE)) {
    for (const text of all) expect(text.includes(form.toString("latin1")), name).toBe(false);
  }
  expect(output).toContain(placeholder);
});
