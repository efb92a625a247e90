// needs: svelte, vue, @vue/server-renderer, react, react-dom
import { writeFileSync } from "node:fs";
import { renderToString as vueToString } from "@vue/server-renderer";
import { createElement, Suspense, use, useId, useState } from "react";
import {
  renderToPipeableStream,
  renderToReadableStream,
  renderToStaticMarkup,
  renderToString,
} from "react-dom/server";
import { compile } from "svelte/compiler";
import { render } from "svelte/server";
import { computed, createSSRApp, defineComponent, h, ref } from "vue";

const { js, css, warnings } = compile(
  "<script>let { name } = $props(); let n = $state(0);</script><h1 class=a onclick={() => n++}>Hello {name}! {n}</h1>{#each [1, 2] as x}<i>{x}</i>{/each}<style>.a { color: red } .b { x: y }</style>",
  { generate: "server", filename: "A.svelte" },
);
console.log(
  js.code,
  css.code,
  warnings.map((w) => w.code),
);
writeFileSync("A.svelte.js", js.code);
console.log(render((await import(`${process.cwd()}/A.svelte.js`)).default, { props: { name: "you" } }).body);
const app = createSSRApp(
  defineComponent({
    props: ["start"],
    setup: (props) => {
      const n = ref(props.start);
      const twice = computed(() => n.value * 2);
      return () =>
        h("p", { class: ["a", { b: true }], style: { color: "red" } }, [`n ${twice.value}`, h("b", "<")]);
    },
  }),
  { start: 21 },
);
console.log(await vueToString(app));
console.log(
  await vueToString(
    createSSRApp({
      template: "<ul><li v-for='x in xs' :key='x'>{{ x }}</li></ul>",
      data: () => ({ xs: [1, 2] }),
    }),
  ),
);
const e = createElement;
const slow = new Promise((resolve) => setTimeout(resolve, 10, "slow data"));
const Slow = () => e("i", null, use(slow));
const App = () => {
  const [n] = useState(1);
  return e(
    "div",
    { className: "a", "data-n": n, id: useId(), style: { fontSize: 3 } },
    "text & ",
    n,
    e(Suspense, { fallback: e("u", null, "wait") }, e(Slow)),
  );
};
console.log(renderToStaticMarkup(e("p", { title: "<" }, "x")), renderToString(e(App)));
const { PassThrough } = await import("node:stream");
console.log(
  await new Promise((resolve, reject) => {
    let text = "";
    const sink = new PassThrough();
    sink
      .on("data", (d) => {
        text += d;
      })
      .on("end", () => resolve(text));
    const { pipe } = renderToPipeableStream(e(App), { onShellReady: () => pipe(sink), onError: reject });
  }),
);
console.log(await new Response(await renderToReadableStream(e(App))).text());
