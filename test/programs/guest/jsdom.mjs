// needs: jsdom
import { writeFileSync } from "node:fs";
import { JSDOM, VirtualConsole } from "jsdom";

const virtualConsole = new VirtualConsole();
virtualConsole.on("log", (...args) => console.log("page:", ...args));
virtualConsole.on("jsdomError", (error) => console.log("error:", error.type, error.message));
const html = `<!doctype html><title>Page</title><ul id=list><li class="a b">one<li>two</ul><form><input name=q value="1 2"><select name=s><option selected>x</select></form>
<style>li { color: red } .a { color: blue }</style>
<script>
  console.log(document.title, navigator.userAgent.includes("jsdom"));
  const list = document.querySelector("#list");
  list.append(Object.assign(document.createElement("li"), { textContent: "<three>" }));
  new MutationObserver((records) => console.log("mutated", records.length)).observe(list, { childList: true });
  list.addEventListener("click", (event) => { console.log("clicked", event.target.textContent, event.eventPhase); list.firstChild.remove(); });
  customElements.define("x-hello", class extends HTMLElement { connectedCallback() { this.attachShadow({ mode: "open" }).innerHTML = "<b>hello</b>"; } });
  document.body.insertAdjacentHTML("beforeend", "<x-hello></x-hello>");
  setTimeout(() => console.log("later", localStorage.getItem("k")), 5);
  localStorage.setItem("k", "v");
  undefinedFunction();
</script>`;
const dom = new JSDOM(html, {
  runScripts: "dangerously",
  url: "https://page.test/a?b#c",
  virtualConsole,
  pretendToBeVisual: true,
});
const { window } = dom;
const { document } = window;
document.querySelector("li:nth-child(2)").click();
await new Promise((resolve) => setTimeout(resolve, 30));
console.log(dom.serialize());
console.log(window.getComputedStyle(document.querySelector("li")).color, [
  ...new window.FormData(document.forms[0]),
]);
console.log(
  [...document.querySelectorAll("li:not(.a)")].map((li) => li.textContent),
  window.location.href,
  document.cookie,
);
console.log(
  new window.DOMParser().parseFromString("<a><b c='d'/></a>", "text/xml").documentElement.outerHTML,
);
console.log(
  new window.XMLSerializer().serializeToString(
    document.createElementNS("http://www.w3.org/2000/svg", "path"),
  ),
);
console.log(window.eval("1 + 1"), window.Array === Array, dom.window.document.body.children.length);
writeFileSync("page.html", "<p>from a file<script src='nowhere.js'></script>");
console.log((await JSDOM.fromFile("page.html")).window.document.querySelector("p").textContent);
console.log(JSDOM.fragment("<i>1</i><i>2</i>").childNodes.length);
window.close();
