import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/* Few computers have the same curl: what it says is written here. */

const U = "http://127.0.0.1:8080";

let rt: NodeRuntime;
let server: Awaited<ReturnType<NodeRuntime["spawn"]>>;
beforeAll(async () => {
  const code = readFileSync(join(import.meta.dirname, "curl-server.cjs"));
  const files = { "/home/user/server.cjs": code, "/home/user/f": "x\ny\n", "/home/user/h": "X-File: 1\n" };
  rt = await NodeRuntime.create({ files });
  server = await rt.spawn({ command: "node", args: ["server.cjs"] });
  for await (const text of server.stdout) if (text.includes("ready")) break;
});
afterAll(async () => {
  server.kill();
  await rt.dispose();
});

async function sh(line: string): Promise<string> {
  const { stdout, stderr } = await rt.command("sh", ["-c", `${line}; echo "= $?"`], { timeout: 30_000 });
  return (stdout + stderr).replaceAll("\r", "").replaceAll(/after \d+ m/g, "after N m");
}

const TYPE = "Content-Type: application/x-www-form-urlencoded";

/** A line for the shell and what comes of it: stdout, the status, stderr. */
const lines: Record<string, [line: string, said: string][]> = {
  "what is asked for": [
    [`curl -s ${U}/`, "hello\n= 0\n"],
    ["curl -s 127.0.0.1:8080", "hello\n= 0\n"],
    [`curl -s ${U}/echo`, "GET /echo\n= 0\n"],
    [`curl -s -d a=1 -d b=2 ${U}/echo`, `POST /echo | Content-Length: 7 | ${TYPE}\na=1&b=2= 0\n`],
    [`curl -s -d @f ${U}/echo`, `POST /echo | Content-Length: 2 | ${TYPE}\nxy= 0\n`],
    [`curl -s --data-binary @f ${U}/echo`, `POST /echo | Content-Length: 4 | ${TYPE}\nx\ny\n= 0\n`],
    [`curl -s --data-raw @f ${U}/echo`, `POST /echo | Content-Length: 2 | ${TYPE}\n@f= 0\n`],
    [`echo hi | curl -s -d @- ${U}/echo`, `POST /echo | Content-Length: 2 | ${TYPE}\nhi= 0\n`],
    [
      `curl -s --data-urlencode 'q=a b&c' --data-urlencode é ${U}/echo`,
      `POST /echo | Content-Length: 16 | ${TYPE}\nq=a+b%26c&%C3%A9= 0\n`,
    ],
    [`curl -sG -d a=1 --data-urlencode 'q=x y' '${U}/echo?z=1'`, "GET /echo?z=1&a=1&q=x+y\n= 0\n"],
    [
      `curl -s --json '{"a":1}' ${U}/echo`,
      'POST /echo | Accept: application/json | Content-Length: 7 | Content-Type: application/json\n{"a":1}= 0\n',
    ],
    [`curl -sXDELETE ${U}/echo`, "DELETE /echo\n= 0\n"],
    [
      `curl -s -H 'X-A: 1' -H 'X-A: 2' -H Accept: -H 'User-Agent: me' -H 'X-E;' -H @h ${U}/echo`,
      "GET /echo | X-A: 1 | X-A: 2 | User-Agent: me | X-E:  | X-File: 1\n= 0\n",
    ],
    [`curl -s -u me:secret ${U}/echo`, "GET /echo | Authorization: Basic bWU6c2VjcmV0\n= 0\n"],
    ["curl -s http://a:b%20c@127.0.0.1:8080/echo", "GET /echo | Authorization: Basic YTpiIGM=\n= 0\n"],
    [
      `curl -s -A agent -e http://from/ -b 'k=v' -r 0-3 ${U}/echo`,
      "GET /echo | Range: bytes=0-3 | User-Agent: agent | Referer: http://from/ | Cookie: k=v\n= 0\n",
    ],
    [
      `curl -s -F a=1 -F 'f=@f;type=text/x' -F 'g=<f' ${U}/echo`,
      'POST /echo | Content-Length: 361 | Content-Type: multipart/form-data; boundary=LIMIT\nLIMIT\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\nLIMIT\r\nContent-Disposition: form-data; name="f"; filename="f"\r\nContent-Type: text/x\r\n\r\nx\ny\n\r\nLIMIT\r\nContent-Disposition: form-data; name="g"\r\n\r\nx\ny\n\r\nLIMIT--\r\n= 0\n'.replaceAll(
        "\r",
        "",
      ),
    ],
    [`curl -s -T f ${U}/echo`, "PUT /echo | Content-Length: 4\nx\ny\n= 0\n"],
    ["curl -s --unix-socket socket http://localhost/echo", "GET /echo\n= 0\n"],
  ],
  redirects: [
    [`curl -s -w '%{redirect_url}\\n' '${U}/to?l=/echo'`, `moved\n${U}/echo\n= 0\n`],
    [`curl -sL -d x=1 '${U}/to?l=/echo'`, "GET /echo\n= 0\n"],
    [`curl -sL -d x=1 '${U}/to?c=307&l=/echo'`, `POST /echo | Content-Length: 3 | ${TYPE}\nx=1= 0\n`],
    [`curl -sL -X PATCH -d x '${U}/to?c=301&l=/echo'`, "PATCH /echo\n= 0\n"],
    [`curl -sL -u a:b -H 'Cookie: c' '${U}/to?l=http://localhost:8080/echo'`, "GET /echo\n= 0\n"],
    [
      `curl -sL --location-trusted -u a:b '${U}/to?l=http://localhost:8080/echo'`,
      "GET /echo | Authorization: Basic YTpi\n= 0\n",
    ],
    [`curl -sS -L --max-redirs 2 ${U}/loop`, "= 47\ncurl: (47) Maximum (2) redirects followed\n"],
    [
      `curl -sSL '${U}/to?l=file:///etc/passwd'`,
      '= 1\ncurl: (1) Protocol "file" not supported or disabled in libcurl\n',
    ],
    [`curl -s -o /dev/null -w '%{num_redirects} %{url_effective}\\n' -L '${U}/to?l=/#a'`, `1 ${U}/#a\n= 0\n`],
  ],
  output: [
    [`curl -si ${U}/`, "HTTP/1.1 200 OK\nConnection: close\nContent-Length: 6\n\nhello\n= 0\n"],
    [`curl -sI ${U}/status?c=404`, "HTTP/1.1 404 Not Found\nConnection: close\n\n= 0\n"],
    [
      `curl -sv ${U}/ 2>&1 | grep '^[<>]'`,
      `> GET / HTTP/1.1\n> Host: 127.0.0.1:8080\n> User-Agent: curl/8.5.0\n> Accept: */*\n> \n< HTTP/1.1 200 OK\n< Connection: close\n< Content-Length: 6\n< \n= 0\n`,
    ],
    [`curl -s -o one ${U}/ -o two ${U}/echo && cat one two`, "hello\nGET /echo\n= 0\n"],
    [`curl -sO ${U}/status?c=200 && cat status`, "body of 200\n= 0\n"],
    [`curl -s --create-dirs -o new/dir/x ${U}/ && cat new/dir/x`, "hello\n= 0\n"],
    [
      `curl -s -D heads -o body ${U}/cookies && cat heads body`,
      "HTTP/1.1 200 OK\nConnection: close\nSet-Cookie: a=1\nSet-Cookie: b=2\nContent-Length: 8\n\ncookies\n= 0\n",
    ],
    [`curl -s --compressed ${U}/gzip`, "zipped\n= 0\n"],
    [`curl -s ${U}/gzip | gunzip`, "zipped\n= 0\n"],
    [
      `curl -s -o /dev/null -w '%{http_code} %{method} %{size_download} %{scheme} %{http_version} %{remote_port}%% %{nope}\\n' ${U}/`,
      "200 GET 6 HTTP 1.1 8080% \n= 0\ncurl: unknown --write-out variable: 'nope'\n",
    ],
    [`curl -s -w '%{json}' -o /dev/null ${U}/ | jq '.http_code, .time_total < 60'`, "200\ntrue\n= 0\n"],
    [`curl -s ${U}/ | head -c 2`, "he= 0\n"],
  ],
  failures: [
    [`curl -f ${U}/status?c=404`, "= 22\ncurl: (22) The requested URL returned error: 404\n"],
    [`curl -sf ${U}/status?c=500`, "= 22\n"],
    [
      `curl -sS --fail-with-body ${U}/status?c=500`,
      "body of 500\n= 22\ncurl: (22) The requested URL returned error: 500\n",
    ],
    [`curl -s -w '%{http_code} %{exitcode}\\n' http://127.0.0.1:1/`, "000 7\n= 7\n"],
    [
      "curl -sS http://127.0.0.1:1/",
      "= 7\ncurl: (7) Failed to connect to 127.0.0.1 port 1 after N ms: Couldn't connect to server\n",
    ],
    [
      `curl -sS -m 0.3 ${U}/never`,
      "= 28\ncurl: (28) Operation timed out after N milliseconds with 0 bytes received\n",
    ],
    [`curl -sS ${U}/short`, "short\n= 18\ncurl: (18) transfer closed with 94 bytes remaining to read\n"],
    [`curl -sS ${U}/nothing`, "= 52\ncurl: (52) Empty reply from server\n"],
    [`curl -sS ${U}/garbage`, "= 1\ncurl: (1) Received HTTP/0.9 when not allowed\n"],
    ["curl -sS ftp://127.0.0.1/", '= 1\ncurl: (1) Protocol "ftp" not supported or disabled in libcurl\n'],
    ["curl -sS 'http://a b/'", "= 3\ncurl: (3) URL using bad/illegal format or missing URL\n"],
    [
      `curl -o none/x ${U}/`,
      "= 23\nWarning: Failed to open the file none/x: No such file or directory\ncurl: (23) Failure writing output to destination\n",
    ],
    [`curl -s ${U}/ > /dev/full`, "= 23\n"],
    [`curl -d @none ${U}/`, "= 26\ncurl: Failed to open none\n"],
    [
      `curl --retry 2 ${U}/flaky`,
      "attempt 1\nattempt 2\nattempt 3\n= 0\nWarning: Problem: HTTP error. Will retry in 0 seconds. 2 retries left.\nWarning: Problem: HTTP error. Will retry in 0 seconds. 1 retry left.\n",
    ],
    [
      "curl",
      "= 2\ncurl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    ],
    [
      "curl --nope",
      "= 2\ncurl: option --nope: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    ],
    [
      `curl -m x ${U}`,
      "= 2\ncurl: option -m: expected a proper numerical parameter\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    ],
    [
      `curl -sx proxy ${U}`,
      "= 2\ncurl: option -x: the installed libcurl version doesn't support this\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    ],
  ],
  TLS: [
    ["curl -sk https://127.0.0.1:8443/", "hello\n= 0\n"],
    ["curl -s --cacert cert.pem https://localhost:8443/", "hello\n= 0\n"],
    [
      "curl -sS https://127.0.0.1:8443/ 2>&1 | head -n 1",
      "curl: (60) SSL certificate problem: self-signed certificate\n= 0\n",
    ],
    ["curl -s https://127.0.0.1:8443/", "= 60\n"],
    [
      "curl -sS https://127.0.0.1:8080/",
      "= 35\ncurl: (35) TLS connect error: error:0A00010B:SSL routines::wrong version number\n",
    ],
  ],
  "the guest's network": [
    [
      "curl -sS http://name.invalid/",
      "= 6\ncurl: (6) Could not resolve host: name.invalid (denied by permissions.network)\n",
    ],
    [
      "curl -sS http://192.0.2.1/",
      "= 7\ncurl: (7) Failed to connect to 192.0.2.1 port 80 after N ms: Couldn't connect to server (192.0.2.1 is a reserved address, which only a rule that names it allows)\n",
    ],
  ],
};

for (const [name, cases] of Object.entries(lines))
  describe(`curl, ${name}`, () => {
    it.each(cases)("%s", async (line, said) => {
      expect(await sh(line)).toBe(said);
    });
  });

it("reaches a server of the host where the host lets it", async () => {
  const host = createServer((request, response) => response.end(`host ${request.url}`)).listen(
    0,
    "127.0.0.1",
  );
  await new Promise((resolve) => host.once("listening", resolve));
  const { port } = host.address() as AddressInfo;
  try {
    await using open = await NodeRuntime.create({ loopbackExemptPorts: [port] });
    const { stdout } = await open.command("curl", ["-s", `http://127.0.0.1:${port}/x`]);
    expect(stdout).toBe("host /x");
    const denied = await rt.command("curl", ["-sS", `http://127.0.0.1:${port}/x`]);
    expect(denied.exitCode).toBe(7);
  } finally {
    host.close();
  }
});
