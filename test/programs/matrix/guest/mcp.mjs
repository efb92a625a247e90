// needs: @modelcontextprotocol/sdk, zod
import { writeFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

writeFileSync(
  "server.mjs",
  `import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
   import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
   import { z } from "zod";
   const server = new McpServer({ name: "numbers", version: "1.0.0" });
   server.registerTool("add", { description: "Adds", inputSchema: { a: z.number(), b: z.number() } },
     async ({ a, b }) => ({ content: [{ type: "text", text: String(a + b) }] }));
   server.registerResource("pi", "number://pi", { mimeType: "text/plain" },
     async (uri) => ({ contents: [{ uri: uri.href, text: "3.14" }] }));
   server.registerPrompt("ask", { argsSchema: { what: z.string() } },
     ({ what }) => ({ messages: [{ role: "user", content: { type: "text", text: "What is " + what } }] }));
   await server.connect(new StdioServerTransport());`,
);
const client = new Client({ name: "client", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command: "node", args: ["server.mjs"] }));
console.log(client.getServerVersion(), client.getServerCapabilities());
console.log(JSON.stringify(await client.listTools()));
console.log(await client.callTool({ name: "add", arguments: { a: 40, b: 2 } }));
console.log(await client.callTool({ name: "add", arguments: { a: "x" } }));
console.log(await client.readResource({ uri: "number://pi" }));
console.log(JSON.stringify(await client.getPrompt({ name: "ask", arguments: { what: "pi" } })));
console.log(await client.readResource({ uri: "number://e" }).catch((error) => error.message));
await client.close();
