// needs: ai, zod
import { generateText, Output, stepCountIs, streamText, tool } from "ai";
import { MockLanguageModelV3, simulateReadableStream } from "ai/test";
import { z } from "zod";

const usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 5, text: 5, reasoning: 0 },
};
const finish = (reason) => ({ unified: reason, raw: reason });
const answers = [
  {
    content: [{ type: "tool-call", toolCallId: "1", toolName: "weather", input: '{"city":"Oslo"}' }],
    finishReason: finish("tool-calls"),
  },
  { content: [{ type: "text", text: "It snows in Oslo." }], finishReason: finish("stop") },
];
const result = await generateText({
  model: new MockLanguageModelV3({ doGenerate: async () => ({ ...answers.shift(), usage, warnings: [] }) }),
  prompt: "How is it in Oslo?",
  stopWhen: stepCountIs(3),
  tools: {
    weather: tool({
      description: "The weather of a city",
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => ({ city, snow: true }),
    }),
  },
});
console.log(result.text, result.steps.length, result.steps[0].toolResults);

const stream = streamText({
  model: new MockLanguageModelV3({
    doStream: async () => ({
      stream: simulateReadableStream({
        chunks: [
          { type: "text-start", id: "t" },
          { type: "text-delta", id: "t", delta: '{"n":' },
          { type: "text-delta", id: "t", delta: "42}" },
          { type: "text-end", id: "t" },
          { type: "finish", finishReason: finish("stop"), usage },
        ],
      }),
    }),
  }),
  output: Output.object({ schema: z.object({ n: z.number() }) }),
  prompt: "A number",
});
for await (const text of stream.textStream) console.log(text);
console.log(await stream.output);
