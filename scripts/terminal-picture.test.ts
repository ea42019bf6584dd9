import { expect, test } from "vitest";
import { terminalPicture } from "./terminal-picture.mjs";

test("a screen keeps its colours and columns", () => {
  const screen = "$ a <b> && c\n\n  \x1b[32m✓\x1b[39m done \x1b[2m1.2s\x1b[0m  \n\n";
  expect(terminalPicture([screen, "$ d"], { columns: 20, title: "A & B" })).toMatchInlineSnapshot(`
    "<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 204 131" width="204" height="131" role="img">
    <title>A &amp; B</title>
    <rect width="100%" height="100%" rx="8" fill="#1b1f27"/>
    <g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#d5d9e0">
    <text x="18" y="32.3" textLength="100.8" xml:space="preserve">$ a &lt;b&gt; &amp;&amp; c</text>
    <text x="34.8" y="70.3" textLength="8.4" fill="#8fd19e" xml:space="preserve">✓</text><text x="43.2" y="70.3" textLength="42" xml:space="preserve"> done</text><text x="93.6" y="70.3" textLength="33.6" opacity="0.65" xml:space="preserve">1.2s</text>
    <path d="M0 84.5H204" stroke="#4b5263" stroke-dasharray="3 5"/>
    <text x="18" y="108.3" textLength="25.2" xml:space="preserve">$ d</text>
    </g>
    </svg>
    "
  `);
});
